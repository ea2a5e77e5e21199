"""Where returns go and who may enter the customer's pages: rules, reasons, links; on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from small_shop import ZONE, deliver_all, line_ids, sell, small_shop, stock
from sqlalchemy.orm import Session

from oms_core.customers.tables import Customer
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.locations.tables import Location, Market
from oms_core.portal.entering import order_by
from oms_core.portal.links import link_of, order_of, token_of
from oms_core.portal.settings import PortalSettings, portal_settings, renew_secret, save_portal
from oms_core.returns.addresses import addresses, drop_address, save_address
from oms_core.returns.commands import NewReturnLine, request_return
from oms_core.returns.places import send_to
from oms_core.returns.queries import return_detail


@pytest.fixture
def sold(engine: sa.Engine):
    with transaction(engine) as session:
        shop = small_shop(session)
        stock(session, shop, MUG=9)
        order = sell(session, shop, "anna", MUG=3)
        deliver_all(session, order)
        yield session, order


def place(session: Session, code: str, country: str, **more: object) -> Location:
    found = Location(code=code, name=f"{code} returns", country=country, position=9, **more)
    session.add(found)
    session.flush()
    return found


def test_the_most_specific_rule_decides_and_says_so(sold):
    session, order = sold
    order.ship_country, order.ship_postal_code = "PL", "50-079"
    session.add(Market(code="EU", name="Europe", currency="EUR", countries=["PL", "DE"]))
    lodz, berlin, wroclaw = place(session, "LDZ", "PL"), place(session, "BER", "DE"), place(session, "WRC", "PL")
    said = {"why": [], "place": []}
    for scope in ({}, {"market": "EU"}, {"country": "PL"}, {"country": "pl", "postal_prefix": "50-0"}):
        target = {0: berlin, 1: lodz}.get(len(said["why"]), wroclaw)
        save_address(session, location_id=target.id, address=" Hala 3 \n\n Polna 1", **scope)
        found = send_to(session, order)
        said["why"].append(found.why)
        said["place"].append(found.location.code)
    assert said["why"] == ["everybody", "market:EU", "country:PL", "postal_code:PL 500…"]
    assert said["place"] == ["BER", "LDZ", "WRC", "WRC"]
    assert found.address == "Hala 3\nPolna 1"
    assert [rule["postal_prefix"] for rule in addresses(session)] == ["500", "", "", ""]
    wroclaw.is_active = False
    session.flush()
    assert send_to(session, order).why == "market:EU"


def test_a_return_keeps_the_address_its_customer_was_told(sold):
    session, order = sold
    key = line_ids(session, order)["MUG"]
    before = request_return(session, order_id=order.id, lines=[NewReturnLine(key, 1)], wish="store_credit", zone=ZONE)
    fallback = return_detail(session, before.id)
    assert fallback["send_to_why"].partition(":")[0] in {"same_country", "nearest", "ranking"}
    assert fallback["send_to_because"].startswith("No rule fits")
    rule = save_address(session, location_id=place(session, "NEW", order.ship_country).id, country=order.ship_country)
    after = request_return(session, order_id=order.id, lines=[NewReturnLine(key, 1)], zone=ZONE)
    assert return_detail(session, after.id)["send_to"].startswith("NEW returns")
    drop_address(session, rule.id)
    assert return_detail(session, before.id)["send_to"] == fallback["send_to"]
    assert return_detail(session, after.id)["send_to_why"] == f"country:{order.ship_country}"
    assert (before.wish, after.wish) == ("store_credit", "")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_rules_that_make_no_sense_are_refused(sold):
    session, _order = sold
    here = place(session, "HERE", "PL")
    bad = ({"country": "Poland"}, {"postal_prefix": "50"}, {"address": "x" * 401}, {"country": "PL", "market": "EU"})
    for scope in bad:
        with pytest.raises(InvalidInput):
            save_address(session, location_id=here.id, **scope)
    with pytest.raises(NotFound):
        save_address(session, location_id=here.id, market="MOON")
    with pytest.raises(NotFound):
        drop_address(session, 99)
    here.is_active = False
    with pytest.raises(InvalidInput, match="active"):
        save_address(session, location_id=here.id)


def test_a_link_lets_in_to_one_order_until_it_is_revoked(sold):
    session, order = sold
    order.email = "Anna@Example.com"
    with pytest.raises(Refused, match="off"):
        token_of(session, order)
    for address in ("", "ftp://x", "https://", "javascript:alert(1)", "https://a b", "https://x:99999999"):
        with pytest.raises(InvalidInput):
            save_portal(session, PortalSettings(is_on=True, address=address))
    save_portal(session, PortalSettings(is_on=True, address="https://returns.example.com/"))
    assert portal_settings(session).address == "https://returns.example.com"
    token = token_of(session, order)
    assert link_of(session, order) == f"https://returns.example.com/my/{token}"
    assert order_of(session, token).id == order.id
    other = f"{order.id + 1:x}-{token.partition('-')[2]}"
    for wrong in (
        token[:-1],
        token[:-1] + ("0" if token[-1] != "0" else "1"),
        other,
        "",
        "-",
        "zz-1",
        "é-é",
        "f" * 900,
    ):
        with pytest.raises(NotFound):
            order_of(session, wrong)
    order.email = None  # then the address of the customer counts, another one: the old link is dead
    buyer = session.get_one(Customer, order.customer_id)
    buyer.email = "a.nowak@example.com"
    session.flush()
    with pytest.raises(NotFound):
        order_of(session, token)
    assert order_of(session, token_of(session, order)).id == order.id
    buyer.email = None  # what an erasure leaves
    with pytest.raises(NotFound):
        order_of(session, token)
    with pytest.raises(Refused, match="no e-mail"):
        token_of(session, order)
    order.email = "anna@example.com"
    assert order_of(session, token).id == order.id
    renew_secret(session)
    with pytest.raises(NotFound):
        order_of(session, token)


def test_number_and_email_find_the_order_and_nothing_else_does(sold):
    session, order = sold
    order.email = "Anna@Example.com"
    session.flush()
    for number in (order.number, f" #{order.number.lower()} ", order.external_id):
        assert order_by(session, number=number, email=" anna@example.com") is order
    for number, email in ((order.number, "jan@example.com"), ("OS-999999", "anna@example.com"), ("", ""), ("%", "_")):
        assert order_by(session, number=number, email=email) is None
    order.email = None
    session.flush()
    assert order_by(session, number=order.number, email="ANNA@example.com") is order
    session.get_one(Customer, order.customer_id).email = None
    session.flush()
    assert order_by(session, number=order.number, email="") is None
