"""Terms of the returns desk that belong to no case: the customer's own pages, and where whose returns go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import actions, blocks, data, desk, links, sight
from app.i18n import N_, _

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ACTOR = actions.ACTOR
KEY = "terms"
#: Kind of the reason of an address (see `oms_core.returns.places`) to its sentence.
WHYS = {
    "postal_code": N_("A rule sends returns from postal codes {scope} here."),
    "country": N_("A rule sends returns from {scope} here."),
    "market": N_("A rule sends returns from market {scope} here."),
    "everybody": N_("A rule sends all returns here that no other rule speaks of."),
    "shop_address": N_("No rule fits; this is the shop's address for withdrawals."),
    "same_country": N_("No rule fits; this is the nearest location in {scope}, the customer's country."),
    "nearest": N_("No rule fits and no location is in {scope}; this is the nearest one."),
    "ranking": N_("No rule fits and where {scope} is is not known; this is the first location in the ranking."),
}


def why(code: str) -> str:
    """Return why an address was chosen, in the reader's language; empty when nobody knows."""
    kind, _colon, scope = code.partition(":")
    return _(WHYS[kind]).format(scope=scope or "?") if kind in WHYS else ""


def button() -> None:
    """Draw the button that opens the settings, and the settings while the address names them."""
    if st.button(_("Pages and addresses"), icon=":material/tune:", key="return_settings"):
        links.close_detail("case")
        links.open_detail(KEY, "open")
    # one drawer at a time: a case in the address comes first
    if links.detail(KEY) and not links.detail("case"):
        _open()


def _open() -> None:
    @st.dialog(_("Customer pages and return addresses"), position="right", width=640, on_dismiss=_closed)
    def drawer() -> None:
        with blocks.guard("return_settings"):
            _pages()
            st.markdown(f"**{_('Where do returns go?')}**")
            _rules()
            _try()

    drawer()


def _closed() -> None:
    links.close_detail(KEY)


def _pages() -> None:
    """Draw whether customers' pages are open, and where."""
    from oms_core.portal.settings import PortalSettings, portal_settings, save_portal

    found = desk.read_as_kept(portal_settings)
    st.markdown(f"**{_('Pages on which customers help themselves')}**")
    is_on = st.toggle(_("Open"), value=found.is_on, key="portal_on")
    address = st.text_input(
        _("Public address of this server"), value=found.address, placeholder="https://returns.example.com",
        key="portal_address", help=_("The API serves these pages under /my; put it behind HTTPS."),
    )  # fmt: skip
    changed = PortalSettings(is_on, (address or "").strip()) != found
    if st.button(_("Save"), key="portal_save", disabled=not changed):
        new = PortalSettings(is_on, address or "")
        if actions.run(lambda s: save_portal(s, new, actor=ACTOR), done=_("The customer pages are set")) is not None:
            st.rerun()
    if found.is_on and not changed:
        st.code(f"{found.address}/my", language=None)


def _rules() -> None:
    """Draw the rules, the most specific first, and the forms that write one or take one away."""
    from oms_core.returns.addresses import addresses

    rules = desk.read(addresses)
    if rules:
        names = [_("Whose"), _("Location"), _("Printed address")]
        rows = [(_whose(rule), rule["location_name"], ", ".join(rule["address"].splitlines())) for rule in rules]
        st.table(pl.DataFrame(rows, schema=names, orient="row"), border="horizontal", hide_index=True)
    else:
        st.caption(_("No rule yet: returns go to the nearest location in the customer's country."))
    with st.container(horizontal=True, gap="xsmall"):
        with st.popover(_("Write a rule"), icon=":material/add:"):
            _write()
        if rules:
            with st.popover(_("Take a rule away"), icon=":material/remove:"):
                _drop(rules)


def _whose(rule: Mapping[str, Any]) -> str:
    if rule["postal_prefix"]:
        return f"{rule['country']} {rule['postal_prefix']}…"
    if rule["market"]:
        return _("Market {code}").format(code=rule["market"])
    return rule["country"] or _("Everybody else")


def _write() -> None:
    from oms_core.returns.addresses import save_address

    country = st.text_input(_("Country, two letters"), max_chars=2, key="rule_country",
                            help=_("Leave it empty for everybody else."))  # fmt: skip
    postal = st.text_input(_("Postal codes beginning with"), max_chars=20, key="rule_postal", disabled=not country)
    market = ""
    markets = desk.read(_markets)
    if markets and not country:
        market = st.selectbox(_("Market"), ["", *markets], key="rule_market", format_func=lambda m: m or "–") or ""
    places = dict(data.locations().select("location_id", "name").iter_rows())
    place = st.selectbox(_("Location"), list(places), format_func=places.__getitem__, key="rule_place")
    address = st.text_area(_("Address as it is printed"), max_chars=400, key="rule_address",
                           help=_("The location's name and town when left empty."))  # fmt: skip
    if st.button(_("Write the rule"), key="rule_write", type="primary", disabled=place is None):
        answer = actions.run(
            lambda s: save_address(
                s, location_id=int(place or 0), market=market, country=country or "",
                postal_prefix=(postal or "") if country else "", address=address or "", actor=ACTOR,
            ),
            done=_("The rule is written; returns asked for before keep their address"),
        )  # fmt: skip
        if answer is not None:
            st.rerun()


def _markets(session: Session) -> list[str]:
    import sqlalchemy as sa

    from oms_core.locations.tables import Market

    return list(session.scalars(sa.select(Market.code).order_by(Market.code)))


def _drop(rules: list[dict[str, Any]]) -> None:
    from oms_core.returns.addresses import drop_address

    named = {rule["id"]: _whose(rule) for rule in rules}
    key = st.selectbox(_("Whose"), list(named), format_func=named.__getitem__, key="rule_drop")

    def away(session: Session) -> bool:
        drop_address(session, int(key or 0), actor=ACTOR)
        return True

    if st.button(_("Take it away"), key="rule_drop_now") and actions.run(away, done=_("The rule is gone")):
        st.rerun()


def _try() -> None:
    """Answer where the return of a customer somewhere would go."""
    from oms_core.returns.places import decision

    left, right = st.columns(2)
    country = left.text_input(_("Try a customer's country"), max_chars=2, key="try_country", placeholder="PL")
    postal = right.text_input(_("Postal code"), max_chars=20, key="try_postal")
    if country:
        found = desk.read(lambda s: decision(s, country=country, postal_code=postal or ""))
        st.info(f"{found['send_to']}  \n{why(found['why'])}".replace("$", "\\$"))


def customer_link(case: Mapping[str, Any]) -> None:
    """Draw the link that lets the case's customer in, to copy; or why there is none. It shows who they are."""
    from oms_core.kernel.errors import Refused
    from oms_core.orders.tables import Order
    from oms_core.portal.links import link_of

    if not case["order_id"] or not sight.sees_personal():
        return
    with st.popover(_("Customer's link"), icon=":material/link:", type="tertiary"):
        try:
            st.code(desk.read(lambda s: link_of(s, s.get_one(Order, case["order_id"]))), language=None)
            st.caption(_("Who has it sees this order and may act for the customer: send it to them only."))
        except Refused as refused:
            no_email = refused.code == "portal.no_email"
            st.caption(
                _("The order has no e-mail address: its customer cannot enter.")
                if no_email else _("The customer pages are closed. Open them under Pages and addresses.")
            )  # fmt: skip
