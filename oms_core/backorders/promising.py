"""Promise units from goods still to come, and keep the promises' days true when purchase orders slip."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.backorders.inbound import arrivals_of, due_if_ordered_today, lock_variants, waiting_of
from oms_core.backorders.schedule import Slot, assign
from oms_core.backorders.tables import OVERSELL_POLICIES
from oms_core.catalog.tables import Variant
from oms_core.inventory.waiting import BACKORDERS
from oms_core.kernel import clock, journal
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.kernel.rows import core, table_of
from oms_core.orders.tables import OrderLine

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: A shop does not sell more than this of a variant it does not have.
NO_LIMIT = 1_000_000
_LINE, _VARIANT = table_of(OrderLine), table_of(Variant)
_COLUMNS = (
    "order_line_id", "variant_id", "quantity", "allocated_qty", "cancelled_qty", "kind", "purchase_order_line_id",
    "first_promised_on", "promised_on", "state", "created_at",
)  # fmt: skip


def set_policy(session: Session, variant_id: int, policy: str, *, actor: str = "system") -> Variant:
    """Say what happens when a variant is sold out: ``deny``, ``backorder`` or ``preorder``.

    Promises made before stay.
    """
    if policy not in OVERSELL_POLICIES:
        raise InvalidInput("policy", policy, f"one of {', '.join(OVERSELL_POLICIES)}")
    variant = session.get(Variant, variant_id)
    if variant is None:
        raise NotFound("variant", variant_id)
    before, variant.oversell_policy = variant.oversell_policy, policy
    session.flush()
    journal.record(
        session, "variant.oversell_policy_set", "variant", variant_id, actor=actor, before=before, after=policy
    )
    return variant


@dataclass(frozen=True, slots=True)
class Calendar:
    """The day a promise is made on; made once for a command."""

    today: date

    def beyond(self, connection: sa.Connection, policies: Mapping[int, str]) -> dict[int, int]:
        """Return how many units of sold-out variants may be promised from goods to come.

        A pre-order takes what is on order and not promised yet; a backorder has no such limit.
        Called with the variants' levels locked; locks the variants.
        """
        lock_variants(connection, policies)
        coming, waiting = arrivals_of(connection, policies, self.today), waiting_of(connection, policies)
        free = {}
        for variant, policy in policies.items():
            units = sum(a.units for a in coming.get(variant, ())) - sum(w.units for w in waiting.get(variant, ()))
            free[variant] = NO_LIMIT if policy == "backorder" else max(units, 0)
        return free


def promise(
    session: Session, order_id: int, shortages: Mapping[int, int], *, zone: str, actor: str = "system"
) -> list[dict[str, Any]]:
    """Write the promises of an order: units by order line that wait for goods to come.

    The caller has asked :meth:`Calendar.beyond` in this transaction, so that the units are there.

    Returns
    -------
    list of dict
        ``sku, quantity, kind, promised_on`` (a day, or None) and ``purchase_order`` (its number, or None).
    """
    if not shortages:
        return []
    connection, today = core(session), clock.business_date(clock.now(), zone)
    lines = connection.execute(
        sa.select(_LINE.c.id, _LINE.c.sku, _LINE.c.variant_id, _VARIANT.c.oversell_policy.label("kind"))
        .join(_VARIANT, _VARIANT.c.id == _LINE.c.variant_id)
        .where(_LINE.c.id.in_(sorted(shortages)))
        .order_by(_LINE.c.id)
    ).all()
    now = clock.now()
    rows = [(r.id, r.variant_id, shortages[r.id], 0, 0, r.kind, None, None, None, "waiting", now) for r in lines]
    bulk_insert(connection, BACKORDERS, _COLUMNS, rows)
    schedule(session, {row.variant_id for row in lines}, today=today, actor=actor, first_of=order_id)
    told = promises_of(connection, [order_id])[order_id]
    journal.record(
        session, "order.backordered", "order", order_id, actor=actor,
        lines=[{**t, "promised_on": t["promised_on"] and t["promised_on"].isoformat()} for t in told],
    )  # fmt: skip
    return told


def schedule(
    session: Session, variant_ids: Collection[int], *, today: date, actor: str, first_of: int | None = None
) -> int:
    """Give every promise of the variants its day again, the oldest first; tell the orders whose day moved.

    Parameters
    ----------
    first_of : int, optional
        An order whose promises are new: they are dated and not moved.

    Returns
    -------
    int
        Promises that moved.
    """
    connection, moved = core(session), 0
    coming, waiting = arrivals_of(connection, variant_ids, today), waiting_of(connection, variant_ids)
    later = due_if_ordered_today(connection, waiting, today)
    for variant, rows in waiting.items():
        slots = assign([(row.id, row.units) for row in rows], coming.get(variant, []))
        for row in rows:
            moved += _date(
                session, row, slots[row.id], later.get(variant), actor=actor, is_new=row.order_id == first_of
            )
    return moved


def _date(session: Session, row: Any, slot: Slot | None, later: date | None, *, actor: str, is_new: bool) -> int:
    """Write a promise's day when it is another one; return 1 when a promise made before moved."""
    line = slot.line_id if slot else None
    # a promise that rests on no purchase order keeps its day: it does not slide day by day
    rests_on_none = row.purchase_order_line_id is None and row.promised_on is not None
    day = slot.due_on if slot else row.promised_on if rests_on_none else later
    if (line, day) == (row.purchase_order_line_id, row.promised_on):
        return 0
    first = {"first_promised_on": day} if is_new else {}
    values = {"purchase_order_line_id": line, "promised_on": day, **first}
    session.connection().execute(sa.update(BACKORDERS).where(BACKORDERS.c.id == row.id).values(values))
    if is_new or day == row.promised_on:
        return 0
    journal.record(
        session, "order.promise_moved", "order", row.order_id, actor=actor, backorder_id=row.id,
        variant_id=row.variant_id, units=row.units, before=row.promised_on and row.promised_on.isoformat(),
        after=day and day.isoformat(), purchase_order=slot.number if slot else None,
    )  # fmt: skip
    return 1


def repromise(session: Session, variant_ids: Collection[int] | None = None, *, zone: str, actor: str = "worker") -> int:
    """Move promises to the days purchase orders now say; run when one slips, is sent, cancelled or closed.

    Returns
    -------
    int
        Promises whose day moved; each is told in the journal of its order, with before and after.
    """
    connection = core(session)
    statement = sa.select(BACKORDERS.c.variant_id).distinct().where(BACKORDERS.c.state == "waiting")
    if variant_ids is not None:
        statement = statement.where(BACKORDERS.c.variant_id.in_(sorted(variant_ids)))
    wanted: Sequence[int] = connection.execute(statement.order_by(BACKORDERS.c.variant_id)).scalars().all()
    if not wanted:
        return 0
    lock_variants(connection, wanted)
    return schedule(session, wanted, today=clock.business_date(clock.now(), zone), actor=actor)


def promises_of(connection: sa.Connection, order_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Return what orders wait for, by order: SKU, units, kind, day, purchase order."""
    from oms_core.purchasing.tables import PurchaseOrder, PurchaseOrderLine

    po, po_line, b = table_of(PurchaseOrder), table_of(PurchaseOrderLine), BACKORDERS.c
    rows = connection.execute(
        sa.select(
            _LINE.c.order_id, _LINE.c.sku, (b.quantity - b.allocated_qty - b.cancelled_qty).label("quantity"), b.kind,
            b.promised_on, po.c.number.label("purchase_order"),
        )
        .select_from(BACKORDERS)
        .join(_LINE, _LINE.c.id == b.order_line_id)
        .outerjoin(po_line, po_line.c.id == b.purchase_order_line_id)
        .outerjoin(po, po.c.id == po_line.c.purchase_order_id)
        .where(_LINE.c.order_id.in_(order_ids), b.state == "waiting")
        .order_by(b.id)
    ).mappings()  # fmt: skip
    found: dict[int, list[dict[str, Any]]] = {key: [] for key in order_ids}
    for row in rows:
        found[row["order_id"]].append({key: value for key, value in row.items() if key != "order_id"})
    return found
