"""Keep the rules of return addresses: write one, take one away, list them as they are tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import journal
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.locations.tables import Location, Market
from oms_core.returns.address_tables import ReturnAddress

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

LONGEST = 400


def plain(postal_code: str) -> str:
    """Return a postal code as it is compared: capitals and digits, nothing between them."""
    return "".join(sign for sign in postal_code.upper() if sign.isalnum())


def save_address(
    session: Session,
    *,
    location_id: int,
    market: str = "",
    country: str = "",
    postal_prefix: str = "",
    address: str = "",
    actor: str = "system",
) -> ReturnAddress:
    """Write the rule of a market, a country, a part of its postal codes, or (all empty) of everybody.

    A rule of the same scope is put in its place. Returns that were asked for keep the address their
    customers were told.

    Raises
    ------
    InvalidInput
        A country that is no two letters; postal codes without a country; market and country
        together; an address of more than 400 characters; a location that is not active.
    NotFound
        An unknown market or location.
    """
    scope = {"market": market, "country": country.strip().upper(), "postal_prefix": plain(postal_prefix)}
    _require_scope(session, **scope)
    place = session.get(Location, location_id)
    if place is None:
        raise NotFound("location", location_id)
    if not place.is_active:
        raise InvalidInput("location", place.code, "an active location was expected")
    told = "\n".join(line.strip() for line in address.strip().splitlines() if line.strip())
    if len(told) > LONGEST:
        raise InvalidInput("address", f"{told[:40]}…", f"at most {LONGEST} characters were expected")
    found = session.scalar(sa.select(ReturnAddress).filter_by(**scope)) or ReturnAddress(**scope)
    found.location_id, found.address = location_id, told
    session.add(found)
    session.flush()
    facts = {**scope, "location": place.code, "address": told}
    journal.record(session, "return_address.saved", "return_address", found.id, actor=actor, **facts)
    return found


def drop_address(session: Session, rule_id: int, *, actor: str = "system") -> None:
    """Take a rule away; what it said of returns asked for before stays."""
    found = session.get(ReturnAddress, rule_id)
    if found is None:
        raise NotFound("return address", rule_id)
    facts = {"market": found.market, "country": found.country, "postal_prefix": found.postal_prefix}
    session.delete(found)
    session.flush()
    journal.record(session, "return_address.dropped", "return_address", rule_id, actor=actor, **facts)


def addresses(session: Session) -> list[dict[str, Any]]:
    """Return the rules, the most specific first, each with its location and whether that is active."""
    rows = session.execute(
        sa.select(ReturnAddress, Location).join(Location, Location.id == ReturnAddress.location_id)
    ).all()
    told = [
        {"id": rule.id, "market": rule.market, "country": rule.country, "postal_prefix": rule.postal_prefix,
         "location": place.code, "location_name": place.name, "address": rule.address, "is_active": place.is_active}
        for rule, place in rows
    ]  # fmt: skip
    return sorted(told, key=lambda r: (-len(r["postal_prefix"]), not r["country"], not r["market"], _scope(r)))


def _scope(rule: dict[str, Any]) -> str:
    return f"{rule['country']}{rule['postal_prefix']}{rule['market']}"


def _require_scope(session: Session, *, market: str, country: str, postal_prefix: str) -> None:
    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise InvalidInput("country", country, "two letters were expected, such as PL")
    if market and country:
        raise InvalidInput("market", market, "a market or a country, not both")
    if postal_prefix and not country:
        raise InvalidInput("postal_prefix", postal_prefix, "the country whose postal codes these are was expected")
    if len(postal_prefix) > 20:
        raise InvalidInput("postal_prefix", postal_prefix, "at most 20 letters and digits were expected")
    known = session.scalars(sa.select(Market.code)).all() if market else []
    if market and market not in known:
        raise NotFound("market", market, known)
