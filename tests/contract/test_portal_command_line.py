"""The commands of the customer pages and return addresses, as typed; both databases are held elsewhere."""

from __future__ import annotations

import json

import pdfplumber
import pytest
from small_shop import ZONE, deliver_all, sell, small_shop, stock
from typer.testing import CliRunner

from app.cli.main import app
from oms_core.kernel.database import transaction
from oms_core.kernel.settings import Shop, save_shop

pytestmark = [
    pytest.mark.usefixtures("noon"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest.fixture
def typed(engine, database_url, tmp_path, monkeypatch):
    """Return a function that runs one command on a shop with a delivered order and gives status and answer."""
    with transaction(engine) as session:
        shop = small_shop(session)
        stock(session, shop, MUG=20)
        save_shop(session, Shop(zone=ZONE, currency="PLN", name="Kubek i Torba", language="pl"))
        deliver_all(session, sell(session, shop, "anna", MUG=3))
    monkeypatch.setenv("ORDERSIGHT_DATABASE_URL", database_url)
    monkeypatch.setenv("ORDERSIGHT_HOME", str(tmp_path))

    def run(*words):
        done = CliRunner().invoke(app, [*words, "--format", "json"])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, json.loads(done.stdout) if done.stdout.strip() else None

    return run


def test_pages_are_opened_links_given_and_ended(typed):
    assert typed("portal", "show") == (0, {"is_on": False, "address": ""})
    assert typed("portal", "link", "OS-000001")[1]["code"] == "portal.closed"
    assert typed("portal", "set", "--on")[1]["code"] == "input.address"
    assert typed("portal", "set", "--on", "--address", "https://shop.example")[1]["is_on"] is True
    link = typed("portal", "link", "OS-000001")[1]["link"]
    assert link.startswith("https://shop.example/my/1-")
    assert typed("portal", "link", "OS-000002")[0] == 1
    assert typed("portal", "revoke")[1]["code"] == "portal.not_confirmed"
    assert typed("portal", "revoke", "--confirm") == (0, {"revoked": True})
    assert typed("portal", "link", "OS-000001")[1]["link"] != link
    assert typed("portal", "set", "--off")[1] == {"is_on": False, "address": "https://shop.example"}


def test_a_rule_decides_the_address_of_the_slip(typed, tmp_path):
    assert typed("return-addresses", "why", "PL")[1]["why"] == "same_country:PL"
    rules = typed("return-addresses", "set", "--country", "PL", "--location", "WAW", "--address", "Zwroty|Prosta 7")[1]
    assert [(rule["country"], rule["location"], rule["address"]) for rule in rules] == [
        ("PL", "WAW", "Zwroty\nProsta 7")
    ]
    assert typed("return-addresses", "why", "pl", "00-950")[1]["send_to"] == "Zwroty, Prosta 7"
    assert typed("return-addresses", "set", "--location", "MOON")[0] == 1
    back = typed("orders", "return", "OS-000001", "MUG=2", "--reason", "too_big")[1]["number"]
    shown = typed("returns", "show", back)[1]
    assert (shown["send_to"], shown["send_to_because"]) == ("Zwroty, Prosta 7", "A rule sends returns from PL here.")
    assert typed("returns", "slip", back, "--out", str(tmp_path / "slip.txt"))[1]["code"] == "input.out"
    assert typed("returns", "slip", back, "--out", str(tmp_path / "slip.pdf"))[0] == 0
    with pdfplumber.open(tmp_path / "slip.pdf") as paper:
        text = paper.pages[0].extract_text()
    for said in ("Prosta 7", back, "OS-000001", "Za duże", "Do środka paczki"):
        assert said in text
    assert typed("return-addresses", "drop", str(rules[0]["id"]))[1] == []
    assert typed("returns", "show", back)[1]["send_to"] == "Zwroty, Prosta 7"
