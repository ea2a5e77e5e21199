"""What a customer does on the shop's pages, from the order number to the money; a real server, both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from api_shop import TLS, ApiShop, make_shop, order, served

from oms_core.catalog.tables import Variant
from oms_core.customers.tables import Customer as Person
from oms_core.inventory.commands import adjust
from oms_core.inventory.queries import variant_of
from oms_core.kernel import clock
from oms_core.kernel.journal import JournalEntry
from oms_core.locations.tables import Location
from oms_core.portal.settings import PortalSettings, save_portal
from oms_core.privacy.erasure import erase
from oms_core.returns.addresses import save_address
from oms_core.returns.case_tables import CustomerMessage, Withdrawal
from oms_core.returns.tables import Return

EMAIL = "ada@example.com"
#: What speaks of pages and not of the database is asked of one.
ON_A_FILE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass
class Customer:
    """Somebody with a browser that runs nothing."""

    http: httpx.Client
    page: str = ""
    path: str = "/my"
    status: int = 0

    def look(self, path: str) -> str:
        """Open a page."""
        return self._shown(self.http.get(path))

    def send(self, action: str = "", **fields: Any) -> str:
        """Fill in the (last) form of the page that goes to `action` and send it; follow where it leads."""
        found = [f for f in re.findall(r"<form.*?</form>", self.page, re.DOTALL) if not action or f'{action}"' in f]
        form = found[-1]
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
        data = {name: unescape(value) for name, value in hidden}
        (where,) = re.findall(r'action="([^"]+)"', form.split(">", 1)[0])
        return self._shown(self.http.post(where, data=data | {k.replace("_", "-"): v for k, v in fields.items()}))

    def enter(self, number: str, email: str = EMAIL) -> str:
        """Come in with number and e-mail."""
        self.look("/my")
        return self.send(number=number, email=email)

    def _shown(self, said: httpx.Response) -> str:
        self.status, self.page, self.path = said.status_code, said.text, said.url.path
        return self.page


@pytest.fixture
def shop(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiShop]:
    monkeypatch.setenv("ORDERSIGHT_DATABASE_URL", database_url)
    workspace = make_shop(tmp_path)
    with workspace.transaction() as session:
        save_portal(session, PortalSettings(is_on=True, address="https://returns.example.com"))
        leeds = session.scalar(sa.select(Location).where(Location.code == "LDS"))
        save_address(session, location_id=leeds.id, country="GB", address="Returns\nMill Lane 4\nLS1 4AA Leeds")
    with served(workspace) as running:
        yield running


@pytest.fixture
def customer(shop: ApiShop) -> Iterator[Customer]:
    with httpx.Client(base_url=shop.url, follow_redirects=True, timeout=30, trust_env=False, verify=TLS) as http:
        yield Customer(http)


def bought(shop: ApiShop, external_id: str = "1", *, delivered: bool = True, **units: int) -> str:
    """Place, pay, ship and deliver an order; return its number."""
    with shop.client() as api:
        number = api.post("/v1/orders", json=order(external_id, **units)).json()["number"]
        api.post(f"/v1/orders/{number}/payments", json={"gateway": "card"})
        (work,) = api.get("/v1/fulfillment-orders", params={"order": number}).json()["items"]
        if delivered:
            parcel = api.post(f"/v1/fulfillment-orders/{work['number']}/ship", json={"carrier": "dpd"}).json()
            api.post(f"/v1/shipments/{parcel['number']}/tracking-events", json={"state": "delivered"})
    return str(number)


def line(shop: ApiShop, number: str, sku: str = "MUG") -> int:
    with shop.client() as api:
        lines = api.get(f"/v1/orders/{number}").json()["lines"]
    return int(next(one["id"] for one in lines if one["sku"] == sku))


def test_a_customer_asks_and_follows_the_return_until_the_money_is_back(shop: ApiShop, customer: Customer) -> None:
    number = bought(shop, MUG=3, BAG=1)
    key = line(shop, number)
    customer.enter(number)
    assert f"Order {number}" in customer.page
    assert "Withdraw from contract here" in customer.page
    customer.look(f"{customer.path}/return")
    form = customer.page
    customer.send(**{f"units_{key}": 2, f"reason_{key}": "too_small", "wish": "store_credit"})
    assert re.search(r"/returns/RET-\d+$", customer.path), customer.page
    assert "Waiting for our answer" in customer.page
    status = customer.path
    back = status.rpartition("/")[2]
    # the same form again (the customer went back and pressed twice) asks for nothing more
    customer.page = form
    customer.send(**{f"units_{key}": 2, f"reason_{key}": "too_small", "wish": "store_credit"})
    assert customer.path == status
    with shop.client() as api:
        told = api.get(f"/v1/returns/{back}").json()
        assert (told["wish"], told["send_to_why"]) == ("store_credit", "country:GB")
        assert told["send_to"] == "Returns, Mill Lane 4, LS1 4AA Leeds"
        api.post(f"/v1/returns/{back}/approve")
        assert "Approved: send it" in customer.look(status)
        assert "Mill Lane 4<br>LS1 4AA Leeds" in customer.page
        assert "This is our return address for your country." in customer.page
        slip = customer.http.get(f"{status}/slip.pdf")
        assert (slip.headers["content-type"], slip.content[:4]) == ("application/pdf", b"%PDF")
        customer.look(status)
        customer.send("/sent", tracking="1Z999")
        assert (customer.path, "On its way" in customer.page) == (status, True)
        api.post(f"/v1/returns/{back}/receive", json={"location": "LDS"})
        assert "2 arrived" in customer.look(status)
        assert customer.http.get(f"{status}/slip.pdf").status_code == 409
        api.post(f"/v1/returns/{back}/refund", json={"gateway": "card"})
    customer.look(status)
    assert customer.page.count('<li class="done">') == 4
    assert "£20.00" in customer.page
    assert "We gave your money back" in customer.page
    with shop.workspace.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Return)) == 1
        actors = sa.select(JournalEntry.actor).where(JournalEntry.event == "return.requested")
        assert session.scalars(actors).all() == ["customer"]


def test_a_consumer_withdraws_in_two_steps_and_keeps_the_receipt(shop: ApiShop, customer: Customer) -> None:
    number = bought(shop, MUG=2)
    customer.http.headers["Accept-Language"] = "de, pl;q=0.9, en;q=0.8"
    customer.enter(number)
    order_page = customer.path
    assert "Odstąp od umowy tutaj" in customer.page
    customer.look(f"{order_page}/withdraw")
    customer.send(extent="whole", name="Ada <b>", email="ada@home.example", statement="</p><script>x</script>")
    assert "Potwierdź odstąpienie" in customer.page
    assert "&lt;script&gt;" in customer.page
    assert "<script>" not in customer.page
    with shop.workspace.reading() as session:
        assert session.scalar(sa.select(Withdrawal.id)) is None
    customer.send("/withdraw/confirm")
    assert re.search(r"/withdrawals/WD-\d+$", customer.path), customer.page
    receipt = customer.path
    with shop.workspace.reading() as session:
        message = session.scalars(sa.select(CustomerMessage)).one()
        declared = session.scalars(sa.select(Withdrawal)).one()
    assert (message.recipient, message.language, message.sent_at) == ("ada@home.example", "pl", None)
    assert declared.channel == "web_form"
    for text in ("Ada <b>", f"{declared.declared_at.astimezone():%Y-%m-%d}", "</p><script>x</script>", "Mill Lane 4"):
        assert text in message.body
    assert customer.http.get(f"{receipt}/confirmation.pdf").content.startswith(b"%PDF")
    customer.look(f"{order_page}/returns/RET-1001")
    assert "Zwrócimy pieniądze do" in customer.page
    assert "Zachowuję towar" not in customer.page  # a withdrawal's goods are not called off by a button
    customer.send("/sent", tracking="PL-77")
    with shop.workspace.reading() as session:
        assert session.scalars(sa.select(Withdrawal.proof)).one() == "PL-77"
    customer.look(f"{order_page}/withdraw")
    assert "nie jest już możliwe" in customer.page


@ON_A_FILE
def test_a_customer_exchanges_for_another_size(shop: ApiShop, customer: Customer) -> None:
    with shop.workspace.transaction() as session:
        mug = variant_of(session, "MUG")
        large = Variant(
            product_id=mug.product_id,
            sku="MUG-L",
            title="Mug L",
            price_minor=1250,
            currency="GBP",
            created_at=clock.now(),
        )
        session.add(large)
        session.flush()
        leeds = session.scalar(sa.select(Location.id).where(Location.code == "LDS"))
        adjust(session, variant_id=large.id, location_id=leeds, delta_qty=5, reason="counted", zone="Europe/London")
    number = bought(shop, MUG=2)
    key = line(shop, number)
    customer.enter(number)
    customer.look(f"{customer.path}/return")
    assert "Mug L, £12.50" in customer.page
    chosen = {f"units_{key}": 1, f"reason_{key}": "too_small", "wish": "exchange"}
    customer.send(**chosen, **{f"instead_{key}": "BAG"})
    assert (customer.status, "what you want instead" in customer.page) == (422, True)
    customer.send(**chosen, **{f"instead_{key}": "MUG-L"})
    assert "1 × MUG-L" in customer.page
    assert "You pay £2.50 more." in customer.page
    assert "I keep the goods" not in customer.page  # the exchange is called off, not its return
    with shop.client() as api:
        api.post("/v1/exchanges/EX-1001/approve")
        api.post(f"/v1/returns/{customer.path.rpartition('/')[2]}/receive", json={"location": "LDS"})
        assert api.post("/v1/exchanges/EX-1001/complete").is_success
    customer.look(customer.path)
    assert customer.page.count('<li class="done">') == 4


@ON_A_FILE
def test_what_is_wrong_is_said_and_writes_nothing(shop: ApiShop, customer: Customer) -> None:
    number = bought(shop, MUG=2)
    other = bought(shop, "2", BAG=1)
    key = line(shop, number)
    # an unknown order and a wrong address get one answer
    answers = set()
    for given in ((number, "eve@example.com"), ("OS-999999", EMAIL), ("'; DROP TABLE orders; --", '"><script>')):
        page = customer.enter(*given)
        assert customer.status == 404
        assert "<script>" not in page
        answers.add(re.search(r'role="alert">([^<]+)', page)[1])
    assert len(answers) == 1
    customer.enter(number)
    home = customer.path
    dead = (home[:-1] + ("0" if home[-1] != "0" else "1"), "/my/1-0", "/my/x", "/my/%00", f"{home}/nowhere")
    for path in dead:
        customer.look(path)
        assert (customer.status, "Enter with your order number" in customer.page) == (404, True), path
    asking = f"{home}/return"

    def ask(**fields: Any) -> int:
        customer.look(asking)
        customer.send(**fields)
        return customer.status

    assert ask() == 422
    assert "Choose at least one product" in customer.page
    assert ask(**{f"units_{key}": 1, f"reason_{key}": "because"}) == 422
    assert ask(**{f"units_{key}": "1e9", f"reason_{key}": "too_big"}) == 422
    assert ask(**{f"units_{key}": 3, f"reason_{key}": "too_big"}) == 409
    assert 'value="too_big" selected' in customer.page  # what was filled in is still there
    assert ask(**{f"units_{line(shop, other, 'BAG')}": 1, f"reason_{line(shop, other, 'BAG')}": "too_big"}) == 404
    customer.look(asking)
    for wrong in ("", "0.x.y", "é.é.é"):
        told = customer.http.post(asking, data={"form": wrong, f"units-{key}": 1, f"reason-{key}": "too_big"})
        assert told.status_code == 422
    assert customer.http.post(asking, content=b"x" * 70_000).status_code == 422
    with shop.workspace.reading() as session:
        assert session.scalar(sa.select(Return.id)) is None
    # everything is on its way back: nothing is left, and another customer's return is not there
    assert ask(**{f"units_{key}": 2, f"reason_{key}": "too_big"}) == 200
    mine = customer.path
    assert "Nothing of this order is left to send back." in customer.look(asking)
    customer.enter(other)
    assert customer.look(f"{customer.path}/returns/{mine.rpartition('/')[2]}")
    assert customer.status == 404


@pytest.fixture
def later() -> Iterator[None]:
    """Forty days pass when the test says so; the clock is put right again."""
    yield
    clock.set_offset(timedelta())


@ON_A_FILE
@pytest.mark.usefixtures("later")
def test_the_days_are_over_the_pages_are_closed_and_the_erased_are_gone(shop: ApiShop, customer: Customer) -> None:
    number = bought(shop, MUG=2)
    key = line(shop, number)
    with shop.client() as api:
        policy = {"channel": "", "days_allowed": 30}
        assert api.put("/v1/refund-policies/all", json=policy).is_success
    customer.enter(number)
    home = customer.path
    clock.set_offset(timedelta(days=40))
    assert "The period for withdrawing ended" in customer.look(home)
    assert "Withdraw from contract here" not in customer.page
    customer.look(f"{home}/return")
    customer.send(**{f"units_{key}": 1, f"reason_{key}": "changed_mind"})
    assert (customer.status, "by goodwill are over" in customer.page) == (409, True)
    customer.send(**{f"units_{key}": 1, f"reason_{key}": "defective"})
    assert customer.path.rpartition("/")[2].startswith("RET-")
    customer.send("/cancel")
    assert "This return was called off." in customer.page
    with shop.workspace.transaction() as session:
        save_portal(session, PortalSettings(is_on=False, address="https://returns.example.com"))
    assert "is closed" in customer.look(home)
    assert "is closed" in customer.look("/my")
    with shop.workspace.transaction() as session:
        save_portal(session, PortalSettings(is_on=True, address="https://returns.example.com"))
        person = str(session.scalar(sa.select(Person.number)))
        erase(session, number=person, confirmed=person)
    customer.look(home)
    assert customer.status == 404
    customer.enter(number)
    assert (customer.status, "We find no order" in customer.page) == (404, True)


@ON_A_FILE
def test_guessing_is_slowed_down(shop: ApiShop, customer: Customer) -> None:
    number = bought(shop, MUG=1)
    for _ in range(7):  # who knows the address is never slowed down
        assert f"Order {number}" in customer.enter(number)
    seen = [(customer.enter(number, f"{n}@example.com"), customer.status)[1] for n in range(7)]
    assert seen == [404] * 5 + [429] * 2
    said = customer.http.get("/my")
    assert "script" not in said.headers["content-security-policy"]
    assert said.headers["referrer-policy"] == "no-referrer"
    assert "/my" in httpx.get(f"{shop.url}/metrics", trust_env=False).text
