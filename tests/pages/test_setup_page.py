"""Setup: a merchant sets a shop up on the page; what is wrong is said and nothing is lost."""

from __future__ import annotations

import sqlalchemy as sa
from page_reader import Open, words

from app.views import setup, setup_sheet
from app.workspace import Workspace
from oms_core.kernel.settings import stored_shop
from oms_core.locations.tables import Location
from oms_core.master_data.sheets import SHEETS

LOCATIONS = SHEETS["locations"]
WARSAW = {"id": 1, "code": "WAW", "name": "Warszawa", "kind": "warehouse", "country": "PL", "postal_code": "00-950",
          "city": "", "position": "1", "is_active": "yes"}  # fmt: skip


def test_every_side_opens_in_both_languages(shop: Open) -> None:
    for language, title in (("en", "Setup"), ("pl", "Ustawienia")):
        for side in setup.SIDES:
            at = shop("setup", setup_side=side, lang=language)
            assert not at.exception
            assert not at.error, (side, [e.value for e in at.error])
            assert at.title[0].value == title


def test_an_empty_shop_leads_here(empty_shop: Open) -> None:
    at = empty_shop("today")
    assert next(button for button in at.button if button.key == "no_data_setup")


def test_settings_are_saved_and_what_may_not_change_is_refused(own_shop: Open) -> None:
    at = own_shop("setup")
    at.text_input(key="setting_name").set_value("Kubki")
    at.text_input(key="setting_tax_id").set_value("526")
    at.checkbox(key="setting_invoice_when_shipped").set_value(True)
    saved = next(button for button in at.button if button.label == "Save").click().run()
    assert not saved.error
    workspace = Workspace.open()
    with workspace.reading() as session:
        kept = stored_shop(session)
    assert (kept.name, kept.tax_id) == ("Kubki", "526")
    assert kept.invoice_shipped_since.startswith("2010-12-09T13:30")
    saved.text_input(key="setting_currency").set_value("EUR")
    refused = next(button for button in saved.button if button.label == "Save").click().run()
    assert "Start a shop with currency EUR" in words(refused)
    with workspace.reading() as session:
        assert stored_shop(session).currency != "EUR"
        assert session.scalar(sa.select(sa.func.count()).select_from(Location))
    workspace.close()


def test_what_was_written_into_the_table_becomes_rows_to_hand_in() -> None:
    edited = setup_sheet.frame(LOCATIONS, [WARSAW]).to_dicts()
    assert setup_sheet.changes(LOCATIONS, [WARSAW], edited) == ([], [])
    edited[0] |= {"postal_code": "", "is_active": False}
    new = dict.fromkeys(edited[0]) | {"code": "GDN", "name": "Gdańsk", "country": "PL", "is_active": True}
    changed, moved = setup_sheet.changes(LOCATIONS, [WARSAW], [*edited, new])
    assert changed == [
        {"code": "WAW", "postal_code": "-", "is_active": False},
        {"code": "GDN", "name": "Gdańsk", "country": "PL", "is_active": True},
    ]  # fmt: skip
    assert moved == []
    edited[0] |= {"code": "WRO"}
    assert setup_sheet.changes(LOCATIONS, [WARSAW], edited) == ([], ["WAW"])


def test_what_is_missing_is_told_in_the_order_it_is_needed() -> None:
    nothing = dict.fromkeys((*SHEETS, "stock"), 0)
    assert setup.missing(nothing) == list(setup.NEEDED)
    assert setup.missing({**nothing, "locations": 2, "products": 1})[0] == "channels"
    assert set(setup.NEEDED) == {*SHEETS, "stock"} == set(setup.MISSING)
