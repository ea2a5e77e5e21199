"""Tell a plan before it is done: stock line by line, money before and after, what to beware of."""

from __future__ import annotations

from typing import Any

from oms_core.kernel.money import Money
from oms_core.order_changes.plan import Plan, StockNeed, stock, total


def preview_of(made: Plan) -> dict[str, Any]:
    """Return a plan as the record a person decides on; amounts in minor units of ``currency``.

    Returns
    -------
    dict
        ``currency, version, money {before, after}`` (every total), ``captured_minor, due_minor``
        (still to be paid), ``refundable_minor`` (paid too much), ``stock`` (one row a changed line:
        units before and after, promised, to promise, to release, short), ``address``, ``warnings``.
    """
    needs = stock(made)
    after, captured = made.total_minor, made.before.captured_minor
    return {
        "currency": made.before.currency,
        "version": made.before.version,
        "money": {"before": _money(made.before.money), "after": _money(made.money)},
        "difference_minor": after - total(made.before.money),
        "captured_minor": captured,
        "due_minor": max(after - captured, 0),
        "refundable_minor": max(captured - after, 0),
        "stock": [_row(made, need) for need in needs],
        "address": dict(made.address),
        "warnings": _warnings(made, needs),
    }


def _money(money: Any) -> dict[str, int]:
    return {f"{name}_minor": value for name, value in money.items()} | {"total_minor": total(money)}


def _row(made: Plan, need: StockNeed) -> dict[str, Any]:
    before = next((line for line in made.before.lines if line.id == need.line.id), None)
    line = need.line
    return {
        "line_id": line.id,
        "sku": line.sku,
        "title": line.title,
        "quantity_before": before.live if before else 0,
        "quantity_after": line.live,
        "shipped": line.shipped_qty,
        "allocated": need.held,
        "to_allocate": need.to_allocate,
        "to_release": need.to_release,
        "waiting": line.waiting,
        "to_free": need.to_free,
        "shortage": need.shortage,
        "needs_stock": line.needs_stock,
        "unit_price_minor": line.unit_price_minor,
        "gross_minor": line.gross_minor,
        "discount_minor": line.discount_minor,
        "tax_minor": line.tax_minor,
    }


def _warnings(made: Plan, needs: list[StockNeed]) -> list[str]:
    said = []
    for need in needs:
        if need.shortage and need.line.oversell_policy == "deny":
            said.append(f"{need.line.sku}: {need.shortage} of {need.to_allocate} cannot be promised from stock.")
        elif need.shortage:
            said.append(f"{need.line.sku}: {need.shortage} will wait as a {need.line.oversell_policy}.")
    back = made.before.captured_minor - made.total_minor
    if back > 0:
        said.append(f"{Money(back, made.before.currency)} was paid too much and is to be given back.")
    if made.address and any(line.shipped_qty for line in made.before.lines):
        said.append("Parcels that left already go to the old address.")
    if made.before.state == "closed":
        said.append("The order is closed and is opened again.")
    return said
