"""The order desk sends two orders as one parcel, moves work, and offers to book made units or to end a window."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
from page_reader import Open
from test_order_desk import SKU_B, asking, placed

from app import data, desk, dossier
from app.views.order_actions import offered, unmade
from oms_core.catalog.bundles import set_stock_kind
from oms_core.inventory import commands as inventory
from oms_core.inventory.queries import variant_of
from oms_core.kernel import clock
from oms_core.orders.tables import Order


def act(own_shop: Open, number: str, action: str) -> dossier.Dossier:
    """Choose an action and confirm it; return the order as it is then."""
    at = asking(own_shop, number, action)
    at.button(key="order_confirm").click().run()
    assert not at.error, [error.value for error in at.error]
    return dossier.load(number)


def test_work_changes_hands_and_two_orders_leave_in_one_parcel(own_shop: Open) -> None:
    own_shop("orders")
    first, second = placed("A1"), placed("A2")
    assert act(own_shop, second, "together").head["fulfillment_status"] == "fulfilled"
    assert dossier.load(first).head["fulfillment_status"] == "fulfilled"
    with data.floor().workspace.transaction() as session:
        set_stock_kind(session, variant_of(session, SKU_B).id, "made_to_order", lead_time_days=3)
    order = dossier.load(placed("A3"))
    number, here = str(order.head["number"]), order.work[0]["location_id"]
    assert [unmade(order, line) for line in order.lines] == [0, 4]
    with data.floor().workspace.transaction() as session:
        session.get_one(Order, order.head["id"]).release_at = clock.now() + timedelta(hours=1)
        inventory.adjust(
            session, variant_id=order.lines[0]["variant_id"], location_id=3 - here, delta_qty=9, reason="found",
            zone=desk.zone(), actor="t",
        )  # fmt: skip
    assert {"release_now", "made"} <= {one.name for one in offered(dossier.load(number))}
    after = act(own_shop, number, "move")
    assert {one["location_id"] for one in after.work if any(u["open"] for u in one["units"])} == {3 - here}
    drawer = own_shop("orders", order=number)
    there = data.locations().filter(pl.col("location_id") == 3 - here)["name"].item()
    assert any(one.value.startswith("Chosen by hand") for one in drawer.caption)
    facts = next(table.value for table in drawer.table if "Warehouse" in table.value.to_string())
    assert f"Warehouse {there}" in " ".join(facts.to_string().split())
