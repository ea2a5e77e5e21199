"""A buyer's manager says under which rules is bought: limits, service, low-stock points, price breaks."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from page_reader import Open, words
from shop_extras import store_a_forecast

from app import data, desk
from app.jobs import supply_plan
from app.jobs.buying_desk import purchase_order
from app.jobs.low_stock import recipients
from app.jobs.replenishment import draft_suggested, plan
from app.views import buying_breaks, buying_points, buying_service, buying_terms, purchase_order_edit
from oms_core.catalog.tables import Variant
from oms_core.inventory import low_stock
from oms_core.planning.service import services
from oms_core.purchasing.limits import limits

OPENED = {"service": "Jaki poziom obsługi", "breaks": "Ile kosztuje większa ilość"}


def test_limits_are_set_and_taken_back_points_are_shown_and_mail_is_named(own_shop: Open) -> None:
    for side in ("service", "breaks"):
        at = own_shop("buying_terms", terms_side=side, lang="pl")
        assert not at.exception
        assert OPENED[side] in words(at)
    at = own_shop("buying_terms")
    assert "nobody is asked" in words(at)
    at.text_input(key="limit_buyer").set_value("anna").run()
    at.number_input(key="limit_amount").set_value(500.0).run()
    at.button(key="limit_set").click().run()
    kept = desk.read(limits)
    assert [(one["buyer"], one["amount_minor"], one["set_by"]) for one in kept] == [("anna", 50000, "dashboard")]
    assert "Who is not named orders nothing alone" in words(at)
    at.button(key="limit_drop").click().run()
    assert desk.read(limits) == []
    with data.floor().workspace.transaction() as session:
        variant = session.query(Variant).order_by(Variant.id).first()
        low_stock.set_point(session, variant_id=variant.id, location_id=1, units=7, actor="ola")
        sku = variant.sku
    at = own_shop("buying_terms", terms_side="points")
    assert at.dataframe[-1].value.iloc[0].to_dict() | {"set_at": ""} == {
        "sku": sku, "place": "Leeds", "units": 7, "set_by": "ola", "set_at": "",
    }  # fmt: skip
    at.text_input(key="points_mail").set_value("buyer@shop.example, not an address").run()
    at.button(key="points_mail_save").click().run()
    assert "name@example.com" in str(at.error[0].value)
    at.text_input(key="points_mail").set_value("buyer@shop.example").run()
    at.button(key="points_mail_save").click().run()
    assert desk.read(recipients) == ["buyer@shop.example"]
    targets = desk.read(services)
    table = buying_service.frame(targets, {("A", "X"): 4}).to_dicts()
    assert buying_service.changes(targets, table) == {}
    table[8] |= {"measure": "Units from stock", "target": 80.0}
    assert buying_service.changes(targets, table) == {("C", "Z"): ("fill", 0.8)}


def test_what_was_written_into_a_table_becomes_what_is_asked_for() -> None:
    before = {1: {"units": 5}, 2: {}, 3: {"units": 9}}
    assert buying_points.wanted(before, [{"units": 6}, {"units": None}, {"units": None}]) == {1: 6, 3: None}
    rows = [{"from_qty": 100, "unit_cost": 2.1}, {"from_qty": None, "unit_cost": None}]
    assert (buying_breaks.faulty(rows), buying_breaks.wanted(rows, "GBP")) == ("", {100: 210})


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"from_qty": None, "unit_cost": 2.0}, "both the units and the price"),
        ({"from_qty": 500, "unit_cost": None}, "both the units and the price"),
        ({"from_qty": 100, "unit_cost": 1.9}, "Two rows begin at 100 units"),
    ],
)
def test_no_row_of_prices_is_dropped_without_a_word(more: dict[str, float | None], fault: str) -> None:
    assert fault in buying_breaks.faulty([{"from_qty": 100, "unit_cost": 2.1}, more])


def test_every_opened_side_is_one_of_the_page() -> None:
    assert set(OPENED) < set(buying_terms.SIDES)


def test_a_draft_is_not_planned_twice_is_changed_sent_and_moved(own_shop: Open, tmp_path: Path) -> None:
    store_a_forecast(tmp_path / "home")
    own_shop("buying_terms")
    workspace = data.floor().workspace
    before = supply_plan.supply_plan(workspace).by()
    (number, *_rest) = draft_suggested(workspace, plan(workspace), location="leeds")["numbers"]
    after = supply_plan.supply_plan(workspace).by()
    drafted = after["drafted_units"].sum() - before["drafted_units"].sum()
    assert drafted > 0
    saved = before["planned_units"].sum() - after["planned_units"].sum()
    assert saved > drafted / 2  # what was drafted at once may be more than the plan wanted by month
    assert after["arriving_units"].equals(before["arriving_units"])
    paid = [(rows["paid_planned_minor"] + rows["paid_open_minor"]).sum() for rows in (before, after)]
    assert paid[1] == pytest.approx(paid[0], rel=0.25)
    order = purchase_order(workspace, number, actor="anna")
    wanted = purchase_order_edit.changes(order["lines"], [{"units": line["quantity"] + 1} for line in order["lines"]])
    assert wanted == {line["id"]: line["quantity"] + 1 for line in order["lines"]}
    with workspace.transaction() as session:
        purchase_order_edit.write(session, order, wanted)
    at = own_shop("purchase_orders", po=number)
    assert "Change quantities" in words(at)
    at.button(key="po_send").click().run()
    at.button(key="po_confirm").click().run()
    assert at.button(key="po_mail")
    at.date_input(key="po_day").set_value(date(2011, 2, 1)).run()
    at.text_input(key="po_day_reason").set_value("the ship is late").run()
    at.button(key="po_day_save").click().run()
    assert purchase_order(workspace, number, actor="anna")["expected_on"] == date(2011, 2, 1)
