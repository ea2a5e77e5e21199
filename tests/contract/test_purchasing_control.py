"""Limits, four eyes, answers of suppliers, deliveries that differ, goods ordered twice: on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from held import NOON
from small_shop import ZONE, SmallShop, available, small_shop

from oms_core.audit.laws import run
from oms_core.kernel import clock
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InvalidInput, Refused
from oms_core.kernel.settings import Shop, save_shop
from oms_core.purchasing import commands, limits, names, queries, terms
from oms_core.purchasing.commands import AnswerLine, NewLine, Remark
from oms_core.purchasing.tables import PurchaseOrder

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def shop(engine: sa.Engine) -> SmallShop:
    with transaction(engine) as session:
        save_shop(session, Shop(zone=ZONE))
        return small_shop(session)


def draft(session, shop, actor="ola", **quantities):
    lines = [NewLine(shop.variants[sku], qty, 500) for sku, qty in (quantities or {"MUG": 10, "BAG": 4}).items()]
    return commands.draft_purchase_order(
        session, supplier_id=shop.supplier, location_id=shop.warehouse, lines=lines, actor=actor
    )


def ids(session, order):
    return {line["sku"]: line["id"] for line in queries.purchase_order_detail(session, order.id)["lines"]}


def test_above_a_limit_somebody_else_says_yes_and_a_change_takes_it_back(engine, shop):
    with transaction(engine) as session:
        for buyer, most in {"ola": 5000, "jan": 9000, "ewa": 6000}.items():
            limits.set_limit(session, buyer=buyer, amount_minor=most, actor="owner")
        order = draft(session, shop)
        with pytest.raises(Refused) as refused:
            commands.send(session, purchase_order_id=order.id, zone=ZONE, actor="ola")
        assert refused.value.code == "purchase_order.needs_approval"
        assert refused.value.facts["may_approve"] == ["jan"]
        commands.submit(session, purchase_order_id=order.id, actor="ola")
        for actor, code in (("ola", "own_hands"), ("ewa", "over_limit"), ("stranger", "over_limit")):
            with pytest.raises(Refused) as refused:
                commands.approve(session, purchase_order_id=order.id, actor=actor)
            assert refused.value.code == f"purchase_order.{code}"
        commands.approve(session, purchase_order_id=order.id, actor="jan", note="fine")
        commands.change_quantity(
            session, purchase_order_id=order.id, line_id=ids(session, order)["MUG"], quantity=12, actor="ola"
        )
        assert order.state == "draft"
        with pytest.raises(Refused, match="needs"):
            commands.send(session, purchase_order_id=order.id, zone=ZONE, actor="ola")
        commands.approve(session, purchase_order_id=order.id, actor="jan")
        commands.send(session, purchase_order_id=order.id, zone=ZONE, actor="ola")
        detail = queries.purchase_order_detail(session, order.id)
        told = [(a["approved_by"], a["total_minor"], a["void_reason"]) for a in detail["approvals"]]
        assert told == [("jan", 8000, ""), ("jan", 7000, "changed by ola")]
        assert not [law for law in run(session) if law["broken"]]


def test_a_limit_is_compared_in_the_shops_currency_and_a_star_stands_for_everybody(engine, shop):
    with transaction(engine) as session:
        limits.set_limit(session, buyer="*", amount_minor=7000, actor="owner")
        order = draft(session, shop)
        assert limits.covers(session, order, "anybody")
        order.currency = "EUR"
        with pytest.raises(Refused, match="without a rate"):
            limits.covers(session, order, "anybody")
        order.currency = "PLN"
        limits.drop_limit(session, buyer="*", actor="owner")
        assert limits.covers(session, order, "anybody")


def test_a_changed_answer_waits_until_it_is_accepted_and_keeps_what_was_asked(engine, shop):
    with transaction(engine) as session:
        order = draft(session, shop)
        commands.send(session, purchase_order_id=order.id, zone=ZONE, actor="ola")
        line = ids(session, order)
        said = {line["MUG"]: AnswerLine(quantity=6, unit_cost_minor=550), line["BAG"]: AnswerLine(quantity=5)}
        commands.answer(session, purchase_order_id=order.id, lines=said, expected_on=date(2010, 12, 30), actor="ola")
        with pytest.raises(Refused, match="waits for a decision"):
            commands.confirm(session, purchase_order_id=order.id)
        told = queries.purchase_order_detail(session, order.id)["answer"]
        assert (told["total_before_minor"], told["total_minor"]) == (7000, 6 * 550 + 5 * 500)
        commands.refuse(session, purchase_order_id=order.id, reason="too dear", actor="ola")
        assert (order.state, order.total_minor) == ("sent", 7000)
        commands.answer(session, purchase_order_id=order.id, lines=said, expected_on=date(2010, 12, 30), actor="ola")
        commands.accept(session, purchase_order_id=order.id, actor="ola")
        assert (order.state, order.expected_on) == ("confirmed", date(2010, 12, 30))
        rows = {x["sku"]: x for x in queries.purchase_order_detail(session, order.id)["lines"]}
        assert [rows["MUG"][k] for k in ("quantity", "cancelled_qty", "to_come_qty", "unit_cost_minor")] == [
            10, 4, 6, 550,
        ]  # fmt: skip
        assert rows["BAG"]["to_come_qty"] == 5
        with pytest.raises(InvalidInput, match="nothing differs"):
            commands.answer(session, purchase_order_id=order.id, lines={line["BAG"]: AnswerLine(quantity=5)})
        assert not [law for law in run(session) if law["broken"]]


def test_broken_and_surplus_goods_need_a_reason_and_go_where_they_belong(engine, shop):
    with transaction(engine) as session:
        order = draft(session, shop)
        commands.send(session, purchase_order_id=order.id, zone=ZONE, actor="ola")
        line = ids(session, order)
        with pytest.raises(Refused, match="More arrived"):
            commands.receive(session, purchase_order_id=order.id, lines={line["MUG"]: 12}, zone=ZONE)
        with pytest.raises(InvalidInput, match="reason"):
            commands.receive(
                session, purchase_order_id=order.id, lines={line["MUG"]: 9}, zone=ZONE,
                remarks=[Remark(line["MUG"], "damaged", 2, " ")],
            )  # fmt: skip
        remarks = [
            Remark(line["MUG"], "over", 2, "sent two more"), Remark(line["MUG"], "damaged", 3, "wet box"),
            Remark(line["BAG"], "short", 1, "not in the parcel"),
        ]  # fmt: skip
        came = {line["MUG"]: 12, line["BAG"]: 3}
        commands.receive(session, purchase_order_id=order.id, lines=came, zone=ZONE, remarks=remarks)
        mug, place = shop.variants["MUG"], shop.warehouse
        assert available(session, mug, place) == 9
        assert available(session, mug, place, "damaged") == 3
        assert (order.state, order.total_minor) == ("partially_received", 8000)
        found = queries.purchase_order_detail(session, order.id)["discrepancies"]
        assert [(x["sku"], x["kind"], x["quantity"]) for x in found] == [
            ("MUG", "over", 2), ("MUG", "damaged", 3), ("BAG", "short", 1),
        ]  # fmt: skip
        assert not [law for law in run(session) if law["broken"]]


def test_what_a_late_order_still_brings_is_not_ordered_again_without_a_word(engine, shop):
    with transaction(engine) as session:
        first = draft(session, shop)
        commands.send(session, purchase_order_id=first.id, zone=ZONE, actor="ola")
    with clock.frozen(NOON + timedelta(days=9)), transaction(engine) as session:
        second, other = draft(session, shop, MUG=5), draft(session, shop, TIN=5)
        with pytest.raises(Refused) as refused:
            commands.send(session, purchase_order_id=second.id, zone=ZONE, actor="ola")
        assert refused.value.code == "purchase_order.duplicate"
        assert [(x["sku"], x["to_come_qty"], x["days_late"]) for x in refused.value.facts["lines"]] == [("MUG", 10, 3)]
        commands.send(session, purchase_order_id=second.id, zone=ZONE, again="both are sold already", actor="ola")
        assert session.get_one(PurchaseOrder, second.id).state == "sent"
        commands.send(session, purchase_order_id=other.id, zone=ZONE, actor="ola")


def test_a_price_break_is_the_cost_of_every_unit_from_its_quantity_on(engine, shop):
    with transaction(engine) as session:
        terms.set_price_breaks(session, supplier="ACME", sku="MUG", breaks={20: 450, 50: 400}, actor="ola")
        lines = names.new_lines(session, shop.supplier, [("MUG", 20, None), ("BAG", 4, None)])
        assert [line.unit_cost_minor for line in lines] == [450, 1000]
        assert names.new_lines(session, shop.supplier, [("MUG", 19, None)])[0].unit_cost_minor == 500
        for wrong in ({1: 400}, {20: 0}, {20: 600}, {20: 400, 50: 450}):
            with pytest.raises(InvalidInput):
                terms.set_price_breaks(session, supplier="ACME", sku="MUG", breaks=wrong, actor="ola")
        assert len(terms.price_breaks(session)) == 2
        assert terms.set_price_breaks(session, supplier="ACME", sku="MUG", breaks={}, actor="ola") == []
