"""Low stock, told once: a shelf that falls below its point raises one notice, until it is back at the point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.inventory.low_tables import LowStockAlert, LowStockPoint
from oms_core.inventory.tables import StockLevel
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.kernel.rows import table_of
from oms_core.locations.tables import Location

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy.orm import Session

_POINT, _ALERT, _LEVEL = table_of(LowStockPoint), table_of(LowStockAlert), table_of(StockLevel)
#: Rows of one statement.
_AT_ONCE = 500


def set_point(session: Session, *, variant_id: int, location_id: int, units: int, actor: str) -> LowStockPoint:
    """Say below how many available units a shelf is low; the forecast no longer moves this point.

    Raises
    ------
    NotFound
        Unknown variant or location.
    InvalidInput
        Units below zero.
    """
    if units < 0:
        raise InvalidInput("units", units, "zero or more units were expected")
    for what, table, key in (("variant", Variant, variant_id), ("location", Location, location_id)):
        if session.get(table, key) is None:
            raise NotFound(what, key)
    found = session.scalars(_of(variant_id, location_id).with_for_update()).one_or_none()
    before = found.units if found else None
    point = found or LowStockPoint(variant_id=variant_id, location_id=location_id)
    point.units, point.source, point.set_by, point.set_at = units, "person", actor, clock.now()
    session.add(point)
    session.flush()
    journal.record(session, "low_stock.point_set", "low_stock_point", point.id, actor=actor, before=before, units=units)
    return point


def drop_point(session: Session, *, variant_id: int, location_id: int, actor: str) -> None:
    """Take a point back; its notice ends. The forecast may set one again.

    Raises
    ------
    NotFound
        The shelf has no point.
    """
    found = session.scalars(_of(variant_id, location_id).with_for_update()).one_or_none()
    if found is None:
        raise NotFound("low-stock point", f"{variant_id} at {location_id}")
    journal.record(session, "low_stock.point_dropped", "low_stock_point", found.id, actor=actor, units=found.units)
    session.delete(found)
    session.flush()
    watch(session)


def points_of_forecast(session: Session, units: Mapping[tuple[int, int], int]) -> dict[str, int]:
    """Write the reorder points of a forecast by (variant, location); a person's points stay as they are.

    Points of an earlier forecast that are not given now are taken away.

    Returns
    -------
    dict of str to int
        ``set`` and ``dropped`` points.
    """
    now = clock.now()
    rows = session.execute(sa.select(_POINT.c.id, _POINT.c.variant_id, _POINT.c.location_id, _POINT.c.source,
                                     _POINT.c.units)).all()  # fmt: skip
    known = {(row.variant_id, row.location_id): row for row in rows}
    stamp = {"source": "forecast", "set_by": "forecast", "set_at": now}
    new = [
        {"variant_id": key[0], "location_id": key[1], "units": n, **stamp}
        for key, n in units.items()
        if key not in known
    ]
    moved = [
        {"key": known[key].id, "n": n} for key, n in units.items()
        if key in known and known[key].source == "forecast" and known[key].units != n
    ]  # fmt: skip
    gone = [row.id for key, row in known.items() if row.source == "forecast" and key not in units]
    for start in range(0, len(new), _AT_ONCE):
        session.execute(sa.insert(_POINT), new[start : start + _AT_ONCE])
    if moved:
        change = sa.update(_POINT).where(_POINT.c.id == sa.bindparam("key"))
        session.connection().execute(change.values(units=sa.bindparam("n"), set_at=now), moved)
    for start in range(0, len(gone), _AT_ONCE):
        session.execute(sa.delete(_POINT).where(_POINT.c.id.in_(gone[start : start + _AT_ONCE])))
    return {"set": len(new) + len(moved), "dropped": len(gone)}


def turns_due(session: Session) -> bool:
    """Tell, without writing, whether :func:`watch` would raise or end a notice."""
    return any(session.execute(statement.limit(1)).first() for statement in (_low(), _back()))


def watch(session: Session) -> dict[str, Any]:
    """Raise a notice for every shelf that fell below its point, end those of shelves that are back.

    Returns
    -------
    dict
        ``ended`` notices, and those ``raised``: ``variant_id, location_id, units, point``.
    """
    now = clock.now()
    ended = [row.id for row in session.execute(_back())]
    for start in range(0, len(ended), _AT_ONCE):
        some = ended[start : start + _AT_ONCE]
        session.execute(sa.update(_ALERT).where(_ALERT.c.id.in_(some)).values(ended_at=now))
    raised = [dict(row) for row in session.execute(_low()).mappings()]
    for start in range(0, len(raised), _AT_ONCE):
        rows = [{**row, "crossed_at": now, "seen_by": ""} for row in raised[start : start + _AT_ONCE]]
        session.execute(sa.insert(_ALERT), rows)
    return {"raised": raised, "ended": len(ended)}


def acknowledge(session: Session, alert_ids: Collection[int], *, actor: str) -> int:
    """Note who has seen notices; the first one stays. Return how many were not seen before."""
    found = session.scalars(
        sa.select(LowStockAlert).where(LowStockAlert.id.in_(sorted(alert_ids)), LowStockAlert.seen_at.is_(None))
    ).all()
    for alert in found:
        alert.seen_at, alert.seen_by = clock.now(), actor
    session.flush()
    if found:
        journal.record(session, "low_stock.seen", "low_stock_alert", found[0].id, actor=actor, alerts=len(found))
    return len(found)


def notices(session: Session, *, open_only: bool = True, limit: int = 200) -> list[dict[str, Any]]:
    """Return notices, those nobody has seen first, then the newest.

    Returns
    -------
    list of dict
        ``id, sku, title, location, place, units`` (when it crossed), ``available`` (now), ``point, crossed_at,
        ended_at, seen_at, seen_by``.
    """
    a = _ALERT.c
    statement = (
        sa.select(
            a.id, Variant.sku, Variant.title, Location.code.label("location"), Location.name.label("place"), a.units,
            sa.func.coalesce(_LEVEL.c.available, 0).label("available"), a.point, a.crossed_at, a.ended_at, a.seen_at,
            a.seen_by,
        )
        .join(Variant, Variant.id == a.variant_id)
        .join(Location, Location.id == a.location_id)
        .outerjoin(_LEVEL, sa.and_(_LEVEL.c.variant_id == a.variant_id, _LEVEL.c.location_id == a.location_id))
        .order_by(a.ended_at.is_not(None), a.seen_at.is_not(None), a.id.desc())
        .limit(limit)
    )  # fmt: skip
    if open_only:
        statement = statement.where(a.ended_at.is_(None))
    return [dict(row) for row in session.execute(statement).mappings()]


def count_open(session: Session) -> dict[str, int]:
    """Return how many shelves are low, and of how many nobody has taken note: ``low, unseen``."""
    unseen = sa.func.sum(sa.case((_ALERT.c.seen_at.is_(None), 1), else_=0))
    row = session.execute(sa.select(sa.func.count(), unseen).where(_ALERT.c.ended_at.is_(None))).one()
    return {"low": int(row[0]), "unseen": int(row[1] or 0)}


def count_points(session: Session) -> dict[str, int]:
    """Return how many points people and the forecast have set: ``person, forecast``."""
    rows = session.execute(sa.select(_POINT.c.source, sa.func.count()).group_by(_POINT.c.source))
    return {"person": 0, "forecast": 0} | {row[0]: int(row[1]) for row in rows}


def points(
    session: Session, *, sku: str | None = None, source: str | None = None, limit: int = 500
) -> list[dict[str, Any]]:
    """Return the points by SKU and place: ``sku, location, units, source, set_by, set_at``.

    Parameters
    ----------
    source : str, optional
        Only those of a ``person``, or of the ``forecast``.
    """
    p = LowStockPoint
    statement = (
        sa.select(Variant.sku, Location.code.label("location"), p.units, p.source, p.set_by, p.set_at)
        .join(Variant, Variant.id == p.variant_id)
        .join(Location, Location.id == p.location_id)
        .order_by(Variant.sku, Location.position, Location.id)
        .limit(limit)
    )
    if sku is not None:
        statement = statement.where(Variant.sku == sku)
    if source is not None:
        statement = statement.where(p.source == source)
    return [dict(row) for row in session.execute(statement).mappings()]


def _of(variant_id: int, location_id: int) -> sa.Select[LowStockPoint]:
    return sa.select(LowStockPoint).where(
        LowStockPoint.variant_id == variant_id, LowStockPoint.location_id == location_id
    )


def _available() -> sa.ColumnElement[int]:
    return sa.func.coalesce(_LEVEL.c.available, 0)


def _low() -> sa.Select[*tuple[Any, ...]]:
    """Return shelves below their point without an open notice; a shelf that never had a level is not one."""
    same_level = sa.and_(_LEVEL.c.variant_id == _POINT.c.variant_id, _LEVEL.c.location_id == _POINT.c.location_id)
    raised = sa.select(_ALERT.c.id).where(
        _ALERT.c.variant_id == _POINT.c.variant_id, _ALERT.c.location_id == _POINT.c.location_id,
        _ALERT.c.ended_at.is_(None),
    )  # fmt: skip
    return (
        sa.select(
            _POINT.c.variant_id, _POINT.c.location_id, _LEVEL.c.available.label("units"), _POINT.c.units.label("point")
        )
        .select_from(_POINT.join(_LEVEL, same_level))
        .where(_LEVEL.c.available < _POINT.c.units, sa.not_(raised.exists()))
        .order_by(_POINT.c.variant_id, _POINT.c.location_id)
    )


def _back() -> sa.Select[*tuple[Any, ...]]:
    """Return open notices of shelves that are back at their point, or have none any more."""
    same_point = sa.and_(_POINT.c.variant_id == _ALERT.c.variant_id, _POINT.c.location_id == _ALERT.c.location_id)
    same_level = sa.and_(_LEVEL.c.variant_id == _ALERT.c.variant_id, _LEVEL.c.location_id == _ALERT.c.location_id)
    return (
        sa.select(_ALERT.c.id)
        .select_from(_ALERT.outerjoin(_POINT, same_point).outerjoin(_LEVEL, same_level))
        .where(_ALERT.c.ended_at.is_(None), sa.or_(_POINT.c.id.is_(None), _available() >= _POINT.c.units))
    )
