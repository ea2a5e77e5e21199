"""Stock as a manager lives it: the till, the channels, the count, the missing box, the lots; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from order_shop import ZONE, new_order, order_shop
from stock_shop import assert_lawful, channel, line_of, on_order

from oms_core.backorders.commands import receive as receive_goods
from oms_core.fulfilment.commands import ship
from oms_core.fulfilment.tables import FulfillmentOrder
from oms_core.intake.commands import place
from oms_core.inventory import counts, lots, reservations
from oms_core.inventory.channels import channel_availability, drop_rule, set_rule
from oms_core.inventory.commands import (
    adjust,
    book_found_units,
    change_state,
    draft_transfer,
    receive_transfer,
    ship_transfer,
)
from oms_core.inventory.count_posting import count_named, count_record
from oms_core.inventory.history import stock_as_of, why
from oms_core.inventory.promise_tables import Reservation
from oms_core.inventory.queries import levels_of, transfer_record
from oms_core.inventory.tables import TransferLine
from oms_core.kernel import clock
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InsufficientStock, InvalidInput, Refused, TransitionRefused
from oms_core.kernel.settings import Shop
from oms_core.orders.commands import cancel_order
from oms_core.orders.tables import OrderLine
from oms_core.purchasing import commands as purchasing
from oms_core.returns.commands import (
    NewReturnLine,
    ReceivedLine,
    approve_return,
    receive_return,
    request_return,
)
from oms_core.returns.tables import ReturnLine

SHOP = Shop(zone=ZONE, currency="GBP")
#: Names buyers' carts go by.
ALA, OLA = "ala", "ola"
HOUR = timedelta(hours=1)


def test_the_till_holds_the_last_mug_until_it_is_paid(engine: sa.Engine, noon: datetime) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 1}})
        web = channel(session, "web")

    # Ala is at the till with the last mug; nobody else can have it
    with transaction(engine) as session:
        held = reservations.reserve(session, channel_id=web, lines={shop.variants["MUG"]: 1}, token=ALA, zone=ZONE)
        assert held.expires_at == noon + timedelta(minutes=15)
        assert shop.units(session, "MUG", "Leeds", "reserved") == 1
    with pytest.raises(InsufficientStock, match="MUG wanted 1, available 0"), transaction(engine) as session:
        place(session, SHOP, new_order({"MUG": 1}, external_id="somebody"))

    # she pays: what was reserved is committed to her order
    with transaction(engine) as session:
        answer = place(session, SHOP, replace(new_order({"MUG": 1}, external_id="ala"), reservation=ALA))
        assert answer["reservation"] == "converted"
        assert [(a["sku"], a["quantity"], a["location"]) for a in answer["allocations"]] == [("MUG", 1, "LDS")]
        assert shop.units(session, "MUG", "Leeds", "reserved") == 0
        assert shop.units(session, "MUG", "Leeds", "committed") == 1
        assert session.get_one(Reservation, held.id).order_id == answer["id"]
        assert_lawful(session)

    # the same reservation cannot serve a second order
    with pytest.raises(InsufficientStock), transaction(engine) as session:
        place(session, SHOP, replace(new_order({"MUG": 1}, external_id="again"), reservation=ALA))


def test_a_reservation_that_expired_at_the_till_is_not_sold_twice(engine: sa.Engine, noon: datetime) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 2}})
        web, mug = channel(session, "web"), shop.variants["MUG"]
        for token in (ALA, OLA):
            reservations.reserve(session, channel_id=web, lines={mug: 1}, minutes=10, token=token, zone=ZONE)

    with clock.frozen(noon + HOUR):
        # Ala comes back too late, before anybody looked: her mug is free again, and she still gets one
        with transaction(engine) as session:
            answer = place(session, SHOP, replace(new_order({"MUG": 1}, external_id="a"), reservation=ALA))
            assert answer["reservation"] == "expired"
            assert len(answer["allocations"]) == 1
        # the worker lets go of Ola's; somebody else buys it; Ola comes and is refused
        with transaction(engine) as session:
            assert reservations.expire_due(session, zone=ZONE) == 1
            assert reservations.expire_due(session, zone=ZONE) == 0
            place(session, SHOP, new_order({"MUG": 1}, external_id="b"))
        with pytest.raises(InsufficientStock, match="available 0"), transaction(engine) as session:
            place(session, SHOP, replace(new_order({"MUG": 1}, external_id="c"), reservation=OLA))
        with transaction(engine) as session:
            assert shop.units(session, "MUG", "Leeds", "reserved") == 0
            assert_lawful(session)


def test_a_buyer_orders_less_and_other_things_than_the_till_held(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 3, "Bristol": 3}, "TIN": {"Leeds": 1}})
        lines = {shop.variants["MUG"]: 5, shop.variants["TIN"]: 1}
        reservations.reserve(session, channel_id=channel(session, "web"), lines=lines, token=ALA, zone=ZONE)
        # Leeds has most of it, Bristol the rest
        assert shop.units(session, "MUG", "Leeds", "reserved") == 3
        assert shop.units(session, "MUG", "Bristol", "reserved") == 2
    with transaction(engine) as session:
        answer = place(session, SHOP, replace(new_order({"MUG": 4}), reservation=ALA))
        assert {a["location"]: a["quantity"] for a in answer["allocations"]} == {"LDS": 3, "BRS": 1}
        # one mug and the tin were not wanted in the end
        assert shop.units(session, "MUG", "Bristol") == 2
        assert shop.units(session, "TIN", "Leeds") == 1
        assert_lawful(session)


def test_a_reservation_is_asked_for_once_and_let_go_once(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 2}})
        web, lines = channel(session, "web"), {shop.variants["MUG"]: 1}
        first = reservations.reserve(session, channel_id=web, lines=lines, token=ALA, zone=ZONE)
        assert reservations.reserve(session, channel_id=web, lines=lines, token=ALA, zone=ZONE).id == first.id
        assert shop.units(session, "MUG", "Leeds", "reserved") == 1
        with pytest.raises(Exception, match="another reservation"):
            reservations.reserve(session, channel_id=web, lines={shop.variants["MUG"]: 2}, token=ALA, zone=ZONE)
        reservations.release(session, first.id, zone=ZONE)
        with pytest.raises(TransitionRefused, match="is released and cannot become released"):
            reservations.release(session, first.id, zone=ZONE)
        assert_lawful(session)


def test_a_marketplace_never_sees_the_shops_last_units(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 5, "Bristol": 2}, "TIN": {"Leeds": 3}})
        web, bay = channel(session, "web"), channel(session, "bay")
        mug, tin = shop.variants["MUG"], shop.variants["TIN"]
        # the bay leaves two of everything; in Bristol it sells nothing; four mugs of Leeds are the web's
        set_rule(session, channel_id=bay, buffer_qty=2)
        set_rule(session, channel_id=bay, location_id=shop.places["Bristol"], is_offered=False)
        set_rule(session, channel_id=web, variant_id=mug, location_id=shop.places["Leeds"], protected_qty=4)
        seen = {(r["variant_id"], r["location_id"]): r["units"] for r in channel_availability(session, bay, [mug, tin])}
        leeds, bristol = shop.places["Leeds"], shop.places["Bristol"]
        assert seen == {(mug, leeds): 0, (mug, bristol): 0, (tin, leeds): 1}
        own = {(r["variant_id"], r["location_id"]): r["units"] for r in channel_availability(session, web, [mug, tin])}
        assert own == {(mug, leeds): 5, (mug, bristol): 2, (tin, leeds): 3}

    # the refusal says what is there and not for the bay
    wish = replace(new_order({"MUG": 1, "TIN": 2}), channel="bay")
    with pytest.raises(InsufficientStock) as short, transaction(engine) as session:
        place(session, SHOP, wish)
    assert short.value.facts["shortages"] == [
        {"sku": "MUG", "wanted": 1, "available": 0, "held_back": 7},
        {"sku": "TIN", "wanted": 2, "available": 1, "held_back": 2},
    ]
    assert "MUG wanted 1, available 0 (7 more held back from this channel)" in short.value.message

    # the web may take all of it; and the bay what it sees
    with transaction(engine) as session:
        place(session, SHOP, new_order({"MUG": 7}))
        place(session, SHOP, replace(new_order({"TIN": 1}, external_id="2"), channel="bay"))
        drop_rule(session, channel_id=bay)
        place(session, SHOP, replace(new_order({"TIN": 2}, external_id="3"), channel="bay"))
        assert_lawful(session)


def test_a_count_stays_right_while_orders_flow(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 10}, "TIN": {"Leeds": 4}, "JAR": {"Leeds": 1}})
        variants = [shop.variants[sku] for sku in ("MUG", "TIN", "JAR")]
        count = counts.open_count(session, location_id=shop.places["Leeds"], variant_ids=variants, actor="Ewa")
        first = place(session, SHOP, new_order({"MUG": 2}, external_id="1"))

    # Ewa counts 9 mugs (2 of them promised) and 5 tins, blind: she is not told what is expected
    with transaction(engine) as session:
        counts.enter(session, count.id, counted={shop.variants["MUG"]: 9, shop.variants["TIN"]: 5}, actor="Ewa")
        told = {line["sku"]: line for line in count_record(session, count)["lines"]}
        assert told["MUG"]["expected"] is None
        assert told["MUG"]["difference"] is None

    # while she has her coffee a parcel with 2 mugs leaves, 3 more are sold, and a tin too
    with transaction(engine) as session:
        work = session.scalars(sa.select(FulfillmentOrder).where(FulfillmentOrder.order_id == first["id"])).one()
        ship(session, fulfillment_order_id=work.id, carrier="dpd", zone=ZONE)
        place(session, SHOP, new_order({"MUG": 3, "TIN": 1}, external_id="2"))

    # nobody counted the jar: it has to be said
    with pytest.raises(Refused, match="1 of 3 lines of SC-000001 have not been counted"), transaction(engine) as s:
        counts.post_count(s, count.id, reason="cycle count", zone=ZONE)
    with transaction(engine) as session:
        counts.post_count(session, count.id, reason="cycle count", zone=ZONE, actor="Ewa", skip_uncounted=True)
        mug, tin = (levels_of(session, shop.variants[sku])[0] for sku in ("MUG", "TIN"))
        # one mug was missing and one tin too many, whatever was sold meanwhile
        assert (mug["on_hand"], mug["available"], mug["committed"]) == (7, 4, 3)
        assert (tin["on_hand"], tin["available"], tin["committed"]) == (5, 4, 1)
        told = {line["sku"]: line for line in count_record(session, count_named(session, count.number))["lines"]}
        assert (told["MUG"]["expected"], told["MUG"]["difference"], told["MUG"]["posted"]) == (10, -1, -1)
        assert told["JAR"]["posted"] is None
        assert_lawful(session)
    with pytest.raises(TransitionRefused, match="is posted"), transaction(engine) as session:
        counts.post_count(session, count.id, reason="again", zone=ZONE)


def test_a_count_that_finds_promised_units_missing_says_so(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 4}})
        mug, leeds = shop.variants["MUG"], shop.places["Leeds"]
        place(session, SHOP, new_order({"MUG": 3}))
        count = counts.open_count(session, location_id=leeds, variant_ids=[mug], is_blind=False)
        counts.enter(session, count.id, counted={mug: 1})
        assert count_record(session, count)["lines"][0]["difference"] == -3
    with pytest.raises(InsufficientStock, match="3 more promised before"), transaction(engine) as s:
        counts.post_count(s, count.id, reason="cycle count", zone=ZONE)
    # they look again, and there are three after all
    with transaction(engine) as session:
        counts.ask_recount(session, count.id, variant_ids=[mug], reason="that cannot be")
        counts.enter(session, count.id, counted={mug: 3}, actor="Jan")
        counts.post_count(session, count.id, reason="cycle count", zone=ZONE)
        line = count_record(session, count)["lines"][0]
        assert (line["times_counted"], line["counted_by"], line["posted"]) == (2, "Jan", -1)
        assert shop.units(session, "MUG", "Leeds") == 0
        other = counts.open_count(session, location_id=leeds, variant_ids=[mug])
        counts.cancel_count(session, other.id, reason="not today")
        assert_lawful(session)


def test_a_box_of_a_transfer_is_missing_and_turns_up(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 20}})
        sent = draft_transfer(
            session, from_location_id=shop.places["Leeds"], to_location_id=shop.places["Bristol"],
            lines={shop.variants["MUG"]: 12},
        )  # fmt: skip
        ship_transfer(session, sent.id, zone=ZONE)
        line = session.scalars(sa.select(TransferLine)).one().id

    # one box of six arrives, the other is nowhere: that needs a word
    with transaction(engine) as session:
        receive_transfer(session, sent.id, received={line: 6}, zone=ZONE)
    with pytest.raises(InvalidInput, match="a word on why"), transaction(engine) as session:
        receive_transfer(session, sent.id, lost={line: 6}, zone=ZONE)
    with transaction(engine) as session:
        receive_transfer(session, sent.id, lost={line: 6}, reason="second box not on the truck", zone=ZONE)
        assert shop.units(session, "MUG", "Bristol") == 6

    # a week later the carrier finds it, with five mugs in it
    with transaction(engine) as session:
        book_found_units(session, sent.id, found={line: 5}, reason="found at the depot", zone=ZONE, actor="Jan")
        assert shop.units(session, "MUG", "Bristol") == 11
        with pytest.raises(InvalidInput, match="between 1 and the 1 units still lost"):
            book_found_units(session, sent.id, found={line: 2}, reason="more", zone=ZONE)
        record = transfer_record(session, sent)
        assert [(d["kind"], d["quantity"], d["reason"]) for d in record["discrepancies"]] == [
            ("lost", 6, "second box not on the truck"),
            ("found", 5, "found at the depot"),
        ]
        assert_lawful(session)


def test_more_arrives_than_was_sent(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 5}})
        sent = draft_transfer(
            session, from_location_id=shop.places["Leeds"], to_location_id=shop.places["Bristol"],
            lines={shop.variants["MUG"]: 2},
        )  # fmt: skip
        ship_transfer(session, sent.id, zone=ZONE)
        line = session.scalars(sa.select(TransferLine)).one().id
        with pytest.raises(InvalidInput, match="at most the 2 units still in transit"), session.begin_nested():
            receive_transfer(session, sent.id, received={line: 3}, zone=ZONE)
        receive_transfer(session, sent.id, received={line: 2}, over={line: 1}, reason="miscounted in Leeds", zone=ZONE)
        assert shop.units(session, "MUG", "Bristol") == 3
        assert_lawful(session)


def test_units_change_their_state_only_where_they_may(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 5}})
        mug, leeds = shop.variants["MUG"], shop.places["Leeds"]

        def to(before: str, after: str, n: int = 1, reason: str = "dropped") -> None:
            change_state(
                session, variant_id=mug, location_id=leeds, quantity=n, from_state=before, to_state=after,
                reason=reason, zone=ZONE,
            )  # fmt: skip

        to("available", "damaged", 2)
        to("damaged", "quality_control")
        to("quality_control", "available", reason="glued")
        with pytest.raises(Refused) as said:
            to("damaged", "safety_stock")
        assert said.value.message == "Units that are damaged cannot be moved to safety_stock."
        assert said.value.facts["allowed"] == ["available", "quality_control"]
        with pytest.raises(Refused, match="cannot be moved to reserved") as said:
            to("available", "reserved")
        assert "reservation" in said.value.hint
        with pytest.raises(Refused, match="committed cannot be moved"):
            to("committed", "available")
        with pytest.raises(InvalidInput):
            to("available", "damaged", reason=" ")
        with pytest.raises(InsufficientStock, match="MUG wanted 9, available 4"):
            to("available", "damaged", 9)
        with pytest.raises(InvalidInput):
            adjust(session, variant_id=mug, location_id=leeds, delta_qty=1, reason="x", state="committed", zone=ZONE)
        assert_lawful(session)


def test_yoghurt_goes_first_expired_first_out(engine: sa.Engine, noon: datetime) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"YOG": {"Leeds": 2}})
        yog, leeds = shop.variants["YOG"], shop.places["Leeds"]
        lots.start_tracking(session, variant_id=yog)
        order = on_order(session, shop, {"YOG": 10}, date(2010, 12, 9))
        line = line_of(session, order).id
        with pytest.raises(Refused, match="YOG is tracked by lot"), session.begin_nested():
            purchasing.receive(session, purchase_order_id=order, lines={line: 10}, zone=ZONE)
        came = [lots.NewLot("B", date(2010, 12, 20), 6), lots.NewLot("A", date(2010, 12, 12), 4)]
        receive_goods(session, purchase_order_id=order, lines={line: 10}, lots={line: came}, zone=ZONE)
        told = {row["lot"]: row["quantity"] for row in lots.lots_of(session, yog)}
        assert told == {"A": 4, "B": 6, "OPENING": 2}

    # five are shipped: the four of lot A first, then one of B
    with transaction(engine) as session:
        answer = place(session, SHOP, new_order({"YOG": 5}))
        work = session.scalars(sa.select(FulfillmentOrder)).one()
        ship(session, fulfillment_order_id=work.id, carrier="dpd", zone=ZONE)
        assert {row["lot"]: row["quantity"] for row in lots.lots_of(session, yog)} == {"B": 5, "OPENING": 2}
        assert_lawful(session)

    # two come back: they are of the lots that were shipped
    with transaction(engine) as session:
        sold = session.scalars(sa.select(OrderLine).where(OrderLine.order_id == answer["id"])).one()
        back = request_return(session, order_id=answer["id"], lines=[NewReturnLine(sold.id, 2)], zone=ZONE)
        approve_return(session, return_id=back.id)
        asked = session.scalars(sa.select(ReturnLine)).one()
        receive_return(
            session, return_id=back.id, lines=[ReceivedLine(asked.id, 2, "quality_control")], location_id=leeds,
            zone=ZONE,
        )  # fmt: skip
        known = {(row["lot"], row["pool"]): row["quantity"] for row in lots.lots_of(session, yog)}
        assert known == {("A", "quality_control"): 2, ("B", "usable"): 5, ("OPENING", "usable"): 2}
        # a named lot is broken; found units need their lot
        adjust(session, variant_id=yog, location_id=leeds, delta_qty=-1, reason="fell", lot="B", zone=ZONE)
        with pytest.raises(Refused, match="nothing says of which lot"), session.begin_nested():
            adjust(session, variant_id=yog, location_id=leeds, delta_qty=1, reason="found", zone=ZONE)
        assert_lawful(session)

    # after its day the worker takes lot B out of sale; a parcel cannot take it any more
    with clock.frozen(noon + timedelta(days=14)), transaction(engine) as session:
        assert lots.quarantine_expired(session, zone=ZONE) == 4
        assert lots.quarantine_expired(session, zone=ZONE) == 0
        assert shop.units(session, "YOG", "Leeds") == 2
        assert shop.units(session, "YOG", "Leeds", "quality_control") == 6
        assert_lawful(session)


def test_a_promise_on_a_lot_that_expired_is_refused_at_the_packing_table(engine: sa.Engine, noon: datetime) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"YOG": {"Leeds": 0}})
        yog = shop.variants["YOG"]
        lots.start_tracking(session, variant_id=yog)
        order = on_order(session, shop, {"YOG": 3}, date(2010, 12, 9))
        line = line_of(session, order).id
        came = [lots.NewLot("A", date(2010, 12, 10), 3)]
        receive_goods(session, purchase_order_id=order, lines={line: 3}, lots={line: came}, zone=ZONE)
        place(session, SHOP, new_order({"YOG": 2}))
        work = session.scalars(sa.select(FulfillmentOrder)).one().id
    with (
        clock.frozen(noon + timedelta(days=3)),
        pytest.raises(InsufficientStock, match="3 more expired"),
        transaction(engine) as session,
    ):
        ship(session, fulfillment_order_id=work, carrier="dpd", zone=ZONE)


def test_a_transfer_takes_its_lots_along(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"YOG": {"Leeds": 3}})
        yog = shop.variants["YOG"]
        lots.start_tracking(session, variant_id=yog)
        sent = draft_transfer(
            session, from_location_id=shop.places["Leeds"], to_location_id=shop.places["Bristol"], lines={yog: 3}
        )
        ship_transfer(session, sent.id, zone=ZONE)
        assert_lawful(session)
        line = session.scalars(sa.select(TransferLine)).one().id
        receive_transfer(session, sent.id, received={line: 2}, lost={line: 1}, reason="leaked", zone=ZONE)
        book_found_units(session, sent.id, found={line: 1}, reason="under the seat", zone=ZONE)
        assert [(r["lot"], r["location"], r["quantity"]) for r in lots.lots_of(session, yog)] == [("OPENING", "BRS", 3)]
        assert_lawful(session)


def test_why_is_on_hand_seven_and_what_was_it_yesterday(engine: sa.Engine, noon: datetime) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 5}})
        mug, leeds = shop.variants["MUG"], shop.places["Leeds"]
    with clock.frozen(noon + HOUR), transaction(engine) as session:
        order = on_order(session, shop, {"MUG": 4}, date(2010, 12, 9))
        receive_goods(session, purchase_order_id=order, lines={line_of(session, order).id: 4}, zone=ZONE, actor="Jan")
    with clock.frozen(noon + 2 * HOUR), transaction(engine) as session:
        answer = place(session, SHOP, new_order({"MUG": 2}), actor="web")
        work = session.scalars(sa.select(FulfillmentOrder)).one()
        ship(session, fulfillment_order_id=work.id, carrier="dpd", zone=ZONE, actor="Ewa")

    with transaction(engine) as session:
        told = why(session, mug, leeds)
        assert [(row["change"], row["on_hand"], row["available"]) for row in told] == [
            (5, 5, 5), (4, 9, 9), (0, 9, 7), (-2, 7, 7),
        ]  # fmt: skip
        assert told[1]["sentence"].startswith(
            "4 units received into Leeds available for receipt GR-1001, purchase order"
        )
        assert told[1]["sentence"].endswith("by Jan")
        assert told[3]["links"] == [
            {"kind": "order", "number": answer["number"]}, {"kind": "shipment", "number": "SH-000001"},
        ]  # fmt: skip
        assert stock_as_of(session, noon)[0]["on_hand"] == 5
        assert stock_as_of(session, noon + HOUR, variant_ids=[mug])[0]["on_hand"] == 9
        assert stock_as_of(session, noon + 5 * HOUR)[0]["on_hand"] == 7
        assert stock_as_of(session, noon - HOUR) == []
        cancel = stock_as_of(session, noon + HOUR, location_ids=[shop.places["Bristol"]])
        assert cancel == []


def test_an_order_cancelled_gives_back_what_came_from_the_till(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 1}})
        reservations.reserve(
            session, channel_id=channel(session, "web"), lines={shop.variants["MUG"]: 1}, token=ALA, zone=ZONE
        )
        answer = place(session, SHOP, replace(new_order({"MUG": 1}), reservation=ALA))
        cancel_order(session, answer["id"], reason="no", zone=ZONE)
        assert shop.units(session, "MUG", "Leeds") == 1
        assert_lawful(session)


def test_what_was_sold_before_lots_were_told_apart_comes_back_to_the_opening_lot(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"YOG": {"Leeds": 3}})
        yog, leeds = shop.variants["YOG"], shop.places["Leeds"]
        answer = place(session, SHOP, new_order({"YOG": 2}))
        work = session.scalars(sa.select(FulfillmentOrder)).one().id
        ship(session, fulfillment_order_id=work, carrier="dpd", zone=ZONE)
        lots.start_tracking(session, variant_id=yog)
        sold = session.scalars(sa.select(OrderLine).where(OrderLine.order_id == answer["id"])).one()
        back = request_return(session, order_id=answer["id"], lines=[NewReturnLine(sold.id, 2)], zone=ZONE)
        approve_return(session, return_id=back.id)
        asked = session.scalars(sa.select(ReturnLine)).one()
        came = [ReceivedLine(asked.id, 2, "restock")]
        receive_return(session, return_id=back.id, lines=came, location_id=leeds, zone=ZONE)
        assert [(row["lot"], row["quantity"]) for row in lots.lots_of(session, yog)] == [("OPENING", 3)]
        assert_lawful(session)
