"""`portal`: the customer's own pages; `return-addresses`: where whose returns go."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.order_words import ActorOption

OrderArgument = Annotated[str, typer.Argument(help="Number of the order, such as OS-000001.")]
CountryOption = Annotated[str, typer.Option("--country", help="Two letters; everybody when left out.")]
PostalOption = Annotated[str, typer.Option("--postal", help="How postal codes of that country begin.")]
MarketOption = Annotated[str, typer.Option("--market", help="Code of a market, instead of a country.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(name="portal", help="The customer's own pages: returns and withdrawals by themselves.")
    command(group, "show", help="Whether they are open, and at which address.")(show)
    command(group, "set", help="Open or close them; say where customers find this server.")(set_)
    command(group, "link", help="The link that lets the customer of ORDER in.")(link)
    command(group, "revoke", help="End every link given so far.")(revoke)
    app.add_typer(group)
    rules = typer.Typer(name="return-addresses", help="Which location goods of which customers go back to.")
    command(rules, "list", help="The rules, the most specific first.")(list_)
    command(rules, "set", help="Write the rule of a market, a country, postal codes, or of everybody.")(write)
    command(rules, "drop", help="Take the rule with this id away.")(drop)
    command(rules, "why", help="Where returns from COUNTRY [POSTAL CODE] go, and why.")(why)
    app.add_typer(rules)


def show(door: Door) -> dict[str, Any]:
    """Return the settings."""
    from oms_core.portal.settings import portal_settings

    with door.workspace().reading() as session:
        found = portal_settings(session)
    return {"is_on": found.is_on, "address": found.address}


def set_(
    door: Door,
    *,
    on: Annotated[bool | None, typer.Option("--on/--off", help="Open or closed; as it was when left out.")] = None,
    address: Annotated[
        str | None, typer.Option("--address", help="Such as https://returns.example.com; as it was when left out.")
    ] = None,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Write the settings and return them."""
    from oms_core.portal.settings import PortalSettings, portal_settings, save_portal

    with door.workspace().transaction() as session:
        old = portal_settings(session)
        new = PortalSettings(old.is_on if on is None else on, old.address if address is None else address)
        kept = save_portal(session, new, actor=actor)
    return {"is_on": kept.is_on, "address": kept.address}


def link(door: Door, order: OrderArgument) -> dict[str, Any]:
    """Return the link."""
    from oms_core.orders.queries import order_named
    from oms_core.portal.links import link_of

    with door.workspace().reading() as session:
        found = order_named(session, order)
        return {"order": found.number, "link": link_of(session, found)}


def revoke(
    door: Door,
    *,
    confirm: Annotated[bool, typer.Option("--confirm", help="Needed: links in customers' hands stop working.")] = False,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """End all links."""
    from oms_core.kernel.errors import Refused
    from oms_core.portal.settings import renew_secret

    if not confirm:
        raise Refused(
            "portal.not_confirmed", "Every link in a customer's hands would stop working.", "Say so: --confirm"
        )
    with door.workspace().transaction() as session:
        renew_secret(session, actor=actor)
    return {"revoked": True}


def list_(door: Door) -> list[dict[str, Any]]:
    """Return the rules."""
    from oms_core.returns.addresses import addresses

    with door.workspace().reading() as session:
        return addresses(session)


def write(
    door: Door,
    *,
    location: Annotated[str, typer.Option("--location", help="Code of the location the goods go to.")],
    country: CountryOption = "",
    postal: PostalOption = "",
    market: MarketOption = "",
    address: Annotated[
        str, typer.Option("--address", help="As it is printed; lines parted by |. The location's when left out.")
    ] = "",
    actor: ActorOption = "cli",
) -> list[dict[str, Any]]:
    """Write a rule and return all."""
    from oms_core.inventory.queries import location_of
    from oms_core.returns.addresses import addresses, save_address

    with door.workspace().transaction() as session:
        save_address(
            session, location_id=location_of(session, location).id, market=market, country=country,
            postal_prefix=postal, address=address.replace("|", "\n"), actor=actor,
        )  # fmt: skip
        return addresses(session)


def drop(
    door: Door, rule: Annotated[int, typer.Argument(help="Its id, see list.")], actor: ActorOption = "cli"
) -> list[dict[str, Any]]:
    """Take a rule away and return the others."""
    from oms_core.returns.addresses import addresses, drop_address

    with door.workspace().transaction() as session:
        drop_address(session, rule, actor=actor)
        return addresses(session)


def why(
    door: Door,
    country: Annotated[str, typer.Argument(help="Two letters.")],
    postal_code: Annotated[str, typer.Argument(help="The customer's.")] = "",
) -> dict[str, Any]:
    """Return the decision for a customer there."""
    from oms_core.returns.places import decision

    with door.workspace().reading() as session:
        return decision(session, country=country, postal_code=postal_code)
