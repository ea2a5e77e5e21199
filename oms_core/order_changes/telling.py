"""What a confirmed change was, for the journal: every line, amount and address before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oms_core.order_changes.plan import total

if TYPE_CHECKING:
    from oms_core.order_changes.lines import Line
    from oms_core.order_changes.plan import Plan
    from oms_core.order_changes.tables import OrderChange


def facts_of(made: Plan, change: OrderChange) -> dict[str, Any]:
    """Return the journal's facts: the change, why, and `before` and `after` of what it touched."""
    old = {line.id: line for line in made.before.lines}
    touched = [line for line in made.lines if old.get(line.id) != line]
    before = [_told(old[line.id]) for line in touched if line.id in old]
    address = {name: made.before.address.get(name, "") for name in made.address}
    return {
        "change": change.number,
        "reason": change.reason,
        "proposed_by": change.proposed_by,
        "kinds": [action["kind"] for action in change.actions],
        "before": _side(made, before, dict(made.before.money), address),
        "after": _side(made, [_told(line) for line in touched], dict(made.money), dict(made.address)),
    }


def _side(made: Plan, lines: list[dict[str, Any]], money: dict[str, int], address: dict[str, str]) -> dict[str, Any]:
    side: dict[str, Any] = {"currency": made.before.currency, "total_minor": total(money)}
    side |= {f"{name}_minor": value for name, value in money.items() if made.before.money[name] != made.money[name]}
    if lines:
        side["lines"] = lines
    if address:
        side["address"] = address
    return side


def _told(line: Line) -> dict[str, Any]:
    return {
        "position": line.position, "sku": line.sku, "quantity": line.live, "unit_price_minor": line.unit_price_minor,
        "discount_minor": line.discount_minor,
    }  # fmt: skip
