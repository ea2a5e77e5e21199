"""Customers, segments, forecasts, numbers and the journal."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import Field

from app.api.forms import Record

CUSTOMER: dict[str, Any] = {
    "id": 4711, "number": "C-004711", "kind": "consumer", "name": "Ada Byron", "email": "ada@example.com",
    "phone": None, "language": "en", "country": "GB", "region": "", "city": "Leeds", "postal_code": "LS1 4AP",
    "created_at": "2026-05-01T10:00:00Z", "erased_at": None,
}  # fmt: skip
SEGMENT: dict[str, Any] = {
    "name": "loyal", "label": "Loyal", "version": 1, "built_in": True, "expression": "orders >= 5",
    "sentence": "ordered at least 5 times",
}  # fmt: skip
SEGMENT_SHOWN: dict[str, Any] = {
    **SEGMENT, "kind": "living", "description": "", "as_of": "2026-05-01", "members": 812,
    "strategy": {"action": "Offer what goes with their last purchases.", "message": "Their basket.", "goal": "grow"},
}  # fmt: skip
MEMBER: dict[str, Any] = {
    "id": 4711, "number": "C-004711", "name": "Ada Byron", "country": "GB", "since": "2026-04-01",
    "because": ["number of orders: 4 → 5 (number of orders is at least 5)"],
}  # fmt: skip
SNAPSHOT: dict[str, Any] = {
    "id": 31, "at": "2026-05-01T02:00:00Z", "date": "2026-05-01", "version": 1, "expression": "number_of_orders >= 5",
    "members": 812, "entered": 14, "left": 3, "reachable": {"email": 640, "sms": 12, "ads": 300}, "currency": "GBP",
    "spent_12m": "48211.30",
}  # fmt: skip
COUNT: dict[str, Any] = {
    "members": 812, "reachable": 640, "reachable_by": {"email": 640, "sms": 12, "ads": 300}, "customers": 4300,
    "expression": "orders >= 5", "sentence": "ordered at least 5 times",
}  # fmt: skip
FORECAST: dict[str, Any] = {
    "run": 8, "at": "2026-05-01T02:00:00Z", "cutoff_on": "2026-04-30", "engine": "ordersight", "sku": "22114",
    "kind": "day", "days": [{"number": 1, "date": "2026-05-01", "mean": 3.2, "quantiles": {"0.5": 3.0, "0.95": 8.0}}],
}  # fmt: skip
METRIC: dict[str, Any] = {
    "slug": "revenue", "label": "Revenue", "unit": "money", "clock": "event", "definition": "Goods sold …",
    "version": "1",
    "dimensions": ["day", "channel", "country"],
}  # fmt: skip
NUMBERS: dict[str, Any] = {
    "rows": [{"month": "2026-04-01", "revenue": "48211.30", "currency": "GBP"}],
    "metrics": ["revenue"], "by": ["month"], "since": "2026-04-01", "until": "2026-05-01",
}  # fmt: skip
RESTATED: dict[str, Any] = {
    "rows": [{
        "metric": "net_sales_cohort", "order": "OS-000421", "currency": "GBP", "why": "returned",
        "at": "2026-05-03T09:12:00Z", "before": "48.00", "after": "36.00", "change": "-12.00",
    }],
    "metrics": ["net_sales_cohort"],
}  # fmt: skip
COHORTS: dict[str, Any] = {
    "rows": [{
        "cohort": "2026-03-01", "size": 812, "month": 1, "currency": "GBP", "customers": 201, "orders": 260,
        "net": "14211.30", "margin": "6020.11", "net_so_far": "60102.00", "retention": 0.2475, "is_partial": False,
    }],
}  # fmt: skip
BASKET: dict[str, Any] = {
    "rows": [{
        "sku_a": "21232", "sku_b": "21231", "both": 506, "support": 0.0274, "confidence": 0.449, "lift": 12.3,
        "p_value": 0.0, "is_significant": True,
    }],
}  # fmt: skip
READY: dict[str, Any] = {
    "rows": [{
        "sku": "37340", "title": "MULTICOLOUR SPRING FLOWER MUG", "category": "Kitchen and table",
        "supplier": "Pearl Delta Trading", "sold_out_on": "2010-11-30", "days_out": 10, "loss_day_low": "54.75",
        "loss_day_high": "544.83", "lost_low": "547.53", "lost_high": "5448.33", "waiting": 0, "incoming": 0,
        "next_due_on": None, "currency": "GBP",
    }],
}  # fmt: skip
EVENT: dict[str, Any] = {
    "id": 90211, "at": "2026-05-01T10:00:00Z", "actor": "api:web shop", "event": "order.placed", "object_type": "order",
    "object_id": 10045, "data": {"channel": "web", "external_id": "W-10045", "total": "8.50"},
}  # fmt: skip


class Customer(Record):
    """A buyer."""

    id: int
    number: str
    kind: str
    name: str
    email: str | None
    country: str
    created_at: datetime


class Segment(Record):
    """A group of customers by its definition."""

    name: str
    label: str
    version: int
    built_in: bool
    expression: str
    sentence: str


class SegmentShown(Segment):
    """A segment with its size at the newest snapshot, and what to do about it."""

    kind: str
    description: str
    as_of: date | None
    members: int | None
    strategy: dict[str, str] | None


class Member(Record):
    """Somebody in a segment by its newest snapshot, and what brought them in."""

    id: int
    number: str
    name: str
    country: str
    since: date
    because: list[str]


class Snapshot(Record):
    """One count of a segment."""

    id: int
    at: datetime
    date: date
    version: int
    expression: str
    members: int
    entered: int
    left: int
    reachable: dict[str, int]
    currency: str
    spent_12m: str


class Segments(Record):
    """Every segment."""

    items: list[Segment]


class Snapshots(Record):
    """The growth of a segment."""

    items: list[Snapshot]


class Count(Record):
    """How many customers a segment holds, and how many of them may be written to."""

    members: int
    reachable: int
    customers: int
    expression: str
    sentence: str


class Forecast(Record):
    """What the newest run said of a SKU, before the fact."""

    run: int
    at: datetime
    cutoff_on: date
    sku: str
    days: list[dict[str, Any]]


class Metric(Record):
    """A number of the registry."""

    slug: str
    label: str
    unit: str
    clock: str
    definition: str
    version: str
    dimensions: list[str]


class Metrics(Record):
    """The registry."""

    items: list[Metric]


class Numbers(Record):
    """Rows of numbers; money is decimal text with its currency beside it."""

    rows: list[dict[str, Any]]


class Restated(Record):
    """Orders that moved a report: metric, order, why, when, both amounts and the change."""

    rows: list[dict[str, Any]]
    metrics: list[str]


class Event(Record):
    """One thing that happened."""

    id: int
    at: datetime
    actor: str
    event: str
    object_type: str
    object_id: int
    data: dict[str, Any]


class Events(Record):
    """What happened after a place in the journal, oldest first."""

    items: list[Event]
    next_cursor: str = Field(description="Ask again with it: what is new comes after it.")
    has_more: bool
