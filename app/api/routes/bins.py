"""Bins: what lies where within a location, what pick bins should hold, moves and counts of bins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Query

from app.api.asking import Asking
from app.api.forms import Code
from app.api.models import bins as m
from app.api.naming import place
from app.api.operations import Operations
from oms_core.inventory import bin_moving, bin_retiring, bins
from oms_core.inventory.bin_queries import bin_contents, bins_of
from oms_core.inventory.queries import location_of, variant_of

if TYPE_CHECKING:
    from oms_core.inventory.bin_tables import Bin

operations = Operations("stock", tag="bins")
Where = Annotated[Code, Query(description="Code of a location.")]
CONTENTS: dict[str, Any] = {"answers": m.Contents, "example": {"items": [m.HELD]}}


@operations.read("/bins", answers=m.Bins, example={"location": "LDS", "items": [m.BIN]})
def list_(asking: Asking, location: Where) -> dict[str, Any]:
    """List the bins of a location with the units in each."""
    return {"location": location, "items": bins_of(asking.session, location_of(asking.session, location).id)}


@operations.read("/bin-contents", **CONTENTS)
def contents(
    asking: Asking,
    location: Annotated[Code | None, Query(description="Code of a location.")] = None,
    sku: Annotated[Code | None, Query(description="SKU of the variant.")] = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 500,
) -> dict[str, Any]:
    """Show what lies in bins, and what pick bins should hold."""
    session = asking.session
    variant = variant_of(session, sku).id if sku else None
    return {"items": bin_contents(session, location_id=place(session, location), variant_id=variant, limit=limit)}


@operations.write("/bins", status=201, answers=m.Bins, example={"location": "LDS", "items": [m.BIN]})
def define(asking: Asking, body: m.NewBin) -> dict[str, Any]:
    """Name a bin, or change its kind and rank."""
    where = location_of(asking.session, body.location).id
    bins.define(
        asking.session, location_id=where, code=body.code, kind=body.kind, position=body.position, actor=asking.actor
    )
    return {"location": body.location, "items": bins_of(asking.session, where)}


@operations.write("/bins/retire", answers=m.Bins, example={"location": "LDS", "items": [m.BIN]})
def retire(asking: Asking, body: m.OneBin) -> dict[str, Any]:
    """Take an empty bin away; its history stays, and naming its code again brings it back."""
    found = _bin(asking, body.location, body.bin)
    bin_retiring.retire(asking.session, found.id, actor=asking.actor)
    return {"location": body.location, "items": bins_of(asking.session, found.location_id)}


@operations.write("/bin-rules", method="PUT", **CONTENTS)
def set_rule(asking: Asking, body: m.Rule) -> dict[str, Any]:
    """Say how many units of a SKU a pick bin should hold."""
    found, variant = _bin(asking, body.location, body.bin), variant_of(asking.session, body.sku).id
    bins.set_rule(
        asking.session, bin_id=found.id, variant_id=variant, minimum=body.minimum, maximum=body.maximum,
        increment=body.increment, actor=asking.actor,
    )  # fmt: skip
    return _contents(asking, found)


@operations.write("/bin-rules/drop", **CONTENTS)
def drop_rule(asking: Asking, body: m.InBin) -> dict[str, Any]:
    """Stop filling a bin up with a SKU."""
    found, variant = _bin(asking, body.location, body.bin), variant_of(asking.session, body.sku).id
    bins.drop_rule(asking.session, bin_id=found.id, variant_id=variant, actor=asking.actor)
    return _contents(asking, found)


@operations.write("/bin-moves", **CONTENTS)
def move(asking: Asking, body: m.BinMove) -> dict[str, Any]:
    """Carry units to another bin of the location; out of the default bin it puts away what came."""
    session, into = asking.session, _bin(asking, body.location, body.to)
    variant = variant_of(session, body.sku).id
    bins.begin(session, variant_id=variant, location_id=into.location_id, actor=asking.actor)
    bin_moving.move(
        session, variant_id=variant, from_bin_id=_bin(asking, body.location, body.origin).id, to_bin_id=into.id,
        quantity=body.quantity, lot=body.lot, reason=body.reason, actor=asking.actor,
    )  # fmt: skip
    return _contents(asking, into)


@operations.write("/bin-counts", **CONTENTS)
def count(asking: Asking, body: m.BinCount) -> dict[str, Any]:
    """Correct a bin to what was counted in it."""
    found, variant = _bin(asking, body.location, body.bin), variant_of(asking.session, body.sku).id
    bin_moving.count(
        asking.session, bin_id=found.id, variant_id=variant, counted=body.counted, reason=body.reason, lot=body.lot,
        zone=asking.zone, actor=asking.actor,
    )  # fmt: skip
    return _contents(asking, found)


def _bin(asking: Asking, location: str, code: str) -> Bin:
    return bins.bin_named(asking.session, location_of(asking.session, location).id, code)


def _contents(asking: Asking, found: Bin) -> dict[str, Any]:
    return {"items": bin_contents(asking.session, bin_id=found.id)}
