"""Refund policies, reasons of returns, and the queues of the returns desk."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import Field

from app.api.forms import Amount, Form, Record, ShortText, Text
from app.api.models.flows import examples
from oms_core.returns.policy_tables import CARRIAGE_PAYERS, FAULTS, SHIPPING_REFUNDS

POLICY: dict[str, Any] = {
    "code": "web", "market": "", "channel": "web", "reason": "", "carriage_payer": "customer", "label": "9.00",
    "fee_bp": 1000, "fee": "0.00", "shipping_refund": "whole_order", "standard_delivery": None,
    "credit_bonus_bp": 500, "grade_cuts": {"c": 5000}, "days_allowed": 30, "is_active": True, "currency": "GBP",
}  # fmt: skip
REASON: dict[str, Any] = {
    "code": "too_small", "label_en": "Too small", "label_pl": "Za małe", "fault": "customer",
}  # fmt: skip
WAITING: dict[str, Any] = {
    "number": "RET-1001", "order": "OS-010045", "state": "approved", "waits_for": "goods", "reason": "too_small",
    "requested_at": "2026-05-09T10:00:00Z", "settled_by": "WD-1006", "due_on": "2026-05-23", "days_left": 14,
    "currency": "GBP", "total": "4.25",
}  # fmt: skip
WITHDRAWN: dict[str, Any] = {
    "number": "WD-1006", "order": "OS-010045", "state": "declared", "doubt": "", "email": "ada@example.com",
    "country": "GB", "declared_on": "2026-05-09", "period_ends_on": "2026-05-18", "send_back_by_on": "2026-05-26",
    "refund_due_on": "2026-05-23", "payable_on": None, "days_left": None, "waits_for": "goods", "currency": "GBP",
    "value": "4.25",
}  # fmt: skip
_SHARE = Field(default=0, ge=0, le=10_000, description="Basis points: 1000 is 10 %.")


class Policy(Form):
    """What a return by goodwill costs the customer; empty market, channel and reason are any."""

    model_config = examples(channel="web", fee_bp=1000, grade_cuts={"c": 5000}, days_allowed=30)

    market: ShortText = ""
    channel: ShortText = ""
    reason: ShortText = ""
    carriage_payer: str = Field(default="customer", pattern=f"^({'|'.join(CARRIAGE_PAYERS)})$")
    label: Amount = Field(default=Decimal(0), description="Kept back when the shop's label was used.")
    fee_bp: int = _SHARE
    fee: Amount = Field(default=Decimal(0), description="Fixed fee of each return.")
    shipping_refund: str = Field(default="never", pattern=f"^({'|'.join(SHIPPING_REFUNDS)})$")
    standard_delivery: Amount | None = Field(default=None, description="The most that goes back of the delivery.")
    credit_bonus_bp: int = _SHARE
    grade_cuts: dict[ShortText, int] = Field(default={}, max_length=10)
    days_allowed: int = Field(default=30, ge=0, le=36_500, description="Days after delivery, by goodwill.")
    is_active: bool = True


class PolicyRecord(Record):
    """A refund policy."""

    code: str
    channel: str
    currency: str
    days_allowed: int


class Policies(Record):
    """Every refund policy, by code."""

    items: list[PolicyRecord]


class Reason(Form):
    """A reason in both languages, and whose fault it is; inactive takes it out of the catalogue."""

    model_config = examples(label_en="Wrong colour", label_pl="Inny kolor", fault="shop")

    label_en: Text = Field(min_length=1)
    label_pl: Text = Field(min_length=1)
    fault: str = Field(default="customer", pattern=f"^({'|'.join(FAULTS)})$")
    is_active: bool = True


class ReasonRecord(Record):
    """A reason of the catalogue."""

    code: str
    label_en: str
    label_pl: str
    fault: str


class Reasons(Record):
    """The catalogue of reasons."""

    items: list[ReasonRecord]


class Waiting(Record):
    """A case that waits for us, with the days left of what the law wants (below zero is late)."""

    number: str
    order: str | None
    state: str
    waits_for: str
    days_left: int | None
    currency: str


class Queue(Record):
    """Cases that wait, the most urgent first."""

    items: list[Waiting]


class Returned(Record):
    """Units that came back, by reason and SKU or supplier."""

    items: list[dict[str, Any]]
