"""A shelf that falls below its point is told once, until it is back: on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from small_shop import ZONE, SmallShop, small_shop, stock

from oms_core.inventory import commands as inventory
from oms_core.inventory import low_stock
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import NotFound

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def shop(engine: sa.Engine) -> SmallShop:
    with transaction(engine) as session:
        made = small_shop(session)
        stock(session, made, MUG=10, BAG=10, TIN=2)
        return made


def take(session, shop, sku, units):
    inventory.adjust(
        session, variant_id=shop.variants[sku], location_id=shop.warehouse, delta_qty=-units, reason="sold", zone=ZONE
    )


def test_one_notice_a_crossing_and_another_only_after_it_came_back(engine, shop):
    with transaction(engine) as session:
        mug, place = shop.variants["MUG"], shop.warehouse
        low_stock.set_point(session, variant_id=mug, location_id=place, units=5, actor="ola")
        assert low_stock.watch(session) == {"raised": [], "ended": 0}
        take(session, shop, "MUG", 6)
        assert low_stock.turns_due(session)
        (raised,) = low_stock.watch(session)["raised"]
        assert (raised["units"], raised["point"]) == (4, 5)
        take(session, shop, "MUG", 2)
        assert low_stock.watch(session) == {"raised": [], "ended": 0}
        (notice,) = low_stock.notices(session)
        assert (notice["sku"], notice["units"], notice["available"]) == ("MUG", 4, 2)
        assert low_stock.acknowledge(session, [notice["id"]], actor="jan") == 1
        assert low_stock.acknowledge(session, [notice["id"]], actor="ola") == 0
        assert low_stock.count_open(session) == {"low": 1, "unseen": 0}
        take(session, shop, "MUG", -3)
        assert low_stock.watch(session) == {"raised": [], "ended": 1}
        take(session, shop, "MUG", 3)
        assert len(low_stock.watch(session)["raised"]) == 1
        low_stock.drop_point(session, variant_id=mug, location_id=place, actor="ola")
        assert low_stock.notices(session) == []
        with pytest.raises(NotFound):
            low_stock.drop_point(session, variant_id=mug, location_id=place, actor="ola")


def test_the_forecast_moves_its_own_points_and_no_persons(engine, shop):
    with transaction(engine) as session:
        mug, bag, tin = (shop.variants[sku] for sku in ("MUG", "BAG", "TIN"))
        place = shop.warehouse
        low_stock.set_point(session, variant_id=mug, location_id=place, units=5, actor="ola")
        first = {(mug, place): 40, (bag, place): 7, (tin, place): 3}
        assert low_stock.points_of_forecast(session, first) == {"set": 2, "dropped": 0}
        assert [r["sku"] for r in map(dict, low_stock.notices(session))] == []
        assert len(low_stock.watch(session)["raised"]) == 1
        assert low_stock.points_of_forecast(session, {(bag, place): 20}) == {"set": 1, "dropped": 1}
        told = {(p["sku"], p["units"], p["source"]) for p in low_stock.points(session)}
        assert told == {("MUG", 5, "person"), ("BAG", 20, "forecast")}
        done = low_stock.watch(session)
        assert ([r["variant_id"] for r in done["raised"]], done["ended"]) == ([bag], 1)
