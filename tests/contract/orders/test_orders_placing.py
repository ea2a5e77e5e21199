"""Placing an order: commands keep their word on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from order_shop import ZONE, OrderShop, count, new_order
from sqlalchemy.orm import Session

from oms_core.customers.tables import Address, Customer, CustomerIdentity
from oms_core.kernel.errors import (
    Conflict,
    NotFound,
    OmsError,
)
from oms_core.orders.commands import (
    NewAddress,
    NewAdjustment,
    NewCustomer,
    NewLine,
    place_order,
)
from oms_core.orders.tables import Order, OrderLine


def test_money_of_an_order_adds_up(session: Session, shop: OrderShop) -> None:
    new = new_order({"MUG": 2, "TIN": 1}, total_minor=3150)
    new = replace(
        new,
        lines=[
            NewLine(sku="MUG", quantity=2, unit_price_minor=999, rounding_minor=2, discount_minor=100, tax_minor=40),
            NewLine(sku="TIN", quantity=1, unit_price_minor=1000),
        ],
        adjustments=[
            NewAdjustment(kind="shipping", amount_minor=399),
            NewAdjustment(kind="discount", amount_minor=-200),
            NewAdjustment(kind="gift_card", amount_minor=11),
        ],
    )
    order = place_order(session, new, zone=ZONE)
    money = (order.gross_minor, order.discount_minor, order.shipping_minor, order.tax_minor, order.other_minor)
    assert money == (3000, 300, 399, 40, 11)
    assert order.total_minor == 3150
    line = session.scalars(sa.select(OrderLine).order_by(OrderLine.position)).first()
    assert line is not None
    assert (line.gross_minor, line.unit_cost_minor, line.title) == (2000, 400, "MUG title")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lines": []}, "order.no_lines"),
        ({"lines": [NewLine(sku="MUG", quantity=0, unit_price_minor=1)]}, "input.quantity"),
        ({"lines": [NewLine(sku="MUG", quantity=-2, unit_price_minor=1)]}, "input.quantity"),
        ({"lines": [NewLine(sku="MUG", quantity=1, unit_price_minor=-1)]}, "input.unit_price"),
        ({"lines": [NewLine(sku="MUG", quantity=1, unit_price_minor=5, discount_minor=6)]}, "input.discount"),
        ({"currency": "gbp"}, "input.currency"),
        ({"address": NewAddress(country="UKX")}, "input.country"),
        ({"external_id": " "}, "input.external_id"),
        ({"total_minor": 1}, "order.total_mismatch"),
        ({"placed_at": datetime(2010, 12, 9, 12)}, "input.placed_at"),  # noqa: DTZ001 - a naive time is what is refused
        ({"channel": "wab"}, "channel.not_found"),
        ({"customer": NewCustomer(email="not an address")}, "input.email"),
        ({"customer": NewCustomer(email="a@b.c", kind="robot")}, "input.customer kind"),
        ({"adjustments": [NewAdjustment(kind="bribe", amount_minor=1)]}, "input.adjustment kind"),
        ({"adjustments": [NewAdjustment(kind="discount", amount_minor=1)]}, "input.discount"),
    ],
)
def test_a_wrong_order_is_refused_and_leaves_nothing(
    session: Session, shop: OrderShop, change: dict[str, Any], code: str
) -> None:
    with pytest.raises(OmsError) as refused:
        place_order(session, replace(new_order({"MUG": 1}), **change), zone=ZONE)
    assert refused.value.code == code
    assert count(session, Order) == 0
    assert count(session, Customer) == 0


def test_unknown_skus_are_all_named_with_what_was_meant(session: Session, shop: OrderShop) -> None:
    with pytest.raises(NotFound, match="MUGG") as one:
        place_order(session, new_order({"MUGG": 1}), zone=ZONE)
    assert one.value.hint == "Did you mean 'MUG'?"
    with pytest.raises(NotFound, match="MUGG, TON") as two:
        place_order(session, new_order({"MUGG": 1, "TON": 1}), zone=ZONE)
    assert two.value.hint == "Did you mean MUGG → MUG; TON → TIN?"


def test_a_channels_order_is_taken_once(session: Session, shop: OrderShop) -> None:
    first = place_order(session, new_order({"MUG": 1}), zone=ZONE)
    with pytest.raises(Conflict, match=first.number) as refused:
        place_order(session, new_order({"MUG": 1}), zone=ZONE)
    assert refused.value.code == "order.duplicate"


def test_customers_are_found_again_by_email_and_by_the_channels_id(session: Session, shop: OrderShop) -> None:
    by_email = place_order(session, new_order({"MUG": 1}, email=" Ala@Example.com"), zone=ZONE)
    again = new_order({"MUG": 1}, external_id="2", postal_code="BS1 1AA", country="PL")
    again = replace(again, customer=NewCustomer(email="ala@example.com", external_id="77"))
    both = place_order(session, again, zone=ZONE)
    third = replace(new_order({"MUG": 1}, external_id="3"), customer=NewCustomer(external_id="77"))
    by_channel = place_order(session, third, zone=ZONE)
    guest = place_order(session, replace(new_order({"MUG": 1}, external_id="4"), customer=None), zone=ZONE)
    assert by_email.customer_id == both.customer_id == by_channel.customer_id is not None
    assert guest.customer_id is None
    assert count(session, Customer) == count(session, Address) == 1
    assert count(session, CustomerIdentity) == 2
    customer = session.scalars(sa.select(Customer)).one()
    assert (customer.email, customer.country, customer.postal_code) == ("ala@example.com", "GB", "LS1 1AA")


def test_the_business_date_is_the_shops_day(session: Session, shop: OrderShop) -> None:
    late = datetime.fromisoformat("2010-12-09T23:30:00+00:00")
    order = place_order(session, new_order({"MUG": 1}, placed_at=late), zone="Europe/Warsaw")
    assert order.business_date.isoformat() == "2010-12-10"
