"""Write a plan: lines, dated entries, adjustments, address and the order's money columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock
from oms_core.kernel.rows import next_ids, table_of
from oms_core.order_changes.facts import LINE_COLUMNS
from oms_core.order_changes.tables import OrderChangeEntry
from oms_core.orders.states import ORDER
from oms_core.orders.tables import Order, OrderAdjustment, OrderLine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oms_core.order_changes.lines import Line
    from oms_core.order_changes.plan import Plan

_ORDER, _LINE, _ADJUSTMENT = table_of(Order), table_of(OrderLine), table_of(OrderAdjustment)
_ENTRY = table_of(OrderChangeEntry)


def write(connection: sa.Connection, made: Plan, *, change_id: int, zone: str) -> dict[int, int]:
    """Write everything of a plan but promises and status; return new line ids by place in the plan."""
    ids = _write_lines(connection, made)
    _write_entries(connection, made, ids, change_id=change_id, zone=zone)
    _write_adjustments(connection, made, change_id=change_id, zone=zone)
    _write_order(connection, made)
    return ids


def _write_lines(connection: sa.Connection, made: Plan) -> dict[int, int]:
    """Update changed lines and insert new ones; return every line's id by its place."""
    old = {line.id: line for line in made.before.lines}
    new = [place for place, line in enumerate(made.lines) if line.id is None]
    drawn = dict(zip(new, next_ids(connection, "order_lines", len(new)) if new else [], strict=True))
    ids = {place: drawn[place] if line.id is None else line.id for place, line in enumerate(made.lines)}
    for place, line in enumerate(made.lines):
        values = {name: getattr(line, name) for name in LINE_COLUMNS} | {"gross_minor": line.gross_minor}
        if line.id is None:
            values = {name: value for name, value in values.items() if value is not None}
            connection.execute(sa.insert(_LINE).values(id=ids[place], order_id=made.before.order_id, **values))
        elif line != old[line.id]:
            changed = {k: v for k, v in values.items() if v != _value(old[line.id], k)}
            connection.execute(sa.update(_LINE).where(_LINE.c.id == line.id).values(changed))
    return ids


def _value(line: Line, name: str) -> Any:
    return getattr(line, name)


def _write_entries(connection: sa.Connection, made: Plan, ids: Mapping[int, int], *, change_id: int, zone: str) -> None:
    at = clock.now()
    day = clock.business_date(at, zone)
    rows = [
        {
            "order_change_id": change_id, "order_id": made.before.order_id, "order_line_id": ids[entry.place],
            "kind": entry.kind, "at": at, "business_date": day, "quantity": entry.quantity,
            "gross_minor": entry.gross_minor, "discount_minor": entry.discount_minor, "tax_minor": entry.tax_minor,
            "order_discount_minor": entry.order_discount_minor,
        }
        for entry in made.entries
    ]  # fmt: skip
    if rows:
        connection.execute(sa.insert(_ENTRY), rows)


def _write_adjustments(connection: sa.Connection, made: Plan, *, change_id: int, zone: str) -> None:
    day = clock.business_date(clock.now(), zone)
    rows = [
        {
            "order_id": made.before.order_id, "kind": extra.kind, "code": "", "title": extra.title, "quantity": 1,
            "amount_minor": extra.amount_minor, "order_change_id": change_id, "added_on": day,
        }
        for extra in made.adjustments
    ]  # fmt: skip
    if rows:
        connection.execute(sa.insert(_ADJUSTMENT), rows)


def _write_order(connection: sa.Connection, made: Plan) -> None:
    """Set money and address; a closed order is opened again, the status decides whether it closes anew."""
    values: dict[str, Any] = {f"{name}_minor": value for name, value in made.money.items()}
    values |= {"total_minor": made.total_minor, "version": _ORDER.c.version + 1}
    values |= {f"ship_{name}": value for name, value in made.address.items()}
    first = made.before
    if first.shop_rate is not None and first.shop_currency is not None:
        # the shop's own money follows at the rate of the sale
        values["shop_total_minor"] = first.shop_rate.convert(made.total_minor, first.currency, first.shop_currency)
    if first.state == "closed":
        ORDER.check(first.number, "closed", "placed")
        values |= {"state": "placed", "closed_at": None}
    connection.execute(sa.update(_ORDER).where(_ORDER.c.id == first.order_id).values(values))
