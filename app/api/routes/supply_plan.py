"""The supply plan of the next twelve months."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from app.api.asking import Asking
from app.api.forms import Record
from app.api.operations import Operations
from oms_core.kernel.money import to_decimal

operations = Operations("planning", tag="supply plan")
ROW: dict[str, Any] = {
    "month": "2026-05-01", "sales_units": 4200.5, "arriving_units": 300.0, "planned_units": 4000.0,
    "end_units": 9800.0, "otb": "15200.00", "paid_open": "2100.00", "paid_planned": "0.00", "end": "48000.00",
}  # fmt: skip
By = Annotated[str, Query(pattern="^(month|category|supplier|sku)$", description="Sum by month, or by this and month.")]


class Rows(Record):
    """The plan, and what it cannot hold: payments after its end, currencies without a rate."""

    currency: str
    rows: list[dict[str, Any]]
    without_rate: list[str]


@operations.read(
    "/supply-plan", answers=Rows, sessionless=True,
    example={"currency": "PLN", "later": "12000.00", "without_rate": [], "rows": [ROW]},
)  # fmt: skip
def plan(asking: Asking, by: By = "month") -> dict[str, Any]:
    """Return what has to be bought month by month, in units and in money: open to buy, stock, payments."""
    from app.jobs.supply_plan import supply_plan

    asking.doors.replica()
    found = supply_plan(asking.doors.workspace)
    return {
        "currency": found.currency, "later": to_decimal(found.later_minor, found.currency),
        "without_rate": list(found.without_rate), "rows": [_row(r, found.currency) for r in found.by(by).to_dicts()],
    }  # fmt: skip


def _row(row: dict[str, Any], currency: str) -> dict[str, Any]:
    return {
        name.removesuffix("_minor"): to_decimal(value, currency) if name.endswith("_minor") else value
        for name, value in row.items()
    }
