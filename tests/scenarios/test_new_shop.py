"""A merchant starts with an empty shop: settings, places, goods, suppliers and stock, and the first order."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from oms_core.audit.laws import run as run_laws
from oms_core.catalog.tables import SupplierItem, Variant
from oms_core.intake.commands import place
from oms_core.inventory.queries import levels_of, variant_of
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.kernel.journal import JournalEntry
from oms_core.kernel.settings import Shop, stored_shop
from oms_core.locations.tables import Location
from oms_core.master_data.commands import Outcome, put
from oms_core.master_data.opening import Stocked, put_stock
from oms_core.master_data.queries import listing, sheet_named
from oms_core.master_data.settings import change_settings
from oms_core.master_data.sheets import SHEETS
from oms_core.orders.new import NewAddress, NewCustomer, NewLine, NewOrder

ROWS: dict[str, list[dict[str, str]]] = {
    "locations": [
        {"code": "WAW", "name": "Warszawa", "country": "PL", "postal_code": "00-950"},
        {"code": "GDN", "name": "Gdańsk", "country": "PL", "kind": "store", "position": "2"},
    ],
    "channels": [{"code": "web", "name": "Sklep", "kind": "web"}],
    "products": [
        {"sku": "MUG-RED", "title": "Red mug", "product": "MUG", "category": "Mugs", "price": "39,90", "cost": "14.2"},
        {"sku": "MUG-BLUE", "title": "Blue mug", "product": "MUG", "price": "39.90", "barcode": "590"},
        {"sku": "TEA", "title": "Tea", "price": "12", "weight_g": "100"},
    ],
    "suppliers": [{"code": "KILN", "name": "Kiln", "lead_time_days": "12", "min_order": "500", "currency": "EUR"}],
    "supplier-items": [
        {"supplier": "KILN", "sku": "MUG-RED", "unit_cost": "3.10", "currency": "EUR", "pack": "6", "moq": "12"}
    ],
}
STOCK = [
    {"sku": "MUG-RED", "location": "WAW", "on_hand": "10"},
    {"sku": "MUG-RED", "location": "GDN", "on_hand": "3"},
    {"sku": "TEA", "location": "WAW", "on_hand": "0"},
]


def hand_in(engine: sa.Engine, name: str, rows: list[dict[str, Any]]) -> Outcome:
    with transaction(engine) as session:
        return put(session, sheet_named(name), rows, currency="PLN", actor="ala")


def stock(engine: sa.Engine, *rows: dict[str, str]) -> Stocked:
    with transaction(engine) as session:
        return put_stock(session, rows, reason="first count", zone="Europe/Warsaw", actor="ala")


def order(engine: sa.Engine, units: int) -> dict[str, Any]:
    new = NewOrder(
        channel="web", external_id=f"first-{units}", currency="PLN",
        lines=[NewLine(sku="MUG-RED", quantity=units, unit_price_minor=3990)],
        customer=NewCustomer(email="ola@example.com"), address=NewAddress(country="PL", postal_code="00-001"),
    )  # fmt: skip
    with transaction(engine) as session:
        return place(session, stored_shop(session), new)


@pytest.fixture
def started(engine: sa.Engine) -> sa.Engine:
    for name, rows in ROWS.items():
        assert hand_in(engine, name, rows).as_dict() == {
            "created": len(rows), "changed": 0, "unchanged": 0, "rejected": []
        }  # fmt: skip
    assert stock(engine, *STOCK).as_dict() == {
        "created": 2, "changed": 0, "unchanged": 1, "units_in": 13, "units_out": 0, "rejected": []
    }  # fmt: skip
    return engine


def test_from_nothing_to_the_first_order(started: sa.Engine) -> None:
    answer = order(started, 4)
    assert answer["allocations"] == [
        {"sku": "MUG-RED", "quantity": 4, "location": "WAW", "location_name": "Warszawa"}
    ]  # fmt: skip
    with transaction(started) as session:
        warsaw = session.scalars(sa.select(Location).where(Location.code == "WAW")).one()
        assert warsaw.latitude == pytest.approx(52.2, abs=0.3)
        assert {v.sku for v in session.scalars(sa.select(Variant)) if v.product_id == 1} == {"MUG-RED", "MUG-BLUE"}
        broken = [law for law in run_laws(session) if law["broken"]]
        assert broken == []
        assert session.scalar(sa.select(sa.func.count()).where(JournalEntry.event == "variant.created")) == 3


def test_what_is_read_can_be_handed_in_again_and_changes_nothing(started: sa.Engine) -> None:
    for name, sheet in SHEETS.items():
        with transaction(started) as session:
            rows = [{k: v for k, v in row.items() if k != "id"} for row in listing(session, sheet)]
        assert len(rows) == len(ROWS[name])
        assert hand_in(started, name, rows).as_dict()["unchanged"] == len(rows)
    with transaction(started) as session:
        (tea,) = listing(session, sheet_named("products"), search="tEa")
    assert tea | {"id": 0} == {
        "id": 0, "sku": "TEA", "title": "Tea", "product": "TEA", "category": "", "barcode": "", "price": "12.00",
        "cost": "", "currency": "PLN", "weight_g": "100", "volume_cm3": "", "is_active": "yes",
    }  # fmt: skip


def test_only_what_is_given_changes_and_a_dash_empties(started: sa.Engine) -> None:
    done = hand_in(started, "products", [
        {"sku": "MUG-RED", "price": "44.90", "category": "Gifts", "cost": "-"},
        {"sku": "MUG-BLUE", "title": "", "barcode": "590"},
    ])  # fmt: skip
    assert (done.changed, done.unchanged, done.rejected) == (1, 1, [])
    with transaction(started) as session:
        red, blue, _ = listing(session, sheet_named("products"))
        change = session.scalars(sa.select(JournalEntry).where(JournalEntry.event == "variant.changed")).one()
    assert (red["price"], red["cost"], red["category"]) == ("44.90", "", "Gifts")
    assert (blue["title"], blue["category"]) == ("Blue mug", "Gifts")  # one product, one category
    assert change.data == {
        "before": {"price_minor": 3990, "cost_minor": 1420}, "after": {"price_minor": 4490, "cost_minor": None}
    }  # fmt: skip


def test_faulty_rows_are_told_and_hinder_no_other(started: sa.Engine) -> None:
    done = hand_in(started, "products", [
        {"sku": "PEN", "title": "Pen", "price": "3"},
        {"sku": "CUP", "price": "3"},
        {"sku": "JAR", "title": "Jar", "price": "-3"},
        {"sku": "PEN", "title": "Pen again", "price": "4"},
        {"sku": "POT", "title": "Pot", "price": "9", "barcode": "590"},
        {"sku": "", "title": "Nothing", "price": "1"},
        {"sku": "LID", "title": "Lid", "price": "2", "colour": "red"},
        {"sku": "TEA", "title": "-"},
    ])  # fmt: skip
    assert done.created == 1
    assert [(row.number, row.fault.code) for row in done.rejected] == [
        (2, "input.title"), (3, "input.price"), (4, "input.row"), (5, "input.barcode"), (6, "input.sku"),
        (7, "column.not_found"), (8, "input.title"),
    ]  # fmt: skip
    assert "belongs to MUG-BLUE" in str(done.rejected[3].fault)
    assert done.rejected[0].as_dict() | {"why": ""} == {
        "sku": "CUP", "price": "3", "row": 2, "code": "input.title", "why": ""
    }  # fmt: skip
    unknown = hand_in(started, "supplier-items", [{"supplier": "KILM", "sku": "TEA", "unit_cost": "1"}])
    assert unknown.rejected[0].fault.hint == "Did you mean 'KILN'?"


def test_the_supplier_named_last_is_the_preferred_one(started: sa.Engine) -> None:
    hand_in(started, "suppliers", [{"code": "OVEN", "name": "Oven", "lead_time_days": "5"}])
    hand_in(started, "supplier-items", [{"supplier": "OVEN", "sku": "MUG-RED", "unit_cost": "12"}])
    with transaction(started) as session:
        query = sa.select(SupplierItem.is_preferred).order_by(SupplierItem.id)
        assert session.scalars(query).all() == [False, True]


def test_stock_is_set_by_its_difference_and_never_below_what_is_promised(started: sa.Engine) -> None:
    order(started, 4)
    done = stock(
        started,
        {"sku": "MUG-RED", "location": "WAW", "on_hand": "3"},
        {"sku": "MUG-RED", "location": "GDN", "on_hand": "2"},
        {"sku": "TEA", "location": "WAW", "on_hand": "7"},
        {"sku": "TEA", "location": "WROC", "on_hand": "7"},
    )
    assert [(row.number, row.fault.code) for row in done.rejected] == [(1, "stock.promised"), (4, "location.not_found")]
    assert "4 units are promised" in str(done.rejected[0].fault)
    assert (done.created, done.changed, done.units_in, done.units_out) == (1, 1, 7, 1)
    with transaction(started) as session:
        levels = levels_of(session, variant_of(session, "MUG-RED").id)
        assert {level["location"]: level["on_hand"] for level in levels} == {"WAW": 10, "GDN": 2}
        assert [law for law in run_laws(session) if law["broken"]] == []


def test_settings_are_checked_and_kept(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = change_settings(session, {"name": "Kubki", "currency": "eur", "zone": "Europe/Berlin", "tax_id": "1"})
        assert (shop.name, shop.currency, shop.zone) == ("Kubki", "EUR", "Europe/Berlin")
        assert stored_shop(session) == shop
        with pytest.raises(InvalidInput, match="IANA"):
            change_settings(session, {"zone": "Warsaw"})
        with pytest.raises(NotFound) as unknown:
            change_settings(session, {"curency": "PLN"})
        assert "'currency'" in unknown.value.hint
        with pytest.raises(InvalidInput, match="something such as"):
            change_settings(session, {"name": " "})
        assert change_settings(session, {"tax_id": ""}).tax_id == ""


def test_zone_and_currency_stay_once_there_are_orders(started: sa.Engine) -> None:
    order(started, 1)
    with transaction(started) as session:
        assert change_settings(session, {"name": "Kubki", "currency": "PLN"}).name == "Kubki"
        with pytest.raises(Refused) as fixed:
            change_settings(session, {"currency": "EUR"})
    assert fixed.value.code == "settings.fixed"
    assert Shop().currency == "PLN"
