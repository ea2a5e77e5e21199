"""Where goods are to be sent back: decided from where the customer is, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.locations.geography import Point, distance_km, locate
from oms_core.locations.tables import Location, Market
from oms_core.returns.address_tables import ReturnAddress
from oms_core.returns.addresses import plain
from oms_core.returns.withdrawal_facts import settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from oms_core.orders.tables import Order
    from oms_core.returns.tables import Return

#: Kilometres to a place nobody can find on the map: farther than any.
_FAR_KM = 1e6
#: Why an address holds, by kind; `{scope}` is the country, market or postal code the rule speaks of.
WHYS = {
    "postal_code": "A rule sends returns from postal codes {scope} here.",
    "country": "A rule sends returns from {scope} here.",
    "market": "A rule sends returns from market {scope} here.",
    "everybody": "A rule sends all returns here that no other rule speaks of.",
    "shop_address": "No rule fits; this is the shop's address for withdrawals.",
    "same_country": "No rule fits; this is the nearest location in {scope}, the customer's country.",
    "nearest": "No rule fits and no location is in {scope}; this is the nearest one.",
    "ranking": "No rule fits and where {scope} is is not known; this is the first location in the shop's ranking.",
}


@dataclass(frozen=True, slots=True)
class SendTo:
    """Where goods go back to: a location, the address as it is printed (lines), and ``kind:scope`` of the reason."""

    location: Location | None = None
    address: str = ""
    why: str = ""

    @property
    def line(self) -> str:
        """The address in one line."""
        return in_one_line(self.address)


def in_one_line(address: str) -> str:
    """Return the lines of an address as one line."""
    return ", ".join(address.splitlines())


def why_words(why: str) -> str:
    """Return the sentence of a reason, English; empty for none."""
    kind, _colon, scope = why.partition(":")
    return WHYS[kind].format(scope=scope or "the customer") if kind in WHYS else ""


def send_to(session: Session, order: Order) -> SendTo:
    """Decide where goods of an order go back to.

    First the rules of `returns.addresses`, the most specific one whose location is active; then the
    shop's own address of its withdrawal settings; then the active location in the customer's country
    (no customs, cheaper carriage), the nearest to the delivery address (great circle), the shop's
    ranking.
    """
    return decide(session, country=order.ship_country, postal_code=order.ship_postal_code)


def decision(session: Session, *, country: str, postal_code: str = "") -> dict[str, str]:
    """Return where returns of a country and postal code go: ``location`` (code), ``send_to``, ``why``, ``because``."""
    found = decide(session, country=country, postal_code=postal_code)
    code = found.location.code if found.location else ""
    return {"location": code, "send_to": found.line, "why": found.why, "because": why_words(found.why)}


def decide(session: Session, *, country: str, postal_code: str) -> SendTo:
    """Decide for a country and postal code; see :func:`send_to`."""
    places = session.scalars(sa.select(Location).where(Location.is_active)).all()
    ruled = _ruled(session, {place.id: place for place in places}, country.upper(), plain(postal_code))
    if ruled is not None:
        return ruled
    nearest = _nearest(places, country.upper(), postal_code)
    own = settings(session).return_address
    return SendTo(nearest.location, own, "shop_address") if own else nearest


def told(session: Session, found: Return, order: Order | None) -> dict[str, str | int | None]:
    """Return where goods of a return go, and why: as it was decided, else as it would be decided now."""
    if found.send_to:
        address, why, place_id = found.send_to, found.send_to_why, found.send_to_location_id
    else:
        now = send_to(session, order) if order else SendTo()
        address, why, place_id = now.address, now.why, now.location.id if now.location else None
    return {
        "send_to": in_one_line(address), "send_to_lines": address, "send_to_location_id": place_id, "send_to_why": why,
        "send_to_because": why_words(why),
    }  # fmt: skip


def _ruled(session: Session, places: dict[int, Location], country: str, postal_code: str) -> SendTo | None:
    markets = [
        code for code, countries in session.execute(sa.select(Market.code, Market.countries)) if country in countries
    ]
    fitting = [
        rule
        for rule in session.scalars(sa.select(ReturnAddress))
        if rule.location_id in places
        and rule.country in ("", country)
        and (not rule.market or (bool(country) and rule.market in markets))
        and postal_code.startswith(rule.postal_prefix)
    ]
    if not fitting:
        return None
    rule = max(fitting, key=lambda r: (len(r.postal_prefix), bool(r.country), bool(r.market), -r.id))
    if rule.postal_prefix:
        why = f"postal_code:{rule.country} {rule.postal_prefix}…"
    elif rule.country or rule.market:
        why = f"country:{rule.country}" if rule.country else f"market:{rule.market}"
    else:
        why = "everybody"
    place = places[rule.location_id]
    return SendTo(place, rule.address or _printed(place), why)


def _nearest(places: Sequence[Location], country: str, postal_code: str) -> SendTo:
    here = locate(country, postal_code) if country else None

    def rank(place: Location) -> tuple[bool, float, int, int]:
        return place.country != country, _km(here, place), place.position, place.id

    place = min(places, key=rank, default=None)
    if place is None:
        return SendTo()
    if place.country == country:
        why = f"same_country:{country}"
    else:
        why = f"nearest:{country}" if here is not None else f"ranking:{country}"
    return SendTo(place, _printed(place), why)


def _printed(place: Location) -> str:
    town = " ".join(part for part in (place.postal_code, place.city) if part)
    return "\n".join(part for part in (place.name, town, place.country) if part)


def _km(here: Point | None, place: Location) -> float:
    if place.latitude is not None and place.longitude is not None:
        there: Point | None = Point(place.latitude, place.longitude)
    else:
        there = locate(place.country, place.postal_code)
    return _FAR_KM if here is None or there is None else distance_km(here, there)
