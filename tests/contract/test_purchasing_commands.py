"""Purchase orders from draft to receipt, on both databases."""

from __future__ import annotations

import itertools
import threading
from datetime import date

import pytest
import sqlalchemy as sa
from small_shop import ZONE, SmallShop, available, movements, small_shop

from oms_core.catalog.tables import Variant
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InvalidInput, NotFound, OmsError, Refused, TransitionRefused
from oms_core.kernel.journal import JournalEntry
from oms_core.purchasing import commands, queries
from oms_core.purchasing.commands import NewLine
from oms_core.purchasing.states import PURCHASE_ORDER
from oms_core.purchasing.tables import PurchaseOrder

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def shop(engine: sa.Engine) -> SmallShop:
    with transaction(engine) as session:
        return small_shop(session)


def draft(session, shop, **quantities):
    quantities = quantities or {"MUG": 10, "BAG": 4}
    lines = [NewLine(shop.variants[sku], qty, 500, suggested_qty=qty) for sku, qty in quantities.items()]
    return commands.draft_purchase_order(
        session, supplier_id=shop.supplier, location_id=shop.warehouse, lines=lines, actor="ola"
    )


def sent(session, shop, **quantities):
    order = draft(session, shop, **quantities)
    return commands.send(session, purchase_order_id=order.id, zone=ZONE, actor="ola")


def ids(session, order):
    return {line["sku"]: line["id"] for line in queries.purchase_order_detail(session, order.id)["lines"]}


def test_a_draft_promises_nothing_and_knows_its_value(engine, shop):
    with transaction(engine) as session:
        order = draft(session, shop)
    with transaction(engine) as session:
        assert (order.number, order.state, order.total_minor, order.currency) == ("PO-1001", "draft", 7000, "PLN")
        assert queries.incoming(session) == []
        assert available(session, shop.variants["MUG"], shop.warehouse) == 0


def test_sent_lines_are_incoming_on_the_day_the_lead_time_says(engine, shop):
    with transaction(engine) as session:
        order = sent(session, shop)
        rows = queries.incoming(session, [shop.variants["MUG"]])
    assert order.expected_on == date(2010, 12, 15)  # the 9th and 5.5 days, rounded up
    assert [(r["sku"], r["quantity"], r["due_on"], r["number"]) for r in rows] == [
        ("MUG", 10, date(2010, 12, 15), order.number)
    ]


def test_two_deliveries_reach_stock_the_ledger_and_the_cost(engine, shop):
    with transaction(engine) as session:
        order = sent(session, shop)
        line = ids(session, order)
        commands.receive(session, purchase_order_id=order.id, lines={line["MUG"]: 6}, zone=ZONE)
        assert order.state == "partially_received"
        assert [r["quantity"] for r in queries.incoming(session)] == [4, 4]
        commands.receive(session, purchase_order_id=order.id, lines={line["MUG"]: 4, line["BAG"]: 4}, zone=ZONE)
    with transaction(engine) as session:
        again = session.get_one(PurchaseOrder, order.id)
        assert again.state == "received"
        assert movements(session, shop.variants["MUG"]) == [
            ("received", "supplier", "available", 6),
            ("received", "supplier", "available", 4),
        ]
        assert available(session, shop.variants["BAG"], shop.warehouse) == 4
        assert session.scalar(sa.select(Variant.cost_minor).where(Variant.sku == "MUG")) == 500
        assert queries.incoming(session) == []


def test_a_second_partial_delivery_keeps_the_state(engine, shop):
    with transaction(engine) as session:
        order = sent(session, shop, MUG=9)
        line = ids(session, order)["MUG"]
        for _ in range(2):
            commands.receive(session, purchase_order_id=order.id, lines={line: 3}, zone=ZONE)
        assert order.state == "partially_received"
        assert [r["units"] for r in queries.purchase_order_detail(session, order.id)["receipts"]] == [3, 3]


def test_more_than_ordered_is_refused_with_every_line_named(engine, shop):
    with transaction(engine) as session:
        order = sent(session, shop)
        line = ids(session, order)
    lines = {line["MUG"]: 11, line["BAG"]: 5}
    with pytest.raises(Refused) as refused, transaction(engine) as session:
        commands.receive(session, purchase_order_id=order.id, lines=lines, zone=ZONE)
    assert refused.value.code == "purchase_order.over_receipt"
    assert "MUG 11 arrived, 10 to come; BAG 5 arrived, 4 to come" in refused.value.message
    with transaction(engine) as session:
        assert movements(session, shop.variants["MUG"]) == []


def test_a_cost_in_another_currency_is_not_taken_for_ours(engine):
    with transaction(engine) as session:
        shop = small_shop(session, currency="EUR")
        order = sent(session, shop, MUG=1)
        commands.receive(session, purchase_order_id=order.id, lines={ids(session, order)["MUG"]: 1}, zone=ZONE)
        assert session.scalar(sa.select(Variant.cost_minor).where(Variant.sku == "MUG")) is None


def test_quantities_change_only_before_sending(engine, shop):
    with transaction(engine) as session:
        order = draft(session, shop)
        line = ids(session, order)
        commands.change_quantity(session, purchase_order_id=order.id, line_id=line["MUG"], quantity=12)
        assert order.total_minor == 16 * 500
        commands.change_quantity(session, purchase_order_id=order.id, line_id=line["BAG"], quantity=0)
        assert (order.total_minor, list(ids(session, order))) == (12 * 500, ["MUG"])
        with pytest.raises(Refused, match="only line"):
            commands.change_quantity(session, purchase_order_id=order.id, line_id=line["MUG"], quantity=0)
        commands.send(session, purchase_order_id=order.id, zone=ZONE)
        with pytest.raises(Refused, match="can no longer change"):
            commands.change_quantity(session, purchase_order_id=order.id, line_id=line["MUG"], quantity=1)


def test_closing_calls_off_what_never_came(engine, shop):
    with transaction(engine) as session:
        order = sent(session, shop, MUG=10)
        line = ids(session, order)["MUG"]
        commands.receive(session, purchase_order_id=order.id, lines={line: 7}, zone=ZONE)
        commands.close(session, purchase_order_id=order.id, reason="supplier sold out")
        detail = queries.purchase_order_detail(session, order.id)
        assert (detail["state"], detail["lines"][0]["cancelled_qty"]) == ("closed", 3)
        assert queries.incoming(session) == []
        with pytest.raises(TransitionRefused):
            commands.receive(session, purchase_order_id=order.id, lines={line: 1}, zone=ZONE)


def test_a_confirmed_day_replaces_the_expected_one(engine, shop):
    with transaction(engine) as session:
        order = sent(session, shop)
        with pytest.raises(InvalidInput, match="was sent later"):
            commands.confirm(session, purchase_order_id=order.id, expected_on=date(2010, 12, 1))
        commands.confirm(session, purchase_order_id=order.id, expected_on=date(2010, 12, 20))
        assert {r["due_on"] for r in queries.incoming(session)} == {date(2010, 12, 20)}
        assert queries.overdue(session, date(2010, 12, 20)) == []
        assert [r["number"] for r in queries.overdue(session, date(2010, 12, 21))] == [order.number]


def test_every_step_leaves_a_version_and_a_journal_entry(engine, shop):
    with transaction(engine) as session:
        order = sent(session, shop)
        commands.confirm(session, purchase_order_id=order.id)
        commands.cancel(session, purchase_order_id=order.id, reason="too dear")
        told = [e["event"] for e in queries.timeline(session, order.id)]
        assert told == [f"purchase_order.{x}" for x in ("cancelled", "confirmed", "sent", "drafted")]
        assert order.version == 4
        actors = session.scalars(sa.select(JournalEntry.actor).order_by(JournalEntry.id)).all()
        assert actors == ["ola", "ola", "system", "system"]


ACTIONS = {
    "sent": lambda s, i: commands.send(s, purchase_order_id=i, zone=ZONE),
    "confirmed": lambda s, i: commands.confirm(s, purchase_order_id=i),
    "cancelled": lambda s, i: commands.cancel(s, purchase_order_id=i),
    "closed": lambda s, i: commands.close(s, purchase_order_id=i),
}


def test_commands_do_exactly_what_the_machine_allows(engine, shop):
    for state, target in itertools.product(PURCHASE_ORDER.states, ACTIONS):
        with transaction(engine) as session:
            order = draft(session, shop)
            order.state = state
            session.flush()
            if target in PURCHASE_ORDER.moves[state]:
                ACTIONS[target](session, order.id)
                assert order.state == target
            else:
                version = order.version
                with pytest.raises(TransitionRefused) as refused:
                    ACTIONS[target](session, order.id)
                assert refused.value.facts["allowed"] == list(PURCHASE_ORDER.moves[state])
                assert (order.state, order.version) == (state, version)


FAULTY = {
    "at least one line": [],
    "variant 1 has quantity 0": [(1, 0, 5)],
    "variant 1 has unit cost -5": [(1, 1, -5)],
    "variant 1 stands on 2 lines": [(1, 1, 5), (1, 2, 5)],
    "variant 77 is unknown; variant 1 has quantity -1": [(77, 1, 5), (1, -1, 5)],
}


def test_a_faulty_draft_is_refused_whole(engine, shop):
    for said, lines in FAULTY.items():
        with pytest.raises(InvalidInput) as refused, transaction(engine) as session:
            commands.draft_purchase_order(
                session, supplier_id=shop.supplier, location_id=shop.warehouse, lines=[NewLine(*x) for x in lines]
            )
        assert said in refused.value.message
    with transaction(engine) as session:
        assert queries.purchase_orders(session) == []


SENSELESS = [
    ({}, "purchase_order.nothing"),
    ({1: 0}, "purchase_order.nothing"),
    ({1: -1}, "input.quantity"),
    ({99: 1}, "purchase_order_line.not_found"),
]


def test_a_senseless_receipt_is_refused(engine, shop):
    with transaction(engine) as session:
        order = sent(session, shop)
        for lines, code in SENSELESS:
            with pytest.raises(OmsError) as refused:
                commands.receive(session, purchase_order_id=order.id, lines=lines, zone=ZONE)
            assert refused.value.code == code


def test_unknown_names_offer_near_ones(engine, shop):
    with transaction(engine) as session:
        order = draft(session, shop)
        assert queries.find(session, order.number.lower()) == queries.find(session, str(order.id)) == order.id
        with pytest.raises(NotFound, match="PO-1010") as missing:
            queries.find(session, "PO-1010")
        assert missing.value.hint == "Did you mean 'PO-1001'?"
        with pytest.raises(NotFound):
            commands.send(session, purchase_order_id=99, zone=ZONE)
        with pytest.raises(NotFound, match="supplier"):
            commands.draft_purchase_order(session, supplier_id=9, location_id=1, lines=[NewLine(1, 1, 1)])
        with pytest.raises(NotFound, match="location"):
            commands.draft_purchase_order(session, supplier_id=1, location_id=9, lines=[NewLine(1, 1, 1)])


def test_two_receivers_at_once_do_not_take_in_more_than_was_ordered(engine, shop):
    with transaction(engine) as session:
        order = sent(session, shop, MUG=10)
        line = ids(session, order)["MUG"]
    answers = []

    def arrive():
        try:
            with transaction(engine) as session:
                commands.receive(session, purchase_order_id=order.id, lines={line: 6}, zone=ZONE)
            answers.append("taken")
        except Refused as error:
            answers.append(error.code)

    people = [threading.Thread(target=arrive) for _ in range(3)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(answers) == ["purchase_order.over_receipt"] * 2 + ["taken"]
    with transaction(engine) as session:
        assert available(session, shop.variants["MUG"], shop.warehouse) == 6
