"""What to buy and why: suggestions, the service each class is to have, overrides of the forecast and its record."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import Field

from app.api.asking import Asking
from app.api.forms import Code, Day, Form, Instant, Key, Record, Text
from app.api.models.flows import examples
from app.api.operations import Operations
from oms_core.catalog.tables import Variant
from oms_core.inventory.queries import variant_of
from oms_core.planning import overrides, record
from oms_core.planning.service import services, set_service
from oms_core.planning.trial_tables import ForecastOverride

operations = Operations("planning", tag="buying plan")
SUGGESTION: dict[str, Any] = {
    "sku": "22114", "title": "Mug", "supplier": "Acme", "urgency": "today", "quantity": 48, "unit_cost": "2.30",
    "value": "110.40", "currency": "GBP", "available": 12, "inbound": 0, "last_order_on": "2026-05-01",
    "reason": "Sells out on 9 May", "transfers": [], "deliver": [],
}  # fmt: skip
TARGET: dict[str, Any] = {"group": "AX", "measure": "fill", "target": 0.98}
OVERRIDE: dict[str, Any] = {
    "id": 3, "sku": "22114", "from_on": "2026-05-04", "until_on": "2026-05-10", "units": 120.0, "model_units": 80.0,
    "reason": "fair in town", "author": "anna", "made_at": "2026-05-01T10:00:00Z", "withdrawn_at": None,
    "actual_units": None,
}  # fmt: skip
SCORE: dict[str, Any] = {
    "run": 4, "cutoff_on": "2026-04-01", "days": 7, "series": 900, "units": 4100.0, "wape": 0.41, "wape_naive": 0.62,
    "wape_seasonal_naive": 0.55, "bias": 0.02, "inside_80": 0.81, "replayed": False,
}  # fmt: skip
WORTH: dict[str, Any] = {"judged": 12, "better": 8, "units_saved": 340.0}
_OVERRIDE = (
    "id", "from_on", "until_on", "units", "model_units", "reason", "author", "made_at", "withdrawn_at", "actual_units",
)  # fmt: skip
Group = Annotated[str, Path(pattern="^[ABC][XYZ]$", description="Class by value and evenness, such as AX.")]


class Suggestion(Record):
    """A line of the plan with its receipt: every fact the quantity was worked out from."""

    sku: str
    supplier: str
    urgency: str
    quantity: int
    currency: str
    reason: str


class Target(Record):
    """Service a class of goods is to have."""

    group: str
    measure: str
    target: float


class NewTarget(Form):
    """A chance that nothing runs out (cycle), or a share of units met from stock (fill)."""

    model_config = examples(measure="fill", target=0.98)

    measure: Literal["cycle", "fill"]
    target: float = Field(gt=0, lt=1)


class Override(Record):
    """What somebody says will sell instead of the model, and what came of it."""

    id: int
    sku: str
    from_on: Day
    until_on: Day
    units: float
    model_units: float
    reason: str
    author: str
    made_at: Instant


class NewOverride(Form):
    """Units of all these days together, both ends included, and why."""

    model_config = examples(sku="22114", from_on="2026-05-04", until_on="2026-05-10", units=120, reason="fair in town")

    sku: Code
    from_on: Day
    until_on: Day
    units: float = Field(ge=0, le=10**9)
    reason: Text


class Scores(Record):
    """What forecasts and overrides were worth once their days were over."""

    runs: list[dict[str, Any]]
    overrides: dict[str, Any]


@operations.read("/suggestions", answers=dict[str, list[Suggestion]], example={"items": [SUGGESTION]}, sessionless=True)
def suggestions(
    asking: Asking, supplier: Annotated[Code | None, Query(description="Name of the only supplier wanted.")] = None
) -> dict[str, Any]:
    """Suggest what to order now, most urgent first; each line says how its quantity came about."""
    from app.jobs.replenishment import plan
    from app.jobs.transferring import told_with_moves

    asking.doors.replica()
    workspace = asking.doors.workspace
    return {"items": told_with_moves(workspace, plan(workspace, supplier=supplier))}


@operations.read("/service-targets", answers=dict[str, list[Target]], example={"items": [TARGET]})
def targets(asking: Asking) -> dict[str, Any]:
    """List the service every class of goods is to have."""
    known = services(asking.session)
    return {
        "items": [{"group": abc + xyz, "measure": m, "target": target} for (abc, xyz), (m, target) in known.items()]
    }


@operations.write("/service-targets/{group}", method="PUT", answers=Target, example=TARGET)
def set_target(asking: Asking, group: Group, body: NewTarget) -> dict[str, Any]:
    """Say what service a class is to have; suggestions go by it at once."""
    made = set_service(
        asking.session, abc=group[0], xyz=group[1], measure=body.measure, target=body.target, actor=asking.actor
    )
    return {"group": made.abc + made.xyz, "measure": made.measure, "target": made.target}


@operations.read("/forecast-overrides", answers=dict[str, list[Override]], example={"items": [OVERRIDE]})
def list_overrides(
    asking: Asking, sku: Annotated[Code | None, Query(description="Only of this SKU.")] = None
) -> dict[str, Any]:
    """List overrides, newest first, withdrawn and judged ones among them."""
    wanted = None if sku is None else [variant_of(asking.session, sku).id]
    found = overrides.overrides(asking.session, variant_ids=wanted)[:500]
    return {"items": [_override(asking, made) for made in found]}


@operations.write("/forecast-overrides", status=201, answers=Override, example=OVERRIDE)
def override(asking: Asking, body: NewOverride) -> dict[str, Any]:
    """Say what a SKU will sell on coming days; suggestions go by it, and it is judged when they are over."""
    made = overrides.override(
        asking.session, variant_id=variant_of(asking.session, body.sku).id, from_on=body.from_on,
        until_on=body.until_on, units=body.units, reason=body.reason, author=asking.actor,
    )  # fmt: skip
    return _override(asking, made)


@operations.write("/forecast-overrides/{key}/withdraw", answers=Override, example=OVERRIDE)
def withdraw(asking: Asking, key: Annotated[Key, Path(description="Id of an override.")]) -> dict[str, Any]:
    """Take an override back; the model speaks again."""
    return _override(asking, overrides.withdraw(asking.session, key, actor=asking.actor))


@operations.read("/forecast-scores", answers=Scores, example={"runs": [SCORE], "overrides": WORTH})
def scores(
    asking: Asking,
    days: Annotated[Literal[7, 28], Query(description="First days whose totals were judged.")] = 7,
    sku: Annotated[Code | None, Query(description="Only of this SKU.")] = None,
) -> dict[str, Any]:
    """Show what stored forecasts were worth once their days were over, beside naive ones, and what overrides were."""
    if sku is not None:
        sku = variant_of(asking.session, sku).sku
    return {
        "runs": record.of_runs(asking.session, days=days, sku=sku),
        "overrides": record.of_overrides(asking.session, sku=sku),
    }


def _override(asking: Asking, made: ForecastOverride) -> dict[str, Any]:
    sku = asking.session.get_one(Variant, made.variant_id).sku
    return {"sku": sku} | {name: getattr(made, name) for name in _OVERRIDE}
