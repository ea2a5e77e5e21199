"""A channel's payout statement beside the books: what fits, what does not, what was never paid out, which fees lack."""

from __future__ import annotations

import csv

import pytest
from finance_shop import order_with_tax
from small_shop import ZONE, small_shop, stock

from app import payout_files
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import Conflict, InvalidInput, NotFound
from oms_core.orders.commands import NewPayment
from oms_core.payments import payout_reading, payouts
from oms_core.payments.commands import pay
from oms_core.payments.payouts import NewStatement, Stated


@pytest.fixture
def sold(engine):
    """Five orders of 12.30 on the web shop: card, card with 3.00 back, card, at the door, never paid."""
    with transaction(engine) as session:
        shop = small_shop(session)
        stock(session, shop, MUG=40)
        card = [NewPayment(gateway="card", amount_minor=1230)]
        orders = [order_with_tax(session, name, payments=card, MUG=1) for name in ("anna", "basia", "celina")]
        door = [NewPayment(gateway="cod", amount_minor=1230, kind="authorize")]
        orders += [order_with_tax(session, "dorota", payments=door, MUG=1)]
        orders += [order_with_tax(session, "ewa", MUG=1)]
        pay(session, order_id=orders[1].id, kind="refund", amount_minor=300, gateway="card", zone=ZONE)
        yield session, [order.number for order in orders], orders[0].business_date


def head(reference="P-1", **more):
    return NewStatement(channel="web", reference=reference, currency="PLN", **more)


def outcomes(told):
    return {(row["kind"], row["name"]): (row["outcome"], row["difference_minor"]) for row in told["rows"]}


def test_every_row_is_laid_beside_the_books_and_the_rest_is_named(sold):
    session, (anna, basia, celina, _, ewa), day = sold
    rows = [
        Stated("sale", anna, 1230, 40, day), Stated("sale", basia, 1200, 40, day),
        Stated("refund", basia, -300, 0, day), Stated("sale", ewa, 1230, 40, day),
        Stated("sale", "nobody", 500, 10, day), Stated("fee", "", 0, 250, day),
    ]  # fmt: skip
    told = payouts.book_statement(session, head(received_minor=3000), rows, zone=ZONE)
    assert outcomes(told) == {
        ("sale", anna): ("matched", 0),
        ("sale", basia): ("short", -30),
        ("refund", basia): ("matched", 0),
        ("sale", ewa): ("not_in_books", 1230),
        ("sale", "nobody"): ("unknown", 500),
        ("fee", ""): ("fee", 0),
    }
    assert (told["gross_minor"], told["fee_minor"], told["net_minor"]) == (3860, 380, 3480)
    assert (told["received_difference_minor"], told["difference_minor"]) == (-480, 1700)
    assert (told["fees_in_books_minor"], told["fee_difference_minor"]) == (0, 380)
    # paid at the door is a courier's money; only Celina's card was taken and stands on no statement
    lacking = payout_reading.missing(session.connection(), "web")
    assert [(row["order"], row["captured_minor"], row["gateway"]) for row in lacking] == [(celina, 1230, "card")]
    # the rest of Basia's comes later and fits; Anna's comes twice and does not
    later = [Stated("sale", basia, 30, 0, day), Stated("sale", anna, 1230, 40, day)]
    told = payouts.book_statement(session, head("P-2"), later, zone=ZONE)
    assert outcomes(told) == {("sale", basia): ("matched", 0), ("sale", anna): ("over", 1230)}
    assert [(row["reference"], row["odd"]) for row in payout_reading.statements(session.connection())] == [
        ("P-2", 1), ("P-1", 3),
    ]  # fmt: skip


def test_a_statement_is_kept_once_and_lacking_fees_are_booked_once(sold):
    session, (anna, *_), day = sold
    rows = [Stated("sale", anna, 1230, 40, day)]
    first = payouts.book_statement(session, head(), rows, zone=ZONE, book_fees=True)
    again = payouts.book_statement(session, head(), rows, zone=ZONE, book_fees=True)
    assert (first["again"], again["again"]) == (False, True)
    assert (again["fees_in_books_minor"], again["fee_difference_minor"]) == (40, 0)
    with pytest.raises(Conflict, match="other rows"):
        payouts.book_statement(session, head(), [Stated("sale", anna, 1231, 40, day)], zone=ZONE)
    with pytest.raises(NotFound) as refused:
        payouts.book_statement(session, NewStatement(channel="wbe", reference="1", currency="PLN"), rows, zone=ZONE)
    assert "web" in refused.value.hint


SHOPIFY = """Transaction Date,Type,Order,Payout Status,Amount,Fee,Net,Currency
2010-12-08 10:00:00 +0100,charge,#1001,paid,12.30,0.40,11.90,PLN
2010-12-08 11:00:00 +0100,refund,#1001,paid,-3.00,0.00,-3.00,PLN
2010-12-09 11:00:00 +0100,adjustment,,paid,-1.00,0.00,-1.00,PLN
2010-12-09 12:00:00 +0100,payout,,paid,-7.90,0.00,-7.90,PLN
"""


def test_files_of_several_makers_say_the_same():
    assert csv.Sniffer().sniff(SHOPIFY).delimiter == ","
    currency, rows = payout_files.read(SHOPIFY.encode(), "p.csv", "EUR")
    assert (currency, [(r.kind, r.name, r.amount_minor, r.fee_minor) for r in rows]) == (
        "PLN", [("sale", "1001", 1230, 40), ("refund", "1001", -300, 0), ("other", "", -100, 0)],
    )  # fmt: skip
    # fees below zero, a semicolon, a decimal comma, no kind: the sign says it
    plain = "order;gross;fee;net\n1001;12,30;-0,40;11,90\n1002;-3,00;0,10;-2,90\n;0;;0\n"
    assert [(r.kind, r.amount_minor, r.fee_minor) for r in payout_files.read(plain.encode(), "p.csv", "PLN")[1]] == [
        ("sale", 1230, 40), ("refund", -300, -10), ("other", 0, 0),
    ]  # fmt: skip
    fee = "type,amount\ncommission,-2.50\n"
    assert [(r.kind, r.amount_minor, r.fee_minor) for r in payout_files.read(fee.encode(), "p.csv", "PLN")[1]] == [
        ("fee", 0, 250)
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("order,fee\n1,2\n", "amount or gross"),
        ("", "no rows"),
        ("order,amount\n1,a lot\n", "row 2"),
        ("order,amount,fee,net\n1,10,1,8\n", "net in row 2"),
        ("order,amount,date\n1,10,tomorrow\n", "date in row 2"),
        ("order,amount,currency\n1,10,EUR\n2,10,PLN\n", "EUR, PLN"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_by_row(text, words):
    with pytest.raises(InvalidInput, match=words):
        payout_files.read(text.encode(), "p.csv", "PLN")
