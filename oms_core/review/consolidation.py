"""Several orders of one buyer to one address leave one place in one parcel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.fulfilment.commands import NewParcel, ship_together
from oms_core.fulfilment.queries import SHIPPABLE, UNFINISHED_WORK
from oms_core.fulfilment.tables import FulfillmentOrder
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.kernel.rows import core, table_of
from oms_core.locations.tables import Location
from oms_core.orders.tables import Order

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

_WORK, _ORDER, _LOCATION = table_of(FulfillmentOrder), table_of(Order), table_of(Location)
#: What has to be equal for two orders to share a parcel, besides the buyer and the place.
_ADDRESS = ("ship_name", "ship_line1", "ship_city", "ship_postal_code", "ship_country")


def consolidate(
    session: Session,
    fulfillment_order_ids: Sequence[int],
    *,
    carrier: str,
    tracking_number: str | None = None,
    cost_minor: int = 0,
    service: str = "",
    promised_at: datetime | None = None,
    zone: str,
    actor: str = "system",
) -> list[int]:
    """Ship the open units of several orders of one buyer as one parcel.

    The first fulfilment order's shipment is the parcel: it has the label and the carrier's cost. The
    others ride in it and follow its tracking.

    Parameters
    ----------
    cost_minor : int
        What the carrier charges for the parcel, minor units of the first order's currency.

    Returns
    -------
    list of int
        Ids of the shipments, the parcel first.

    Raises
    ------
    Refused
        If they are not of one buyer, one address and one place (``consolidation.apart``, naming what
        differs), or one is on hold or scheduled.
    InvalidInput
        If fewer than two orders are named.
    """
    ids = list(dict.fromkeys(fulfillment_order_ids))
    _check_together(ids, {row.id: row for row in core(session).execute(_heads(ids))})
    first = NewParcel(
        fulfillment_order_id=ids[0], carrier=carrier, tracking_number=tracking_number, cost_minor=cost_minor,
        service=service, promised_at=promised_at,
    )  # fmt: skip
    others = [
        NewParcel(fulfillment_order_id=key, carrier=carrier, service=service, promised_at=promised_at)
        for key in ids[1:]
    ]
    return ship_together(session, [first, *others], zone=zone, actor=actor)


def candidates(session: Session, *, limit: int = 100) -> list[dict[str, Any]]:
    """Return groups of open work that could leave together: buyer, place, numbers; largest first."""
    same = (_ORDER.c.customer_id, _WORK.c.location_id, *(_ORDER.c[name] for name in _ADDRESS))
    groups = (
        sa.select(*same, sa.func.count(sa.distinct(_ORDER.c.id)).label("orders"))
        .join(_ORDER, _ORDER.c.id == _WORK.c.order_id)
        .where(UNFINISHED_WORK, _WORK.c.state.in_(SHIPPABLE), _ORDER.c.customer_id.is_not(None))
        .group_by(*same)
        .having(sa.func.count(sa.distinct(_ORDER.c.id)) > 1)
        .order_by(sa.text("orders DESC"), _ORDER.c.customer_id)
        .limit(limit)
        .subquery()
    )
    alike = sa.and_(
        groups.c.customer_id == _ORDER.c.customer_id, *(groups.c[name] == _ORDER.c[name] for name in _ADDRESS)
    )
    rows = core(session).execute(
        sa.select(_WORK.c.id, _WORK.c.number, _ORDER.c.number.label("order_number"), _LOCATION.c.code, *groups.c)
        .join(_ORDER, _ORDER.c.id == _WORK.c.order_id)
        .join(groups, sa.and_(alike, groups.c.location_id == _WORK.c.location_id))
        .join(_LOCATION, _LOCATION.c.id == _WORK.c.location_id)
        .where(UNFINISHED_WORK, _WORK.c.state.in_(SHIPPABLE))
        .order_by(groups.c.orders.desc(), groups.c.customer_id, _WORK.c.id)
    )
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        key = (row.customer_id, row.code, *(getattr(row, name) for name in _ADDRESS))
        group = found.setdefault(
            key,
            {"customer_id": row.customer_id, "location": row.code, "city": row.ship_city, "orders": [], "work": []},
        )
        group["orders"].append(row.order_number)
        group["work"].append(row.id)
    return list(found.values())


def companions_of(session: Session, order_id: int) -> list[dict[str, Any]]:
    """Return open work of the buyer's other orders that could ride in a parcel of this order.

    Returns
    -------
    list of dict
        ``own`` (fulfilment order of this order), ``id, number`` of the other's and its ``order``.
    """
    own, mine = _WORK.alias("own"), _ORDER.alias("mine")
    alike = [mine.c[name] == _ORDER.c[name] for name in ("customer_id", *_ADDRESS)]
    statement = (
        sa.select(own.c.id.label("own"), _WORK.c.id, _WORK.c.number, _ORDER.c.number.label("order"))
        .select_from(own)
        .join(mine, mine.c.id == own.c.order_id)
        .join(_ORDER, sa.and_(_ORDER.c.id != mine.c.id, *alike))
        .join(_WORK, sa.and_(_WORK.c.order_id == _ORDER.c.id, _WORK.c.location_id == own.c.location_id))
        .where(own.c.order_id == order_id, own.c.state.in_(SHIPPABLE))
        .where(UNFINISHED_WORK, _WORK.c.state.in_(SHIPPABLE))
        .order_by(own.c.id, _WORK.c.id)
    )
    return [dict(row) for row in core(session).execute(statement).mappings()]


def _heads(ids: Sequence[int]) -> sa.Select[Any]:
    columns = (_ORDER.c[name] for name in ("customer_id", "email", *_ADDRESS))
    return (
        sa.select(_WORK.c.id, _WORK.c.number, _WORK.c.order_id, _WORK.c.location_id, *columns)
        .join(_ORDER, _ORDER.c.id == _WORK.c.order_id)
        .where(_WORK.c.id.in_(ids))
    )


def _check_together(ids: Sequence[int], rows: dict[int, Any]) -> None:
    for key in ids:
        if key not in rows:
            raise NotFound("fulfilment order", key)
    if len({rows[key].order_id for key in ids}) < 2:
        raise InvalidInput("fulfillment_order_ids", list(ids), "work of at least two orders")
    first = rows[ids[0]]
    differ = {
        "place": [r.number for r in rows.values() if r.location_id != first.location_id],
        "buyer": [r.number for r in rows.values() if r.customer_id is None or r.customer_id != first.customer_id],
        "address": [r.number for r in rows.values() if any(_said(r, name) != _said(first, name) for name in _ADDRESS)],
    }
    apart = [f"another {what} ({', '.join(sorted(numbers))})" for what, numbers in differ.items() if numbers]
    if apart:
        raise Refused(
            "consolidation.apart",
            f"These cannot leave in one parcel with {first.number}: {'; '.join(apart)}.",
            "Only orders of one buyer to one address from one place can.",
        )


def _said(row: Any, name: str) -> str:
    return str(getattr(row, name)).strip().casefold()
