"""Who may send or approve how much alone: the limits, a form for one, and what they mean together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import acting, blocks, data, desk, tables
from app import format as fmt
from app.exports import Sheet
from app.i18n import _, ngettext
from app.views.order_money import amount
from app.views.return_actions import do
from oms_core.purchasing import limits

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Limit = Mapping[str, Any]


def who(buyer: str) -> str:
    """Return a buyer as people call him; everybody who is not named has a word of their own."""
    return _("Everybody else") if buyer == limits.EVERYBODY else buyer


def said(found: Sequence[Limit]) -> str:
    """Return in a sentence what the limits together ask for; pure."""
    if not found:
        return _("No limit is set: everybody sends orders of any value, and nobody is asked.")
    if any(one["buyer"] == limits.EVERYBODY for one in found):
        return _("Above the own limit somebody else approves: not the author, not the last editor.")
    return _("Who is not named orders nothing alone; above the own limit somebody else approves.")


def frame(found: Sequence[Limit], currency: str, zone: str) -> pl.DataFrame:
    """Turn limits into rows; pure."""
    rows = [
        {
            "buyer": who(one["buyer"]), "amount_minor": one["amount_minor"], "set_by": one["set_by"],
            "set_at": fmt.moment(one["set_at"], zone),
        }
        for one in found
    ]  # fmt: skip
    schema = {"buyer": pl.String, "amount_minor": pl.Int64, "set_by": pl.String, "set_at": pl.String}
    told = pl.DataFrame(rows, schema=schema)
    return told.with_columns(tables.major(pl.col("amount_minor"), currency).alias("amount")).drop("amount_minor")


def render() -> Sheet | None:
    """Draw the limits and what changes them."""
    shop = data.shop()
    found = desk.read(limits.limits)
    blocks.section(_("Who may order how much alone?"), said(found))
    rows = frame(found, shop.currency, shop.zone)
    if found:
        columns = {
            "buyer": tables.text(_("Person or role"), 240),
            "amount": tables.money(_("Alone up to"), shop.currency, 150),
            "set_by": tables.text(_("Set by"), 180),
            "set_at": tables.text(_("Since"), 180),
        }
        alt = ngettext("{n} limit", "{n} limits", len(found)).format(n=fmt.count(len(found)))
        blocks.table(rows, columns, key="limits_table", alt=alt)
    with st.container(horizontal=True, gap="xsmall"):
        with st.popover(_("Set a limit"), icon=":material/add:"), blocks.guard("limit_set"):
            _set(shop.currency)
        if found:
            with st.popover(_("Take a limit back"), icon=":material/remove:"), blocks.guard("limit_drop"):
                _drop(found)
    return Sheet("buying_limits", rows, facts={"Currency": shop.currency}) if found else None


def _set(currency: str) -> None:
    named = _("A buyer")
    kind = st.radio(
        _("For whom"), (named, _("Everybody else")), horizontal=True, key="limit_kind", label_visibility="collapsed"
    )
    buyer = limits.EVERYBODY
    if kind == named:
        buyer = str(
            st.text_input(
                _("Name, as the journal knows it"), max_chars=60, key="limit_buyer",
                help=_("The name a person gives at You, or the one the proxy vouches for."),
            )
            or ""
        ).strip()  # fmt: skip
    minor = amount(_("Alone up to"), 0, currency, key="limit_amount")
    do(
        _("Set the limit"),
        lambda s: limits.set_limit(s, buyer=buyer, amount_minor=minor, actor=acting.name()),
        _("The limit is set"),
        key="limit_set",
        disabled=not buyer,
    )


def _drop(found: Sequence[Limit]) -> None:
    buyer = str(
        st.selectbox(_("Person or role"), [one["buyer"] for one in found], format_func=who, key="limit_drop_who")
    )

    def away(session: Session) -> bool:
        limits.drop_limit(session, buyer=buyer, actor=acting.name())
        return True

    do(_("Take it back"), away, _("The limit is gone"), key="limit_drop", kind="secondary")
