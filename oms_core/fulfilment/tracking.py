"""What carriers say about shipments: the shipment machine, moved by tracking events.

Carriers are asked, and answer, for many shipments at once: :func:`track_all` takes a whole answer
in a constant number of statements; one event is an answer of one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.fulfilment.states import SHIPMENT
from oms_core.fulfilment.tables import Shipment, TrackingEvent
from oms_core.kernel import clock, journal
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.errors import InvalidInput, NotFound, OmsError
from oms_core.kernel.rows import core, loaded, packed, table_of, unpacked
from oms_core.orders.status import refresh

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

_SHIPMENT, _EVENT = table_of(Shipment), table_of(TrackingEvent)
_EVENT_COLUMNS = ("shipment_id", "at", "state", "message", "external_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One thing a carrier said about one shipment (see :func:`track`)."""

    shipment_id: int
    state: str
    at: datetime | None = None
    message: str = ""
    external_id: str | None = None


@dataclass(slots=True)
class _Parcel:
    """A shipment while its scans are read: where it is, what it has heard, its moves."""

    id: int
    number: str
    order_id: int
    state: str
    delivered_at: datetime | None
    heard: set[str]
    before: str


def track(
    session: Session,
    *,
    shipment_id: int,
    state: str,
    at: datetime | None = None,
    message: str = "",
    external_id: str | None = None,
    actor: str = "system",
) -> Shipment:
    """Take one tracking event; the same carrier's event twice is one.

    Parameters
    ----------
    state : str
        A state of the shipment machine. The state it is in already is kept as news without a move.
    at : datetime, optional
        When it happened, aware; now when left out.
    external_id : str, optional
        The carrier's id of the event; made of state and time when left out.

    Raises
    ------
    TransitionRefused
        If the shipment cannot become `state` from where it is.
    """
    scan = Scan(shipment_id=shipment_id, state=state, at=at, message=message, external_id=external_id)
    (refused,) = track_all(session, [scan], actor=actor)
    if refused is not None:
        raise refused
    return loaded(session, Shipment, shipment_id)


def track_all(session: Session, scans: Sequence[Scan], *, actor: str = "system") -> list[OmsError | None]:
    """Take many tracking events, each for itself, in the order given.

    What is said of a parcel is said of every shipment that rides in it; what is said of one of those is
    said of the parcel.

    Returns
    -------
    list of OmsError or None
        For each scan why it was refused, or None when it was taken (or heard before).
    """
    connection = core(session)
    together = _riding(connection, {scan.shipment_id for scan in scans})
    parcels = _parcels(connection, {scan.shipment_id for scan in scans} | {k for ks in together.values() for k in ks})
    rows, moves = list[tuple[Any, ...]](), list[tuple[_Parcel, str, Scan]]()
    outcome = list[OmsError | None]()
    for scan in scans:
        lead, *others = together.get(scan.shipment_id, (scan.shipment_id,))
        said = _hear(replace(scan, shipment_id=lead), parcels, rows, moves)
        if said is None:
            for rider in others:
                _hear(replace(scan, shipment_id=rider), parcels, rows, moves)
        outcome.append(said)
    if rows:
        bulk_insert(connection, _EVENT, _EVENT_COLUMNS, rows)
    if moves:
        moved = [(p.id, p.state, p.delivered_at) for p in parcels.values() if p.state != p.before]
        connection.execute(_update(connection.dialect.name), {"batch": packed(moved)})
        events = (
            (
                f"shipment.{scan.state}",
                p.order_id,
                {"shipment_id": p.id, "before": before, "after": scan.state, "message": scan.message},
            )
            for p, before, scan in moves
        )
        journal.record_all(session, "order", events, actor=actor)
        refresh(session, {parcel.order_id for parcel, _, _ in moves})
    return outcome


@lru_cache
def _heads(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, shipment_id=int)
    return (
        sa.select(_SHIPMENT.c.id, _SHIPMENT.c.number, _SHIPMENT.c.order_id, _SHIPMENT.c.state, _SHIPMENT.c.delivered_at)
        .join(wanted, wanted.c.shipment_id == _SHIPMENT.c.id)
        .order_by(_SHIPMENT.c.id)
        .with_for_update(of=_SHIPMENT, key_share=True)
    )


@lru_cache
def _heard(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, shipment_id=int)
    return sa.select(_EVENT.c.shipment_id, _EVENT.c.external_id).join(
        wanted, wanted.c.shipment_id == _EVENT.c.shipment_id
    )


@lru_cache
def _rides(dialect: str) -> sa.CompoundSelect[Any]:
    """Build: (parcel, shipment riding in it) for those asked for, as the one or as the other."""
    wanted = unpacked(dialect, shipment_id=int)
    pair = (_SHIPMENT.c.parent_shipment_id, _SHIPMENT.c.id)
    riding = _SHIPMENT.c.parent_shipment_id.is_not(None)
    return sa.union(
        sa.select(*pair).join(wanted, wanted.c.shipment_id == _SHIPMENT.c.id).where(riding),
        sa.select(*pair).join(wanted, wanted.c.shipment_id == _SHIPMENT.c.parent_shipment_id).where(riding),
    )


def _riding(connection: sa.Connection, ids: set[int]) -> dict[int, list[int]]:
    """Return, for shipments that share a parcel, the parcel and all that ride in it, by every one of them."""
    statement = _rides(connection.dialect.name)
    found = connection.execute(statement, {"batch": packed((key,) for key in sorted(ids))}).all()
    parents = {row[0] for row in found}
    if parents - ids:
        # one that rides was named: its neighbours are asked for by their parcel
        found = connection.execute(statement, {"batch": packed((key,) for key in sorted(parents))}).all()
    families = {parent: [parent, *sorted(row[1] for row in found if row[0] == parent)] for parent in parents}
    return {key: family for family in families.values() for key in family}


def _parcels(connection: sa.Connection, ids: Iterable[int]) -> dict[int, _Parcel]:
    """Lock the shipments, in id order, and read what they have heard."""
    batch = {"batch": packed((key,) for key in sorted(ids))}
    dialect = connection.dialect.name
    parcels = {
        row.id: _Parcel(row.id, row.number, row.order_id, row.state, row.delivered_at, set(), row.state)
        for row in connection.execute(_heads(dialect), batch)
    }
    for shipment_id, external_id in connection.execute(_heard(dialect), batch):
        parcels[shipment_id].heard.add(external_id)
    return parcels


def _hear(
    scan: Scan,
    parcels: Mapping[int, _Parcel],
    rows: list[tuple[Any, ...]],
    moves: list[tuple[_Parcel, str, Scan]],
) -> OmsError | None:
    """Take one scan: remember it, and move the parcel if it says so."""
    parcel = parcels.get(scan.shipment_id)
    if scan.state not in SHIPMENT.states:
        return InvalidInput("state", scan.state, f"one of {', '.join(SHIPMENT.states)}")
    if parcel is None:
        return NotFound("shipment", scan.shipment_id)
    at = scan.at or clock.now()
    event = scan.external_id or f"{scan.state}@{at.isoformat()}"
    if event in parcel.heard:
        return None
    if scan.state != parcel.state:
        try:
            SHIPMENT.check(parcel.number, parcel.state, scan.state)
        except OmsError as refused:
            return refused
        moves.append((parcel, parcel.state, scan))
        parcel.state, parcel.delivered_at = scan.state, at if scan.state == "delivered" else None
    parcel.heard.add(event)
    rows.append((parcel.id, at, scan.state, scan.message, event))
    return None


@lru_cache
def _update(dialect: str) -> sa.Update:
    new = unpacked(dialect, id=int, state=str, delivered_at=datetime)
    values = {"state": new.c.state, "delivered_at": new.c.delivered_at, "version": _SHIPMENT.c.version + 1}
    return sa.update(_SHIPMENT).where(_SHIPMENT.c.id == new.c.id).values(values)


def deliver(
    session: Session,
    *,
    shipment_id: int,
    at: datetime | None = None,
    external_id: str | None = None,
    actor: str = "system",
) -> Shipment:
    """Book the delivery of a shipment; twice is once."""
    return track(
        session, shipment_id=shipment_id, state="delivered", at=at, external_id=external_id or "delivered", actor=actor
    )
