"""Bundles and how variants are stocked: what a bundle holds, what needs no stock."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import BundleComponent, Variant
from oms_core.kernel import journal
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.kernel.rows import packed, table_of, unpacked

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: `stocked` comes from the shelf, `made_to_order` is made when it is ordered, a `bundle` is its components,
#: a `service` is never shipped.
STOCK_KINDS = ("stocked", "made_to_order", "bundle", "service")
_COMPONENT, _VARIANT = table_of(BundleComponent), table_of(Variant)
#: Stock lives in a room above this one: the columns needed are named here and not imported.
_LEVELS = sa.table(
    "stock_levels", *(sa.column(name) for name in ("variant_id", "available", "committed", "reserved", "damaged"))
)


@dataclass(frozen=True, slots=True)
class Component:
    """A component (variant `id`) of a bundle as it is sold now; `quantity` units for each bundle."""

    id: int
    sku: str
    title: str
    quantity: int
    price_minor: int
    currency: str
    cost_minor: int | None
    stock_kind: str
    lead_time_days: int | None


def set_stock_kind(
    session: Session, variant_id: int, kind: str, *, lead_time_days: int | None = None, actor: str = "system"
) -> Variant:
    """Say how a variant is stocked; orders placed before keep what they were sold as.

    Parameters
    ----------
    kind : str
        One of :data:`STOCK_KINDS`.
    lead_time_days : int, optional
        Days it takes to make; required for ``made_to_order``.

    Raises
    ------
    InvalidInput
        An unknown kind, or a made-to-order variant without its days.
    Refused
        ``variant.has_stock``: a bundle or a service has units on the shelf.
    """
    if kind not in STOCK_KINDS:
        raise InvalidInput("stock_kind", kind, f"one of {', '.join(STOCK_KINDS)}")
    if kind == "made_to_order" and not (lead_time_days and lead_time_days > 0):
        raise InvalidInput("lead_time_days", lead_time_days, "the days it takes to make")
    variant = _variant(session, variant_id)
    if kind in {"bundle", "service"}:
        _refuse_stock(session, variant, kind)
    before, variant.stock_kind, variant.lead_time_days = variant.stock_kind, kind, lead_time_days
    session.flush()
    journal.record(
        session, "variant.stock_kind_set", "variant", variant_id, actor=actor, before=before, after=kind,
        lead_time_days=lead_time_days,
    )  # fmt: skip
    return variant


def set_components(
    session: Session, bundle_variant_id: int, components: Mapping[int, int], *, actor: str = "system"
) -> None:
    """Say what a bundle holds: units by variant; the variant becomes a bundle. Orders placed before stay.

    Raises
    ------
    InvalidInput
        No component, less than one unit, the bundle in itself, or another bundle in it.
    Refused
        ``variant.has_stock``: the variant has units on the shelf.
    """
    bundle = _variant(session, bundle_variant_id)
    if not components:
        raise InvalidInput("components", {}, f"at least one component of {bundle.sku}")
    for key, units in components.items():
        part = _variant(session, key)
        if units < 1:
            raise InvalidInput("quantity", units, f"at least one unit of {part.sku}")
        if key == bundle_variant_id or part.stock_kind == "bundle":
            raise InvalidInput("component", part.sku, "a variant that is no bundle itself")
    held_in = session.scalar(sa.select(_COMPONENT.c.id).where(_COMPONENT.c.component_variant_id == bundle_variant_id))
    if held_in is not None:
        raise Refused("variant.is_component", f"{bundle.sku} is a component of another bundle.", "Take it out first.")
    set_stock_kind(session, bundle_variant_id, "bundle", actor=actor)
    session.execute(sa.delete(_COMPONENT).where(_COMPONENT.c.bundle_variant_id == bundle_variant_id))
    rows = [
        {"bundle_variant_id": bundle_variant_id, "component_variant_id": key, "quantity": units}
        for key, units in sorted(components.items())
    ]
    session.execute(sa.insert(_COMPONENT), rows)
    journal.record(
        session, "bundle.components_set", "variant", bundle_variant_id, actor=actor,
        components={str(key): units for key, units in components.items()},
    )  # fmt: skip


def components_of(connection: sa.Connection, bundle_ids: Collection[int]) -> dict[int, list[Component]]:
    """Return the components of bundles, by bundle, in the order of their keys; one statement."""
    batch = {"batch": packed((key,) for key in sorted(set(bundle_ids)))}
    found: dict[int, list[Component]] = {key: [] for key in bundle_ids}
    for bundle_id, *row in connection.execute(_find(connection.dialect.name), batch):
        found[bundle_id].append(Component(*row))
    return found


@lru_cache
def _find(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, bundle_id=int)
    v = _VARIANT.c
    return (
        sa.select(
            _COMPONENT.c.bundle_variant_id, v.id, v.sku, v.title, _COMPONENT.c.quantity, v.price_minor, v.currency,
            v.cost_minor, v.stock_kind, v.lead_time_days,
        )
        .select_from(_COMPONENT)
        .join(_VARIANT, v.id == _COMPONENT.c.component_variant_id)
        .join(wanted, wanted.c.bundle_id == _COMPONENT.c.bundle_variant_id)
        .order_by(_COMPONENT.c.bundle_variant_id, _COMPONENT.c.id)
    )  # fmt: skip


def sets_of(units: Mapping[int, int], components: Sequence[Component]) -> int:
    """Return how many bundles can be put together from units by variant: the scarcest component decides."""
    needed = [(c.id, c.quantity) for c in components if c.stock_kind == "stocked"]
    return min((max(units.get(key, 0), 0) // n for key, n in needed), default=0)


def _variant(session: Session, variant_id: int) -> Variant:
    found = session.get(Variant, variant_id)
    if found is None:
        raise NotFound("variant", variant_id)
    return found


def _refuse_stock(session: Session, variant: Variant, kind: str) -> None:
    held = sum(_LEVELS.c[name] for name in ("available", "committed", "reserved", "damaged"))
    units = session.scalar(sa.select(sa.func.sum(held)).where(_LEVELS.c.variant_id == variant.id)) or 0
    if units:
        raise Refused(
            "variant.has_stock",
            f"{variant.sku} has {int(units)} unit(s) on the shelf: a {kind} has no stock of its own.",
            "Adjust or transfer them away first.",
        )
