"""Money of an order: commands keep their word on both databases."""

from __future__ import annotations

import pytest
from order_shop import ZONE, OrderShop, count, new_order
from sqlalchemy.orm import Session

from oms_core.kernel.errors import (
    Conflict,
    NotFound,
    OmsError,
    Refused,
)
from oms_core.orders.commands import (
    cancel_order,
    place_order,
)
from oms_core.orders.tables import Order
from oms_core.payments.commands import NewMoney, pay, pay_all
from oms_core.payments.tables import Payment


def test_the_same_payment_twice_is_one(session: Session, shop: OrderShop) -> None:
    order = place_order(session, new_order({"MUG": 1}), zone=ZONE)
    given = {"order_id": order.id, "kind": "capture", "gateway": "card", "external_id": "p1", "zone": ZONE}
    first = pay(session, amount_minor=1000, **given)
    assert pay(session, amount_minor=1000, **given).id == first.id
    with pytest.raises(Conflict, match="p1"):
        pay(session, amount_minor=999, **given)
    assert count(session, Payment) == 1
    assert session.get_one(Order, order.id).payment_status == "paid"


@pytest.mark.parametrize(
    ("kind", "amount", "code"),
    [
        ("refund", 1001, "payment.refund_too_large"),
        ("void", 1, "payment.void_too_large"),
        ("gift", 1, "input.kind"),
        ("capture", 0, "input.amount"),
        ("capture", -5, "input.amount"),
    ],
)
def test_money_that_cannot_move_is_refused(
    session: Session, shop: OrderShop, kind: str, amount: int, code: str
) -> None:
    order = place_order(session, new_order({"MUG": 1}), zone=ZONE)
    pay(session, order_id=order.id, kind="capture", amount_minor=1000, gateway="card", zone=ZONE)
    with pytest.raises(OmsError) as refused:
        pay(session, order_id=order.id, kind=kind, amount_minor=amount, gateway="card", zone=ZONE)
    assert refused.value.code == code
    with pytest.raises(NotFound):
        pay(session, order_id=999, kind="capture", amount_minor=1, gateway="card", zone=ZONE)


def test_no_money_is_taken_for_a_cancelled_order(session: Session, shop: OrderShop) -> None:
    order = place_order(session, new_order({"MUG": 1}), zone=ZONE)
    pay(session, order_id=order.id, kind="authorize", amount_minor=1000, gateway="card", zone=ZONE)
    cancel_order(session, order.id, reason="test", zone=ZONE)
    with pytest.raises(Refused, match="cancelled"):
        pay(session, order_id=order.id, kind="capture", amount_minor=1000, gateway="card", zone=ZONE)
    pay(session, order_id=order.id, kind="void", amount_minor=1000, gateway="card", zone=ZONE)
    assert session.get_one(Order, order.id).payment_status == "voided"


def test_a_gateways_report_is_booked_line_by_line(session: Session, shop: OrderShop) -> None:
    ids = [place_order(session, new_order({"MUG": 1}, external_id=str(n)), zone=ZONE).id for n in range(2)]

    def line(order_id: int, kind: str, amount: int, name: str | None) -> NewMoney:
        return NewMoney(order_id=order_id, kind=kind, amount_minor=amount, gateway="card", external_id=name)

    report = [
        line(ids[0], "capture", 1000, "a"),
        line(ids[0], "capture", 1000, "a"),
        line(ids[0], "capture", 1, "a"),
        line(ids[0], "refund", 1001, "b"),
        line(ids[0], "refund", 400, None),
        line(ids[0], "refund", 601, "c"),
        line(ids[1], "authorize", 1000, "d"),
        line(999, "capture", 1, "e"),
    ]
    said = pay_all(session, report, zone=ZONE)
    assert [s.code if isinstance(s, OmsError) else s - min(k for k in said if isinstance(k, int)) for s in said] == [
        0, 0, "payment.duplicate", "payment.refund_too_large", 1, "payment.refund_too_large", 2, "order.not_found",
    ]  # fmt: skip
    session.expire_all()
    assert [session.get_one(Order, key).payment_status for key in ids] == ["partially_refunded", "authorized"]
    # the whole report again books only what has no name
    again = pay_all(session, report[:2] + report[6:7], zone=ZONE)
    assert again == [said[0], said[0], said[6]]
    assert count(session, Payment) == 3
    assert pay_all(session, [], zone=ZONE) == []
