"""Bins as a warehouse lives them: put away, pick, fill up, miss a box, count a shelf; on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from order_shop import ZONE, OrderShop, new_order, order_shop
from sqlalchemy.orm import Session
from stock_shop import assert_lawful, line_of, on_order

from oms_core.backorders.commands import receive as receive_goods
from oms_core.fulfilment.commands import ship
from oms_core.fulfilment.tables import FulfillmentOrder
from oms_core.intake.commands import place
from oms_core.inventory import bin_moving, bin_replenishing, bin_retiring, bins, counts, lots
from oms_core.inventory.bin_queries import bin_contents, bins_of, list_record, lists, proposal_rows
from oms_core.inventory.bin_tables import BinEntry
from oms_core.kernel import clock
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InsufficientStock, InvalidInput, NotFound, Refused, TransitionRefused
from oms_core.kernel.settings import Shop

SHOP = Shop(zone=ZONE, currency="GBP")


def shelves(session: Session, shop: OrderShop, **kinds: str) -> dict[str, int]:
    """Name bins of Leeds in the order given; return their ids, the default bin's too once it is there."""
    leeds = shop.places["Leeds"]
    return {
        code: bins.define(session, location_id=leeds, code=code, kind=kind, position=n).id
        for n, (code, kind) in enumerate(kinds.items(), start=1)
    }


def held(session: Session, shop: OrderShop, sku: str = "MUG") -> dict[str, int]:
    """Return units by bin of Leeds."""
    found: dict[str, int] = {}
    for row in bin_contents(session, location_id=shop.places["Leeds"], variant_id=shop.variants[sku]):
        if row["units"]:
            found[row["bin"]] = found.get(row["bin"], 0) + row["units"]
    return found


def default_of(session: Session, shop: OrderShop) -> int:
    return bins.bin_named(session, shop.places["Leeds"], bins.DEFAULT_BIN).id


def test_pick_bins_are_filled_up_in_cases_and_a_missing_box_is_told(engine: sa.Engine, noon: datetime) -> None:
    with clock.frozen(noon), transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 30, "Bristol": 5}})
        mug, leeds = shop.variants["MUG"], shop.places["Leeds"]
        shelf = shelves(session, shop, A1="pick", OV1="overstock", OV2="overstock")
        # until somebody asks, bins cost nothing and nobody notices them
        assert bin_contents(session) == []
        bins.set_rule(session, bin_id=shelf["A1"], variant_id=mug, minimum=4, maximum=15, increment=6)
        assert held(session, shop) == {"DEFAULT": 30}
        default = default_of(session, shop)
        for target, n in (("OV1", 20), ("OV2", 8), ("A1", 2)):
            bin_moving.move(session, variant_id=mug, from_bin_id=default, to_bin_id=shelf[target], quantity=n)
        assert held(session, shop) == {"A1": 2, "OV1": 20, "OV2": 8}

    # 2 are there, 12 fit below 15 in cases of 6: the list says so
    with clock.frozen(noon), transaction(engine) as session:
        told = proposal_rows(session, bin_replenishing.proposal(session, location_id=leeds, zone=ZONE))
        assert told == [
            {"sku": "MUG", "from": "OV1", "to": "A1", "quantity": 12, "missing": 0, "why": "filled_up",
             "not_put_away": 0}
        ]  # fmt: skip
        made = bin_replenishing.open_list(session, location_id=leeds, zone=ZONE, actor="ola")
        (line,) = list_record(session, made)["lines"]
        assert line["why"].startswith("A1 has 2, below 4; 12 fit up to 15 in steps of 6; overstock has 28.")
        key, line_id = made.id, line["id"]
        # what is on its way counts: a second list has nothing to do
        with pytest.raises(Refused, match="nothing to carry"):
            bin_replenishing.open_list(session, location_id=leeds, zone=ZONE)

    # an order leaves through the pick bin, then through overstock; promising it chose no bin
    with clock.frozen(noon), transaction(engine) as session:
        order = place(session, SHOP, new_order({"MUG": 3}, external_id="B1"))
        assert held(session, shop)["A1"] == 2
        work = session.scalars(sa.select(FulfillmentOrder.id).where(FulfillmentOrder.order_id == order["id"])).one()
        ship(session, fulfillment_order_id=work, carrier="dpd", zone=ZONE)
        assert held(session, shop) == {"OV1": 19, "OV2": 8}

    # the worker carries 7, misses 2, and leaves the rest where it is
    with clock.frozen(noon), transaction(engine) as session:
        bin_replenishing.confirm(session, key, line_id=line_id, moved=7)
        with pytest.raises(InvalidInput, match="why units are missing"):
            bin_replenishing.confirm(session, key, line_id=line_id, moved=0, missing=2)
        with pytest.raises(InvalidInput, match="5 unit"):
            bin_replenishing.confirm(session, key, line_id=line_id, moved=6)
        with pytest.raises(NotFound):
            bin_replenishing.confirm(session, key, line_id=line_id + 7, moved=1)
        done = bin_replenishing.confirm(
            session, key, line_id=line_id, moved=0, missing=2, left=3, reason="box was open", actor="ola"
        )
        assert done.state == "done"
        assert held(session, shop) == {"A1": 7, "DEFAULT": 2, "OV1": 10, "OV2": 8}
        assert [(row["moved"], row["missing"], row["left"]) for row in lists(session)] == [(7, 2, 3)]
        with pytest.raises(TransitionRefused):
            bin_replenishing.cancel(session, key, reason="too late")
        assert_lawful(session)


def test_counts_find_what_bins_do_not_hold(engine: sa.Engine, noon: datetime) -> None:
    with clock.frozen(noon), transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 27}})
        mug, leeds = shop.variants["MUG"], shop.places["Leeds"]
        shelf = shelves(session, shop, A1="pick", OV1="overstock", OV2="overstock")
        bins.begin(session, variant_id=mug, location_id=leeds)
        default = default_of(session, shop)
        for target, n in (("A1", 7), ("OV1", 10), ("OV2", 8)):
            bin_moving.move(session, variant_id=mug, from_bin_id=default, to_bin_id=shelf[target], quantity=n)
        # the count of the location finds two gone, and takes them out of what has no place
        count = counts.open_count(session, location_id=leeds, variant_ids=[mug])
        counts.enter(session, count.id, counted={mug: 25})
        counts.post_count(session, count.id, reason="cycle count", zone=ZONE)
        assert held(session, shop) == {"A1": 7, "OV1": 10, "OV2": 8}
        # a shelf is counted by itself, too
        assert bin_moving.count(session, bin_id=shelf["OV2"], variant_id=mug, counted=9, reason="found", zone=ZONE) == 1
        assert bin_moving.count(session, bin_id=shelf["A1"], variant_id=mug, counted=7, reason="same", zone=ZONE) == 0
        assert held(session, shop) == {"A1": 7, "OV1": 10, "OV2": 9}
        assert shop.units(session, "MUG", "Leeds") == 26
        assert [(one["code"], one["units"]) for one in bins_of(session, leeds)] == [
            ("A1", 7), ("DEFAULT", 0), ("OV1", 10), ("OV2", 9)
        ]  # fmt: skip
        assert_lawful(session)


def test_what_expires_first_is_carried_first(engine: sa.Engine, noon: datetime) -> None:
    today = noon.date()
    with clock.frozen(noon), transaction(engine) as session:
        shop = order_shop(session, {"TEA": {"Leeds": 4}})
        tea, leeds = shop.variants["TEA"], shop.places["Leeds"]
        shelf = shelves(session, shop, A1="pick", OV1="overstock", OV2="overstock")
        bins.set_rule(session, bin_id=shelf["A1"], variant_id=tea, minimum=5, maximum=10, increment=5)
        lots.start_tracking(session, variant_id=tea)
        bought = on_order(session, shop, {"TEA": 12}, today)
        (line,) = [line_of(session, bought)]
        arrived = [
            lots.NewLot("LATE", today + timedelta(days=90), 6), lots.NewLot("SOON", today + timedelta(days=9), 3),
            lots.NewLot("OLD", today - timedelta(days=1), 3),
        ]  # fmt: skip
        receive_goods(session, purchase_order_id=bought, lines={line.id: 12}, lots={line.id: arrived}, zone=ZONE)
        default = default_of(session, shop)
        for lot, target, n in (("LATE", "OV1", 6), ("SOON", "OV2", 3), ("OLD", "OV2", 3)):
            bin_moving.move(session, variant_id=tea, from_bin_id=default, to_bin_id=shelf[target], quantity=n, lot=lot)
        assert_lawful(session)

        # nine good ones are in overstock: one case of five, three of what expires first among them
        made = bin_replenishing.open_list(session, location_id=leeds, zone=ZONE)
        record = list_record(session, made)
        assert [(x["lot"], x["from"], x["quantity"]) for x in record["lines"]] == [
            ("SOON", "OV2", 3), ("LATE", "OV1", 2)
        ]  # fmt: skip
        assert record["unmet"][0] == {
            "bin": "A1", "sku": "TEA", "in_bin": 0, "minimum": 5, "missing": 5, "why": "overstock_short",
            "not_put_away": 4,
        }  # fmt: skip
        for row in record["lines"]:
            bin_replenishing.confirm(session, made.id, line_id=row["id"], moved=row["quantity"])
        # a parcel takes first what expires first, wherever it lies
        order = place(session, SHOP, new_order({"TEA": 4}, external_id="T1"))
        work = session.scalars(sa.select(FulfillmentOrder.id).where(FulfillmentOrder.order_id == order["id"])).one()
        ship(session, fulfillment_order_id=work, carrier="dpd", zone=ZONE)
        assert held(session, shop, "TEA") == {"A1": 1, "DEFAULT": 4, "OV1": 4, "OV2": 3}
        assert_lawful(session)


def test_what_bins_refuse(engine: sa.Engine, noon: datetime) -> None:
    with clock.frozen(noon), transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 3}})
        mug, leeds = shop.variants["MUG"], shop.places["Leeds"]
        shelf = shelves(session, shop, A1="pick", OV1="overstock")
        away = bins.define(session, location_id=shop.places["Bristol"], code="B1", kind="pick").id
        bins.set_rule(session, bin_id=shelf["A1"], variant_id=mug, minimum=1, maximum=4, increment=2)
        default, same = default_of(session, shop), {"session": session, "variant_id": mug}
        with pytest.raises(InsufficientStock, match="wanted 4, available 3"):
            bin_moving.move(**same, from_bin_id=default, to_bin_id=shelf["OV1"], quantity=4)
        with pytest.raises(InvalidInput, match="another bin of the same location"):
            bin_moving.move(**same, from_bin_id=default, to_bin_id=away, quantity=1)
        for wrong in (
            {"minimum": 0, "maximum": 2},
            {"minimum": 3, "maximum": 2},
            {"minimum": 1, "maximum": 2, "increment": 3},
        ):
            with pytest.raises(InvalidInput):
                bins.set_rule(**same, bin_id=shelf["A1"], **wrong)
        with pytest.raises(Refused, match="only pick bins"):
            bins.set_rule(**same, bin_id=shelf["OV1"], minimum=1, maximum=2)
        with pytest.raises(Refused, match="filled up by rules"):
            bins.define(session, location_id=leeds, code="A1", kind="overstock")
        for code, kind in (("DEFAULT", "pick"), ("X", "fridge"), (" ", "pick")):
            with pytest.raises(InvalidInput):
                bins.define(session, location_id=leeds, code=code, kind=kind)
        with pytest.raises(NotFound, match="A2") as told:
            bins.bin_named(session, leeds, "A2")
        assert "A1" in told.value.hint
        # one unit of overstock is less than a case: the last units go all the same
        bin_moving.move(**same, from_bin_id=default, to_bin_id=shelf["OV1"], quantity=1)
        made = bin_replenishing.open_list(session, location_id=leeds, zone=ZONE)
        assert [x["quantity"] for x in list_record(session, made)["lines"]] == [1]
        for code, why in (("OV1", "1 units lie in"), ("A1", "rules"), ("DEFAULT", "stays")):
            with pytest.raises(Refused, match=why):
                bin_retiring.retire(session, bins.bin_named(session, leeds, code).id)
        bins.drop_rule(**same, bin_id=shelf["A1"])
        with pytest.raises(Refused, match=made.number):
            bin_retiring.retire(session, shelf["A1"])
        bin_replenishing.cancel(session, made.id, reason="night shift")
        bin_retiring.retire(session, shelf["A1"], actor="ola")
        assert [row["code"] for row in bins_of(session, leeds)] == ["DEFAULT", "OV1"]
        with pytest.raises(NotFound):
            bins.bin_named(session, leeds, "A1")
        with pytest.raises(Refused, match="taken away"):
            bin_moving.move(**same, from_bin_id=default, to_bin_id=shelf["A1"], quantity=1)
        bins.define(session, location_id=leeds, code="A1", kind="overstock")
        assert session.scalar(sa.select(sa.func.sum(BinEntry.quantity))) == 3
        assert_lawful(session)
