"""Settings of the shop that its people may change, and when they may not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.kernel.settings import save_shop, stored_shop
from oms_core.master_data.cells import COUNTRY, CURRENCY, FLAG, Kind, choice, read_cell, text, whole
from oms_core.orders.tables import Order

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from oms_core.kernel.settings import Shop


def _zone(given: str, _: str) -> str:
    if given not in available_timezones():
        raise ValueError("a zone of the IANA list, such as Europe/Warsaw")
    return given


def _percent(given: str, _: str) -> str:
    plain = given.replace(",", ".")
    if not plain.replace(".", "", 1).isdigit() or not float(plain) < 100:
        raise ValueError("a percentage below 100, such as 23")
    return plain


#: What may be set, how it is read, and an example.
SETTINGS: dict[str, tuple[Kind, str]] = {
    "name": (text(120), "Kubki i Spółka"),
    "zone": (Kind(_zone), "Europe/Warsaw"),
    "currency": (CURRENCY, "PLN"),
    "country": (COUNTRY, "PL"),
    "language": (choice(("en", "pl")), "pl"),
    "legal_name": (text(200), "Kubki i Spółka sp. z o.o."),
    "tax_id": (text(40), "5260250274"),
    "address": (text(300), "ul. Garncarska 3, 00-950 Warszawa"),
    "bank_account": (text(60), "PL61109010140000071219812874"),
    "invoice_due_days": (whole(), "14"),
    "included_tax_percent": (Kind(_percent), "23"),
    "invoice_when_shipped": (FLAG, "yes"),
    "mail_customers": (FLAG, "yes"),
}
#: Switches that are kept as the instant they were turned on, by the field of the shop that holds it.
SWITCHES = {"invoice_when_shipped": "invoice_shipped_since", "mail_customers": "mail_customers_since"}
#: Days and sums of orders are kept in these: they stay once there are orders.
FIXED = ("zone", "currency")
#: These may be empty.
OPTIONAL = ("legal_name", "tax_id", "address", "bank_account", "included_tax_percent")


def settings_of(shop: Shop) -> dict[str, Any]:
    """Return the settings people may change."""
    return {name: _told(shop, name) for name in SETTINGS}


def _told(shop: Shop, name: str) -> Any:
    if name in SWITCHES:
        return "yes" if getattr(shop, SWITCHES[name]) else "no"
    return getattr(shop, name)


def _kept(name: str, value: Any) -> tuple[str, Any]:
    """Return the field of the shop that holds a setting, and what it is to hold."""
    if name in SWITCHES:
        return SWITCHES[name], clock.now().isoformat() if value == "yes" else ""
    return name, value


def change_settings(session: Session, given: Mapping[str, str], *, actor: str = "system") -> Shop:
    """Set some settings of the shop and return all.

    Raises
    ------
    NotFound
        ``setting.not_found`` with near matches.
    InvalidInput
        ``input.<setting>``.
    Refused
        ``settings.fixed``: there are orders in this zone and currency.
    """
    shop = stored_shop(session)
    values = {name: _value(name, cell.strip()) for name, cell in given.items()}
    before = {name: _told(shop, name) for name, value in values.items() if _told(shop, name) != value}
    after = {name: values[name] for name in before}
    fixed = [name for name in FIXED if name in after]
    if fixed and session.scalar(sa.select(Order.id).limit(1)) is not None:
        name = fixed[0]
        raise Refused(
            "settings.fixed",
            f"The shop's {name} stays {before[name]}: there are orders whose days and sums are kept in it.",
            f"Start a shop with {name} {after[name]} in a folder of its own (--home).",
        )
    shop = replace(shop, **dict(_kept(name, value) for name, value in after.items()))
    if after:
        save_shop(session, shop)
        journal.record(session, "settings.changed", "shop", 0, actor=actor, before=before, after=after)
    return shop


def _value(name: str, given: str) -> Any:
    if name not in SETTINGS:
        raise NotFound("setting", name, SETTINGS, f"Known: {', '.join(SETTINGS)}.")
    kind, example = SETTINGS[name]
    if not given:
        if name not in OPTIONAL:
            raise InvalidInput(name, given, f"something such as {example} was expected")
        return ""
    value = read_cell(kind, name, given, "")
    return ("yes" if value else "no") if kind is FLAG else value
