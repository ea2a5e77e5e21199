"""The short way in: documents, keys, groups: commands keep their word on both databases."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from order_shop import SHOP, STOCK, OrderShop, assert_ledger_whole, count, order_shop
from sqlalchemy.orm import Session

from oms_core.customers.tables import Customer
from oms_core.intake.commands import place, place_many
from oms_core.intake.documents import order_from
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import (
    Conflict,
    InsufficientStock,
    InvalidInput,
    OmsError,
)
from oms_core.kernel.journal import JournalEntry
from oms_core.orders.commands import (
    NewOrder,
    NewPayment,
)
from oms_core.orders.tables import Order


def document(**change: Any) -> dict[str, Any]:
    return {
        "channel": "web", "external_id": "A-1", "currency": "GBP", "customer": {"email": "ala@example.com"},
        "shipping_address": {"country": "GB", "postal_code": "LS1 1AA"},
        "lines": [
            {"sku": "MUG", "quantity": 2, "unit_price": "12.345"},
            {"sku": "TIN", "quantity": 1, "unit_price": 3},
        ],
        "payments": [{"gateway": "card", "amount": "27.69", "external_id": "p1"}],
    } | change  # fmt: skip


def test_the_answer_of_the_intake(session: Session, shop: OrderShop) -> None:
    answer = place(session, SHOP, order_from(document()))
    assert answer == {
        "id": 1, "number": "OS-000001", "state": "placed", "payment_status": "paid",
        "fulfillment_status": "unfulfilled", "delivery_status": "pending", "return_status": "none",
        "total": "27.69", "currency": "GBP",
        "allocations": [
            {"sku": "MUG", "quantity": 2, "location": "LDS", "location_name": "Leeds"},
            {"sku": "TIN", "quantity": 1, "location": "LDS", "location_name": "Leeds"},
        ],
    }  # fmt: skip
    told = session.scalars(sa.select(JournalEntry.event).order_by(JournalEntry.id)).all()
    assert told == ["order.placed", "order.allocated", "fulfillment_order.opened", "payment.capture"]


def test_the_same_key_gets_the_same_answer_and_another_body_a_conflict(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        order_shop(session, STOCK)
    answers = []
    for _ in range(2):
        with transaction(engine) as session:
            answers.append(place(session, SHOP, order_from(document()), idempotency_key="k1"))
    assert answers[0] == answers[1]
    other = order_from(document(external_id="A-2"))
    with pytest.raises(Conflict, match="k1") as refused, transaction(engine) as session:
        place(session, SHOP, other, idempotency_key="k1")
    assert refused.value.code == "idempotency.other_request"
    with transaction(engine) as session:
        assert count(session, Order) == 1


def test_a_key_of_a_refused_order_is_free_again(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        order_shop(session, STOCK)
    big = order_from(document(lines=[{"sku": "MUG", "quantity": 11, "unit_price": 1}], payments=[]))
    with pytest.raises(InsufficientStock), transaction(engine) as session:
        place(session, SHOP, big, idempotency_key="k1")
    with transaction(engine) as session:
        assert count(session, Order) == count(session, Customer) == 0
        assert place(session, SHOP, order_from(document()), idempotency_key="k1")["number"]


def test_a_group_takes_what_it_can_first_come_first_served(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, STOCK)
    mugs = [{"sku": "MUG", "quantity": 4, "unit_price": 1}]
    tin = [{"sku": "TIN", "quantity": 1, "unit_price": 1}]
    paid, refund = ({"gateway": "card", "amount": "4.00"}, {"gateway": "card", "kind": "refund", "amount": "1.00"})
    group = [
        document(external_id="1", lines=mugs, payments=[]),
        document(external_id="2", lines=[{"sku": "MUGG", "quantity": 1, "unit_price": 1}]),
        document(external_id="3", lines=mugs, payments=[paid], customer={"email": "ola@example.com"}),
        document(external_id="4", lines=mugs, payments=[]),
        document(external_id="1", lines=mugs, payments=[]),
        document(external_id="5", lines=tin, payments=[refund]),
        document(external_id="6", lines=[{"sku": "MUG", "quantity": 2, "unit_price": 1}], payments=[]),
    ]
    with transaction(engine) as session:
        found = place_many(session, SHOP, [order_from(d) for d in group])
        said = [o.code if isinstance(o, OmsError) else [a["quantity"] for a in o["allocations"]] for o in found]
        assert said == [
            [4], "variant.not_found", [4], "stock.insufficient", "order.duplicate", "payment.refund_too_large", [1, 1],
        ]  # fmt: skip
        assert count(session, Order) == 3
        assert count(session, Customer) == 2
        assert shop.units(session, "TIN", "Leeds") == 1
        assert [o.payment_status for o in session.scalars(sa.select(Order).order_by(Order.id))][1] == "paid"
        assert_ledger_whole(session)


def test_a_group_answers_as_its_orders_would_alone(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        order_shop(session, STOCK)
    with transaction(engine) as session:
        alone = place(session, SHOP, order_from(document()), idempotency_key="k1")
    other = document(external_id="A-2", payments=[])
    with transaction(engine) as session:
        new = [order_from(document()), order_from(other), order_from(other), order_from(document(external_id="A-3"))]
        again, second, twin, wrong = place_many(session, SHOP, new, idempotency_keys=["k1", "k2", "k2", "k1"])
        assert again == alone
        assert not isinstance(second, OmsError)
        assert len(second["allocations"]) == 2
        assert twin == second
        assert isinstance(wrong, Conflict)
        assert count(session, Order) == 2
    with transaction(engine) as session:
        assert place_many(session, SHOP, []) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"channel": None}, "channel"),
        ({"currency": 7}, "currency"),
        ({"lines": "MUG"}, "lines"),
        ({"lines": ["MUG"]}, "line"),
        ({"lines": [{"sku": "MUG", "quantity": "2", "unit_price": 1}]}, "quantity"),
        ({"lines": [{"sku": "MUG", "quantity": True, "unit_price": 1}]}, "quantity"),
        ({"lines": [{"sku": "MUG", "quantity": 2}]}, "unit_price"),
        ({"lines": [{"sku": "MUG", "quantity": 2, "unit_price": "NaN"}]}, "unit_price"),
        ({"lines": [{"sku": "MUG", "quantity": 2, "unit_price": "ten"}]}, "unit_price"),
        ({"shipping_address": "Leeds"}, "shipping_address"),
        ({"customer": []}, "customer"),
        ({"placed_at": "yesterday"}, "placed_at"),
        ({"placed_at": "2010-12-09T12:00:00"}, "placed_at"),
    ],
)
def test_a_wrong_document_names_the_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        order_from(document(**change))
    assert refused.value.facts["field"] == field


def test_a_document_is_an_object() -> None:
    with pytest.raises(InvalidInput):
        order_from([1])


def test_the_whole_document_is_read() -> None:
    new = order_from(
        document(
            adjustments=[{"kind": "shipping", "amount": "4.99", "title": "Carriage"}],
            placed_at="2010-12-09T12:00:00+01:00",
            total="32.68",
        )
    )
    assert isinstance(new, NewOrder)
    assert new.adjustments[0].amount_minor == 499
    assert new.total_minor == 3268
    assert [line.gross_minor for line in new.lines] == [2469, 300]
    assert new.payments == [NewPayment(gateway="card", amount_minor=2769, external_id="p1")]
