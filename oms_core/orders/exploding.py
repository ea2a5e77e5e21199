"""Explode a bundle's line into lines of its components, to the minor unit.

The bundle's price, discount and tax are shared out by the components' list prices (largest remainder),
so that the lines together are worth exactly what the bundle was sold for. From then on they are lines
like any other: routed, shipped, returned and counted by component.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from oms_core.catalog.bundles import Component, components_of
from oms_core.kernel.errors import Refused
from oms_core.kernel.money import split
from oms_core.orders.new import NewLine, NewOrder

if TYPE_CHECKING:
    import sqlalchemy as sa


def bundles_in(
    connection: sa.Connection, orders: Sequence[NewOrder], variants: Mapping[str, Any]
) -> dict[str, list[Component]]:
    """Return the components of the bundles that orders name, by the bundle's SKU; nothing is asked without one."""
    named = {line.sku for new in orders for line in new.lines}
    bundles = {variants[sku].id: sku for sku in named if sku in variants and variants[sku].stock_kind == "bundle"}
    if not bundles:
        return {}
    return {bundles[key]: found for key, found in components_of(connection, list(bundles)).items()}


def exploded(new: NewOrder, bundles: Mapping[str, Sequence[Component]]) -> NewOrder:
    """Return the order with its bundles' lines replaced by lines of their components.

    Raises
    ------
    Refused
        ``bundle.empty``: a bundle nobody said the components of.
    """
    if not any(line.sku in bundles for line in new.lines):
        return new
    return replace(new, lines=[part for line in new.lines for part in parts_of(line, bundles.get(line.sku))])


def is_service(new: NewOrder, variants: Mapping[str, Any]) -> bool:
    """Whether nothing of the order is shipped: it has nothing to wait for but its money."""
    return all(variants[line.sku].stock_kind == "service" for line in new.lines)


def parts_of(line: NewLine, components: Sequence[Component] | None) -> list[NewLine]:
    """Return a bundle's line as lines of its components; any other line as it is."""
    if components is None:
        return [line]
    if not components:
        raise Refused("bundle.empty", f"{line.sku} is a bundle without components.", "Say what it holds first.")
    gross = split(line.gross_minor, weights_of(components))
    # a share of the discount by value never exceeds its line's value
    discount, tax = split(line.discount_minor, gross), split(line.tax_minor, gross)
    return [
        _part(line, component, gross[n], discount_minor=discount[n], tax_minor=tax[n])
        for n, component in enumerate(components)
    ]


def weights_of(components: Sequence[Component]) -> list[int]:
    """Return what the price is shared out by: list price × units, or units where prices cannot be compared."""
    comparable = len({c.currency for c in components}) == 1 and any(c.price_minor for c in components)
    return [c.quantity * (c.price_minor if comparable else 1) for c in components]


def _part(line: NewLine, component: Component, gross: int, *, discount_minor: int, tax_minor: int) -> NewLine:
    units = line.quantity * component.quantity
    return NewLine(
        sku=component.sku, quantity=units, unit_price_minor=gross // units, rounding_minor=gross % units,
        discount_minor=discount_minor, tax_minor=tax_minor, bundle_sku=line.sku, bundle_qty=line.quantity,
        attributes=line.attributes,
    )  # fmt: skip
