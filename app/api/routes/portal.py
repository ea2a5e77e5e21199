"""The customer's own pages, links into them, and the rules of return addresses."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Path, Query

from app.api.asking import Asking
from app.api.forms import Country, Key, Number, ShortText
from app.api.models import portal as m
from app.api.operations import Operations
from oms_core.inventory.queries import location_of
from oms_core.orders.queries import order_named
from oms_core.portal.links import link_of
from oms_core.portal.settings import PortalSettings, portal_settings, renew_secret, save_portal
from oms_core.returns import addresses as rules
from oms_core.returns.places import decision
from oms_core.returns.queries import find

operations = Operations("returns", tag="customer pages")
SETTINGS: dict[str, Any] = {"answers": m.PortalRecord, "example": m.PORTAL}
RULES: dict[str, Any] = {"answers": m.Addresses, "example": {"items": [m.ADDRESS]}}


@operations.read("/portal", **SETTINGS)
def show(asking: Asking) -> dict[str, Any]:
    """Say whether the customer's pages are open, and at which address."""
    return asdict(portal_settings(asking.session))


@operations.write("/portal", method="PUT", **SETTINGS)
def write(asking: Asking, body: m.Portal) -> dict[str, Any]:
    """Open or close the customer's pages; say where customers find this server."""
    new = PortalSettings(body.is_on, body.address)
    return asdict(save_portal(asking.session, new, actor=asking.actor))


@operations.write("/portal/revoke-links", **SETTINGS)
def revoke(asking: Asking) -> dict[str, Any]:
    """End every link given so far: customers enter with number and e-mail again."""
    renew_secret(asking.session, actor=asking.actor)
    return asdict(portal_settings(asking.session))


@operations.read("/orders/{number}/portal-link", answers=m.Link, example=m.LINK, scope="returns:write", tells=True)
def link(asking: Asking, number: Number) -> dict[str, Any]:
    """Return the link that lets an order's customer in; who has it may act for them."""
    order = order_named(asking.session, number)
    return {"order": order.number, "link": link_of(asking.session, order)}


@operations.read("/return-addresses", **RULES)
def list_(asking: Asking) -> dict[str, Any]:
    """List the rules of return addresses, the most specific first."""
    return {"items": rules.addresses(asking.session)}


@operations.read("/return-addresses/decision", answers=m.Decision, example=m.DECISION)
def decide(
    asking: Asking, country: Annotated[Country, Query()] = "", postal_code: Annotated[ShortText, Query()] = ""
) -> dict[str, Any]:
    """Say where returns of a customer there go, and why."""
    return decision(asking.session, country=country, postal_code=postal_code)


@operations.write("/return-addresses", method="PUT", **RULES)
def write_rule(asking: Asking, body: m.Address) -> dict[str, Any]:
    """Write the rule of a market, a country, postal codes, or of everybody; returns asked for before keep theirs."""
    place = location_of(asking.session, body.location).id
    told = body.model_dump(exclude={"location"})
    rules.save_address(asking.session, location_id=place, actor=asking.actor, **told)
    return {"items": rules.addresses(asking.session)}


@operations.write("/return-addresses/{key}/drop", **RULES)
def drop_rule(asking: Asking, key: Annotated[Key, Path(description="Its id.")]) -> dict[str, Any]:
    """Take a rule away."""
    rules.drop_address(asking.session, key, actor=asking.actor)
    return {"items": rules.addresses(asking.session)}


@operations.file("/returns/{number}/slip", media="application/pdf")
def slip(
    asking: Asking, number: Number, language: Annotated[str | None, Query(pattern="^(en|pl)$")] = None
) -> tuple[str, bytes]:
    """Print the slip of an approved return: the address with the number as bars, and the list to put inside."""
    # loaded here: the PDF library is large, and most requests never print
    from app.documents.return_slip import of

    name, paper = of(asking.session, find(asking.session, number), asking.shop, language=language)
    return f"{name}.pdf", paper
