"""The customer's pages of a demo shop: open at once, with a return address for each part of the world it sells to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.locations.tables import Location
from oms_core.portal.settings import PortalSettings, portal_settings, save_portal
from oms_core.returns.addresses import save_address

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: Where `ordersight demo` serves its API unless told otherwise.
ADDRESS = "http://localhost:8502"
#: Country of a rule (empty: everybody else), the warehouse it leads to, and invented streets.
RULES = (
    ("GB", "LEEDS", "Returns, door 3\nExample Road 12\nLS10 1AB Leeds\nUnited Kingdom"),
    ("PL", "LODZ", "Zwroty, brama 3\nul. Przykładowa 12\n90-001 Łódź\nPolska"),
)


def open_pages(session: Session) -> None:
    """Open the pages and write the rules, once; what a person set later stays."""
    if portal_settings(session).address:
        return
    save_portal(session, PortalSettings(is_on=True, address=ADDRESS), actor="demo")
    places = dict(session.execute(sa.select(Location.code, Location.id)).all())
    for country, code, address in RULES:
        if code in places:
            save_address(session, location_id=places[code], country=country, address=address, actor="demo")


def serve_at(session: Session, address: str) -> None:
    """Let the links of a demo shop lead to where its API answers now, unless a person gave another address."""
    found = portal_settings(session)
    if found.address.startswith("http://localhost:") and found.address != address:
        save_portal(session, PortalSettings(found.is_on, address), actor="demo")
