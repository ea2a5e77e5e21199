"""Every named CHECK and UNIQUE constraint refuses what it is there to refuse, on both databases.

The list of constraints is read from the metadata: a new one without an example here fails.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import bin_shop
import buying_constraints
import core_constraints
import forecast_constraints
import money_constraints
import pytest
import reporting_constraints
import segment_constraints
import sqlalchemy as sa
import value_constraints
from held import BACKENDS, NOON

from oms_core.customers.tables import CONSENT_CHANNELS, CONSENT_STATES, CUSTOMER_KINDS, IDENTITY_KINDS
from oms_core.fulfilment.states import FULFILLMENT_ORDER, SHIPMENT
from oms_core.inventory.states import TRANSFER
from oms_core.inventory.tables import MOVEMENT_KINDS, ON_HAND_STATES, OUTSIDE
from oms_core.kernel.database import UtcDateTime, make_engine
from oms_core.locations.tables import CHANNEL_KINDS, LOCATION_KINDS
from oms_core.orders.states import DELIVERY, FULFILLMENT, ORDER, PAYMENT
from oms_core.orders.states import RETURN as RETURN_AXIS
from oms_core.orders.tables import ADJUSTMENT_KINDS
from oms_core.payments.tables import CHARGE_KINDS, PAYMENT_KINDS
from oms_core.purchasing.states import PURCHASE_ORDER
from oms_core.returns.states import RETURN
from oms_core.returns.tables import DISPOSITIONS
from oms_core.routing.tables import RULE_KINDS
from oms_core.schema import METADATA

CHECKS = {
    str(c.name): (table, c)
    for table in METADATA.tables.values()
    for c in table.constraints
    if isinstance(c, sa.CheckConstraint)
}
UNIQUES = {
    str(c.name): (table, c)
    for table in METADATA.tables.values()
    for c in table.constraints
    if isinstance(c, sa.UniqueConstraint)
}
ENUMS = {name: found for name, found in CHECKS.items() if name.endswith("_known")}

#: What makes a sound row break each rule that is not a list of values.
BROKEN: dict[str, dict[str, Any]] = {
    "ck_suppliers_lead_time_positive": {"lead_time_days": 0.0},
    "ck_orders_cancelled_has_time": {"state": "cancelled"},
    "ck_orders_total_adds_up": {"total_minor": 1},
    "ck_transfers_two_places": {"to_location_id": 1, "from_location_id": 1},
    "ck_variants_cost_not_negative": {"cost_minor": -1},
    "ck_variants_price_not_negative": {"price_minor": -1},
    "ck_order_lines_discount_within_gross": {"discount_minor": 2},
    "ck_order_lines_gross_adds_up": {"gross_minor": 2},
    "ck_order_lines_quantity_positive": {"quantity": 0, "gross_minor": 0},
    "ck_order_lines_returned_within_shipped": {"returned_qty": 1},
    "ck_order_lines_shipped_within_quantity": {"shipped_qty": 1, "cancelled_qty": 1},
    "ck_payments_amount_positive": {"amount_minor": 0},
    "ck_purchase_order_lines_cost_not_negative": {"unit_cost_minor": -1},
    "ck_purchase_order_lines_quantity_positive": {"quantity": 0},
    "ck_purchase_order_lines_received_not_negative": {"received_qty": -1},
    "ck_returns_total_adds_up": {"total_minor": 1},
    "ck_stock_levels_available_not_oversold": {"available": -1},
    "ck_stock_levels_backorder_limit_not_negative": {"backorder_limit_qty": -1, "available": 5},
    "ck_stock_levels_states_not_negative": {"committed": -1},
    "ck_stock_movements_from_place_whole": {"from_location_id": None},
    "ck_stock_movements_quantity_positive": {"quantity": 0},
    "ck_stock_movements_to_place_whole": {"to_location_id": None},
    "ck_supplier_items_cost_not_negative": {"unit_cost_minor": -1},
    "ck_supplier_items_pack_positive": {"pack_qty": 0},
    "ck_transfer_lines_quantity_positive": {"quantity": 0},
    "ck_transfer_lines_received_within_quantity": {"received_qty": 1, "lost_qty": 1},
    "ck_allocations_consumed_within_quantity": {"shipped_qty": 1, "released_qty": 1},
    "ck_allocations_quantity_positive": {"quantity": 0},
    "ck_receipt_lines_quantity_positive": {"quantity": 0},
    "ck_return_lines_quantity_positive": {"quantity": 0},
    "ck_return_lines_received_within_quantity": {"received_qty": 2},
    "ck_shipments_delivered_has_time": {"state": "delivered"},
    "ck_shipment_lines_quantity_positive": {"quantity": 0},
}

#: Enum of the program behind each list of values in the database.
LISTS: dict[str, tuple[str, ...]] = {
    "ck_channels_kind_known": CHANNEL_KINDS,
    "ck_customers_kind_known": CUSTOMER_KINDS,
    "ck_locations_kind_known": LOCATION_KINDS,
    "ck_routing_rules_kind_known": RULE_KINDS,
    "ck_charges_kind_known": CHARGE_KINDS,
    "ck_consents_channel_known": CONSENT_CHANNELS,
    "ck_consents_state_known": CONSENT_STATES,
    "ck_customer_identities_kind_known": IDENTITY_KINDS,
    "ck_orders_delivery_status_known": tuple(DELIVERY),
    "ck_orders_fulfillment_status_known": tuple(FULFILLMENT),
    "ck_orders_payment_status_known": tuple(PAYMENT),
    "ck_orders_return_status_known": tuple(RETURN_AXIS),
    "ck_orders_state_known": ORDER.states,
    "ck_purchase_orders_state_known": PURCHASE_ORDER.states,
    "ck_transfers_state_known": TRANSFER.states,
    "ck_order_adjustments_kind_known": ADJUSTMENT_KINDS,
    "ck_payments_kind_known": PAYMENT_KINDS,
    "ck_returns_state_known": RETURN.states,
    "ck_stock_movements_from_state_known": (*ON_HAND_STATES, *OUTSIDE),
    "ck_stock_movements_kind_known": MOVEMENT_KINDS,
    "ck_stock_movements_to_state_known": (*ON_HAND_STATES, *OUTSIDE),
    "ck_fulfillment_orders_state_known": FULFILLMENT_ORDER.states,
    "ck_return_adjustments_kind_known": ADJUSTMENT_KINDS,
    "ck_return_lines_disposition_known": DISPOSITIONS,
    "ck_shipments_state_known": SHIPMENT.states,
    "ck_tracking_events_state_known": SHIPMENT.states,
}

#: Columns a sound row needs to be other than its type's plainest value.
SOUND: dict[str, dict[str, Any]] = {
    "stock_movements": {"from_state": "available", "to_state": "committed", "from_location_id": 1, "to_location_id": 1},
    "transfers": {"from_location_id": 1, "to_location_id": 2},
    "order_lines": {"unit_price_minor": 1, "gross_minor": 1},
}
for examples in (
    bin_shop, buying_constraints, core_constraints, forecast_constraints, money_constraints, reporting_constraints,
    segment_constraints,
    value_constraints,
):  # fmt: skip
    BROKEN |= examples.BROKEN
    LISTS |= examples.LISTS
    SOUND |= examples.SOUND
PLAIN: tuple[tuple[type, Any], ...] = (
    (sa.Boolean, False),
    (sa.Float, 1.0),
    (sa.Integer, 1),
    (sa.Date, date(2010, 12, 9)),
    (sa.JSON, {}),
    (sa.String, "X"),
)


@pytest.fixture(scope="module", params=BACKENDS)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """One migrated database for the module; every test rolls back."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("constraints") / "oms.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        url = f"sqlite:///{path}"
    else:
        url = request.getfixturevalue("postgres").create("constraints", request.getfixturevalue("migrated_postgres"))
    engine = make_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(database: sa.Engine) -> Iterator[sa.Connection]:
    with database.connect() as opened:
        opened.begin()
        for n, code in ((1, "A"), (2, "B")):
            row = sound_row(METADATA.tables["locations"]) | {"id": n, "code": code}
            opened.execute(METADATA.tables["locations"].insert(), row)
        yield opened
        opened.rollback()


def listed(constraint: sa.CheckConstraint) -> tuple[str, tuple[str, ...]]:
    """Return the column and the values of a list-of-values CHECK."""
    column, values = re.fullmatch(r"(\w+) IN \((.*)\)", str(constraint.sqltext)).groups()  # type: ignore[union-attr]
    return column, tuple(re.findall(r"'([^']*)'", values))


def sound_row(table: sa.Table) -> dict[str, Any]:
    """Return the plainest row the table takes (parents have id 1)."""
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.primary_key or column.nullable or column.default is not None:
            continue
        row[column.name] = next((value for kind, value in PLAIN if isinstance(column.type, kind)), NOON)
    for constraint in table.constraints:
        if isinstance(constraint, sa.CheckConstraint) and str(constraint.name).endswith("_known"):
            name, values = listed(constraint)
            if name in row:
                row[name] = values[0]
    return row | SOUND.get(table.name, {})


def add_sound(connection: sa.Connection, table: sa.Table) -> None:
    """Write one sound row, and before it one of every parent it needs, unless it is there."""
    if connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one():
        return
    for key in table.foreign_keys:
        if not key.parent.nullable:
            add_sound(connection, key.column.table)
    for name, parent_id in core_constraints.PARENTS.get(table.name, ()):
        parent = METADATA.tables[name]
        add_sound(connection, parent)
        if parent_id > 1:
            connection.execute(parent.insert(), different(parent) | {"id": parent_id})
    connection.execute(table.insert(), {"id": 1, **sound_row(table)})


def refuse(connection: sa.Connection, table: sa.Table, row: dict[str, Any]) -> str:
    """Write a row that must be refused and return what the database said."""
    with pytest.raises(sa.exc.IntegrityError) as refused, connection.begin_nested():
        connection.execute(table.insert(), row)
    return str(refused.value.orig)


def test_every_rule_has_an_example() -> None:
    assert set(BROKEN) == set(CHECKS) - set(ENUMS)
    assert set(LISTS) == set(ENUMS)


@pytest.mark.parametrize("name", sorted(ENUMS))
def test_lists_in_the_database_are_the_programs(name: str) -> None:
    assert listed(CHECKS[name][1])[1] == LISTS[name]


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_check_refuses(connection: sa.Connection, name: str) -> None:
    table, constraint = CHECKS[name]
    add_sound(connection, table)
    nonsense = core_constraints.WITH_NONSENSE.get(name, {})
    broken = {listed(constraint)[0]: "nonsense"} | nonsense if name in ENUMS else BROKEN[name]
    assert name in refuse(connection, table, different(table) | broken)


@pytest.mark.parametrize("name", sorted(UNIQUES))
def test_unique_refuses(connection: sa.Connection, name: str) -> None:
    table, constraint = UNIQUES[name]
    add_sound(connection, table)
    first = connection.execute(sa.select(table).order_by(table.c.id)).mappings().first() or {}
    nullable = {c.name: "X" for c in constraint.columns if first[c.name] is None}
    if nullable:
        connection.execute(table.update().values(nullable))
    same = {c.name: connection.execute(sa.select(c)).scalars().first() for c in constraint.columns}
    said = refuse(connection, table, different(table) | same)
    columns = ", ".join(f"{table.name}.{c.name}" for c in constraint.columns)
    assert name in said or f"UNIQUE constraint failed: {columns}" in said


def different(table: sa.Table) -> dict[str, Any]:
    """Return a sound row that shares no unique value with the first."""
    row = {"id": 99, **sound_row(table), **core_constraints.SECOND.get(table.name, {})}
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint):
            free = [c for c in constraint.columns if not c.foreign_keys and not isinstance(c.type, sa.JSON)]
            for column in free[-1:]:
                later = NOON + timedelta(days=1) if isinstance(column.type, UtcDateTime) else "Y"
                row[column.name] = 2 if isinstance(column.type, sa.Integer) else later
    # a list of values keeps its values
    for constraint in table.constraints:
        if isinstance(constraint, sa.CheckConstraint) and str(constraint.name) in ENUMS:
            name, values = listed(constraint)
            if row.get(name) == "Y":
                row[name] = values[1]
    return row
