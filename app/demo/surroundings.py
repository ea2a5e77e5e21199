"""Write the simulated surroundings of the real orders: places, suppliers, costs, names, consents."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.demo.people import Person, consents, person
from app.demo.places import SUPPLIERS
from app.demo.scenes import RETAIL, Scene
from app.demo.terms import Terms, terms
from oms_core.catalog.tables import Supplier
from oms_core.kernel.bulk import bulk_insert, next_id
from oms_core.locations.tables import Location
from oms_core.routing.tables import RoutingRule
from oms_core.schema import METADATA

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

TABLES = METADATA.tables
_VARIANT, _PRODUCT, _CUSTOMER = TABLES["variants"], TABLES["products"], TABLES["customers"]
_ITEM = (
    "supplier_id", "variant_id", "supplier_sku", "unit_cost_minor", "currency", "pack_qty", "moq_qty", "is_preferred",
)  # fmt: skip
#: Routing of the demo: the fewest parcels, then the nearest warehouse, then the rank.
RULES = ("fewest_splits", "closest", "ranked")


def write_places(session: Session, *, currency: str, scene: Scene = RETAIL) -> None:
    """Write warehouses, routing rules and suppliers."""
    session.execute(
        sa.insert(Location),
        [
            {
                "code": w.code, "name": w.name, "kind": "warehouse", "country": w.country, "city": w.city,
                "postal_code": w.postal_code, "latitude": w.latitude, "longitude": w.longitude,
                "position": w.position, "is_simulated": True,
            }
            for w in scene.warehouses
        ],
    )  # fmt: skip
    session.execute(sa.delete(RoutingRule))
    session.execute(
        sa.insert(RoutingRule), [{"position": i, "kind": kind, "params": {}} for i, kind in enumerate(RULES, start=1)]
    )
    session.execute(
        sa.insert(Supplier),
        [
            {
                "code": s.code, "name": s.name, "email": f"orders@{s.code.lower()}.example.com", "country": s.country,
                "currency": currency, "lead_time_days": s.lead_days, "lead_time_sd_days": s.lead_sd_days,
                "review_days": 7, "cover_days": s.cover_days, "min_order_minor": s.min_order_minor,
                "fixed_cost_minor": s.fixed_cost_minor, "is_simulated": True,
            }
            for s in scene.suppliers
        ],
    )  # fmt: skip


def write_terms(session: Session, *, currency: str, seed: int) -> dict[int, Terms]:
    """Give every variant a category, a cost, a weight and a supplier; return the terms by variant id."""
    rows = session.execute(
        sa.select(_VARIANT.c.id, _VARIANT.c.sku, _VARIANT.c.title, _VARIANT.c.price_minor, _VARIANT.c.product_id)
        .order_by(_VARIANT.c.id)
    ).all()  # fmt: skip
    found = {row.id: terms(row.sku, row.title, row.price_minor, seed=seed) for row in rows}
    session.execute(
        sa.update(_VARIANT)
        .where(_VARIANT.c.id == sa.bindparam("key"))
        .values(cost_minor=sa.bindparam("cost"), weight_g=sa.bindparam("weight"), cost_is_simulated=True),
        [{"key": key, "cost": t.cost_minor, "weight": t.weight_g} for key, t in found.items()],
    )
    session.execute(
        sa.update(_PRODUCT).where(_PRODUCT.c.id == sa.bindparam("key")).values(category=sa.bindparam("new_category")),
        [{"key": row.product_id, "new_category": found[row.id].category} for row in rows],
    )
    _write_items(session, found, currency=currency)
    return found


def _write_items(session: Session, found: Mapping[int, Terms], *, currency: str) -> None:
    codes: dict[str, int] = {row.code: row.id for row in session.execute(sa.select(Supplier.code, Supplier.id))}
    ids = [codes[s.code] for s in SUPPLIERS]
    bulk_insert(
        session.connection(),
        TABLES["supplier_items"],
        _ITEM,
        (
            (ids[t.supplier], key, f"{SUPPLIERS[t.supplier].code}-{key:05d}", t.cost_minor, currency, t.pack_qty,
             t.moq_qty, True)
            for key, t in found.items()
        ),
    )  # fmt: skip


def write_people(session: Session, *, at: datetime, seed: int) -> dict[int, Person]:
    """Invent the customers behind the numbers, with consents; return them by customer id."""
    rows = session.execute(
        sa.select(_CUSTOMER.c.id, _CUSTOMER.c.number, _CUSTOMER.c.country, _CUSTOMER.c.created_at)
        .order_by(_CUSTOMER.c.id)
    ).all()  # fmt: skip
    people = {row.id: person(row.number, row.country, seed=seed) for row in rows}
    named = ("kind", "name", "email", "city", "postal_code")
    session.execute(
        sa.update(_CUSTOMER)
        .where(_CUSTOMER.c.id == sa.bindparam("key"))
        .values({name: sa.bindparam(f"new_{name}") for name in named} | {"is_simulated": True}),
        [{"key": key} | {f"new_{name}": getattr(p, name) for name in named} for key, p in people.items()],
    )
    _write_contacts(session, rows, people)
    _write_consents(session, rows, at=at, seed=seed)
    return people


def _write_contacts(session: Session, rows: Sequence[Any], people: Mapping[int, Person]) -> None:
    connection = session.connection()
    bulk_insert(
        connection,
        TABLES["customer_identities"],
        ("customer_id", "kind", "source", "value"),
        ((row.id, "email", "", people[row.id].email) for row in rows),
    )
    bulk_insert(
        connection,
        TABLES["addresses"],
        ("customer_id", "name", "line1", "line2", "city", "region", "postal_code", "country", "is_default"),
        (
            (
                row.id,
                people[row.id].name,
                "",
                "",
                people[row.id].city,
                "",
                people[row.id].postal_code,
                row.country,
                True,
            )
            for row in rows
            if row.country
        ),
    )


def _write_consents(session: Session, rows: Sequence[Any], *, at: datetime, seed: int) -> None:
    connection, table = session.connection(), TABLES["consents"]
    given = [(row, *consent) for row in rows for consent in consents(row.number, seed=seed)]
    first = next_id(connection, table)
    bulk_insert(
        connection,
        table,
        ("id", "customer_id", "channel", "purpose", "state", "source", "wording_version", "is_simulated", "at"),
        (
            (key, row.id, channel, "marketing", state, source, wording, True, min(row.created_at, at))
            for key, (row, channel, state, source, wording) in enumerate(given, start=first)
        ),
    )
