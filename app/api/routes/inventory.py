"""Stock: levels of every state per location, why they are so, corrections, what channels may take."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Query

from app.api.asking import Asking
from app.api.forms import Code, Instant, Number
from app.api.models import stock as m
from app.api.naming import channel, place, variants, with_codes
from app.api.operations import Operations
from oms_core.inventory import channels, commands
from oms_core.inventory.history import stock_as_of, why
from oms_core.inventory.lots import lots_of, start_tracking
from oms_core.inventory.moving import change_state
from oms_core.inventory.queries import levels_of, location_of, variant_of
from oms_core.inventory.tables import ON_HAND_STATES
from oms_core.purchasing.queries import incoming

if TYPE_CHECKING:
    from oms_core.catalog.tables import Variant

operations = Operations("stock", tag="inventory")
Sku = Annotated[Code, Query(description="SKU of the variant.")]
SomeSkus = Annotated[list[Code], Query(min_length=1, max_length=200, description="Give it again for more SKUs.")]
Where = Annotated[Code | None, Query(description="Code of a location.")]


@operations.read("/inventory", answers=m.Stock, example=m.STOCK)
def show(asking: Asking, sku: Sku) -> dict[str, Any]:
    """Show every state of a SKU, all together and per location."""
    return _stock(asking, sku)


def _stock(asking: Asking, sku: str) -> dict[str, Any]:
    variant = variant_of(asking.session, sku)
    places = levels_of(asking.session, variant.id)
    sums = {state: sum(row[state] for row in places) for state in ("on_hand", *ON_HAND_STATES)}
    to_come = sum(row["quantity"] for row in incoming(asking.session, [variant.id]))
    return {"sku": variant.sku, "title": variant.title, **sums, "incoming": to_come, "locations": places}


@operations.read("/inventory/why", answers=m.Why, example=m.WHY)
def explain(
    asking: Asking, sku: Sku, location: Where = None, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> dict[str, Any]:
    """Tell why on hand is what it is: the newest movements, each a sentence, with the running balance."""
    variant = variant_of(asking.session, sku)
    rows = levels_of(asking.session, variant.id)
    on_hand = sum(row["on_hand"] for row in rows if location in {None, row["location"]})
    told = why(asking.session, variant.id, place(asking.session, location), limit=limit)
    return {"sku": variant.sku, "location": location, "on_hand": on_hand, "movements": told}


@operations.read("/inventory/as-of", answers=m.Then, example={
    "at": "2026-05-01T00:00:00Z",
    "levels": [{"sku": "22114", **{k: v for k, v in m.PLACE.items() if k != "location_name"}}],
})  # fmt: skip
def as_of(asking: Asking, at: Instant, sku: SomeSkus, location: Where = None) -> dict[str, Any]:
    """Show the levels as they were at an instant."""
    ids = list(variants(asking.session, sku).values())
    where = place(asking.session, location)
    then: datetime = at
    levels = stock_as_of(asking.session, then, variant_ids=ids, location_ids=() if where is None else (where,))
    return {"at": then, "levels": levels}


@operations.write("/inventory/adjustments", answers=m.Stock, example=m.STOCK)
def adjust(asking: Asking, body: m.Adjustment) -> dict[str, Any]:
    """Correct a level by a counted difference, with its reason."""
    session = asking.session
    commands.adjust(
        session, variant_id=variant_of(session, body.sku).id, location_id=location_of(session, body.location).id,
        delta_qty=body.units, reason=body.reason, state=body.state, zone=asking.zone, actor=asking.actor,
    )  # fmt: skip
    session.expire_all()
    return _stock(asking, body.sku)


@operations.write("/inventory/state-changes", answers=m.Stock, example=m.STOCK)
def move_state(asking: Asking, body: m.StateChange) -> dict[str, Any]:
    """Move units of a level from one state to another; on hand stays as it is."""
    session = asking.session
    change_state(
        session, variant_id=variant_of(session, body.sku).id, location_id=location_of(session, body.location).id,
        quantity=body.quantity, from_state=body.from_state, to_state=body.to_state, reason=body.reason, lot=body.lot,
        zone=asking.zone, actor=asking.actor,
    )  # fmt: skip
    session.expire_all()
    return _stock(asking, body.sku)


@operations.read("/channels/{number}/availability", answers=m.Offers, example={"channel": "web", "items": [m.OFFER]})
def availability(asking: Asking, number: Number, sku: SomeSkus) -> dict[str, Any]:
    """Show what a channel may take of each level, its buffers and the others' protection taken off."""
    ids = list(variants(asking.session, sku).values())
    rows = channels.channel_availability(asking.session, channel(asking.session, number), ids)
    return {"channel": number, "items": with_codes(asking.session, rows)}


@operations.write(
    "/channels/{number}/stock-rules", method="PUT", answers=m.Offers, example={"channel": "web", "items": []}
)
def set_rule(asking: Asking, number: Number, body: m.ChannelRule) -> dict[str, Any]:
    """Write what is held back from a channel; the rule of the same scope is replaced."""
    session = asking.session
    variant = variant_of(session, body.sku).id if body.sku else None
    key = channel(session, number)
    channels.set_rule(
        session, channel_id=key, variant_id=variant, location_id=place(session, body.location),
        buffer_qty=body.buffer, protected_qty=body.protected, is_offered=body.is_offered, actor=asking.actor,
    )  # fmt: skip
    rows = channels.channel_availability(session, key, [variant]) if variant is not None else []
    return {"channel": number, "items": with_codes(session, rows)}


@operations.read("/inventory/lots", answers=m.Lots, example={"sku": "22114", "tracked": True, "items": [m.LOT]})
def lots(asking: Asking, sku: Sku) -> dict[str, Any]:
    """Show where each lot of a SKU lies, first to expire first."""
    return _lots(asking, variant_of(asking.session, sku))


@operations.write("/inventory/lots/track", answers=m.Lots, example={"sku": "22114", "tracked": True, "items": [m.LOT]})
def track_lots(asking: Asking, body: m.TrackLots) -> dict[str, Any]:
    """Tell the lots of a SKU apart from now on; what is there becomes the lot OPENING. It stays so."""
    found = variant_of(asking.session, body.sku)
    return _lots(asking, start_tracking(asking.session, variant_id=found.id, actor=asking.actor))


def _lots(asking: Asking, found: Variant) -> dict[str, Any]:
    return {"sku": found.sku, "tracked": found.tracks_lots, "items": lots_of(asking.session, found.id)}
