"""Drafts and quotes: the list, one in a drawer with what may be done, and the form for a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from app import actions, address, blocks, data, desk, links, sight, states, tables
from app import format as fmt
from app.i18n import N_, _, ngettext
from app.views import basket, draft_drawer
from oms_core.kernel.money import to_decimal, to_minor

if TYPE_CHECKING:
    from app.data import Place

KEY = "draft"
VIEWS = {
    "open": (N_("Open"), ("open",)), "sent": (N_("Invoice sent"), ("invoice_sent",)),
    "done": (N_("Became orders"), ("completed",)), "gone": (N_("Expired and cancelled"), ("expired", "cancelled")),
}  # fmt: skip
KINDS = {"draft": N_("Draft"), "quote": N_("Quote")}
MOST = 200


@dataclass(frozen=True, slots=True)
class DraftsView:
    """The rows of a view, the numbers they open, and the configuration of the money in them."""

    rows: pl.DataFrame
    numbers: tuple[str, ...]
    total: Any


_SCHEMA: dict[str, Any] = {
    "number": pl.String, "kind": pl.String, "email": pl.String, "state": pl.List(pl.String), "created": pl.String,
    "expires": pl.String,
}  # fmt: skip


def build(rows: list[Mapping[str, Any]], place: Place) -> DraftsView:
    """Turn drafts into the table's rows; pure."""
    shown = [
        {
            "number": row["number"],
            "kind": _(KINDS[row["kind"]]),
            "email": sight.told(row["email"], "email") or _("Guest"),
            "state": [states.word(row["state"])],
            "created": fmt.moment(row["created_at"], place.zone),
            "expires": fmt.moment(row["expires_at"], place.zone) if row["expires_at"] else "",
        }
        for row in rows
    ]
    codes = [str(row["currency"]) for row in rows]
    values, column = tables.amounts(_("Total"), [to_minor(row["total"], row["currency"]) for row in rows], codes)
    listed = pl.DataFrame(shown, schema=_SCHEMA).with_columns(values.alias("total"))
    return DraftsView(listed, tuple(row["number"] for row in rows), column)


def load(view: str) -> list[Mapping[str, Any]]:
    """Return the drafts of a view, newest first."""
    from oms_core.drafts.queries import drafts_list

    wanted = VIEWS[view][1]
    return desk.read(lambda session: [row for state in wanted for row in drafts_list(session, state=state, limit=MOST)])


def render(place: Place) -> None:
    """Draw the views, the rows and the draft that is open."""
    with address.bound("drafts_view", "open", VIEWS):
        picked = st.segmented_control(
            _("View"), list(VIEWS), required=True, key="drafts_view", label_visibility="collapsed",
            format_func=lambda name: _(VIEWS[name][0]),
        )  # fmt: skip
    view = build(load(str(picked or "open")), place)
    if view.rows.is_empty():
        with blocks.empty(
            "done", _("No drafts here"), _("A draft keeps prices and promises no stock until it is completed.")
        ):
            pass
    else:
        columns = {
            "number": tables.text(_("Number"), 110),
            "kind": tables.text(_("Kind"), 90),
            "email": tables.text(_("E-mail"), 260),
            "state": tables.badge(_("State"), states.badge_colours("draft"), 140),
            "created": tables.text(_("Written"), 150),
            "expires": tables.text(_("Expires"), 150),
            "total": view.total,
        }
        alt = ngettext("{n} draft", "{n} drafts", view.rows.height).format(n=view.rows.height)
        for position in blocks.table(
            view.rows, columns, key="drafts_table", alt=alt, open_on_click=True, phone=("email", "number", "total")
        ):
            links.open_detail(KEY, view.numbers[position])
    number = links.detail(KEY)
    if number:
        draft_drawer.show(number)


def new(place: Place) -> None:
    """Draw the button that opens the form for a new draft."""

    @st.dialog(_("New draft or quote"), position="right", width=640)
    def form() -> None:
        with blocks.guard("draft"):
            _form(place)

    if st.button(_("New draft"), icon=":material/add:", key="draft_new", type="primary"):
        form()


def _form(place: Place) -> None:
    left, right = st.columns(2)
    kind = left.segmented_control(
        _("Kind"), list(KINDS), required=True, default="draft", key="draft_kind",
        format_func=lambda code: _(KINDS[code]),
    )  # fmt: skip
    channel = right.selectbox(
        _("Channel"), list(place.channels), format_func=place.channels.__getitem__, key="draft_channel"
    )
    email, name = left.text_input(_("E-mail"), key="draft_email"), right.text_input(_("Name"), key="draft_name")
    where = _address(place)
    rows = basket.draw(key="draft", currency=place.currency)
    until = st.date_input(_("Stands until"), value=None, min_value=place.today, format="DD.MM.YYYY", key="draft_until")
    note = st.text_input(_("Note"), key="draft_note")
    total = sum(row["units"] * row["price_minor"] for row in rows)
    label = _("Keep the draft, {money}").format(money=fmt.money(total, place.currency))
    if not st.button(label, type="primary", icon=":material/check:", key="draft_keep", disabled=not rows):
        return
    wanted = document(rows, channel=channel, currency=place.currency, email=email or "", name=name or "", address=where)
    expires = datetime.combine(until, time(23, 59), tzinfo=ZoneInfo(place.zone)) if until else None
    _keep(wanted, kind=str(kind or "draft"), note=note or "", expires=expires)


def _address(place: Place) -> dict[str, str]:
    with st.expander(_("Address"), icon=":material/home_pin:"):
        left, right = st.columns(2)
        found = {
            "line1": left.text_input(_("Street and number"), key="draft_line1"),
            "postal_code": right.text_input(_("Postal code"), key="draft_postal"),
            "city": left.text_input(_("City"), key="draft_city"),
            "country": right.text_input(
                _("Country, two letters"), value=data.shop().country, max_chars=2, key="draft_country"
            ),
        }
    del place
    return {key: value.strip() for key, value in found.items() if value and value.strip()}


def document(
    rows: list[dict[str, Any]], *, channel: str, currency: str, email: str, name: str, address: Mapping[str, str]
) -> dict[str, Any]:
    """Return the order's document as ``POST /v1/orders`` takes it; pure."""
    customer = {key: value for key, value in (("email", email.strip()), ("name", name.strip())) if value}
    found: dict[str, Any] = {
        "channel": channel,
        "currency": currency,
        "lines": [
            {"sku": r["sku"], "quantity": r["units"], "unit_price": str(to_decimal(r["price_minor"], currency))}
            for r in rows
        ],
    }
    if customer:
        found["customer"] = customer
    if address:
        found["shipping_address"] = {**({"name": name.strip()} if name.strip() else {}), **address}
    return found


def _keep(wanted: dict[str, Any], *, kind: str, note: str, expires: datetime | None) -> None:
    from oms_core.drafts.commands import create

    made = actions.run(
        lambda s: create(s, wanted, kind=kind, note=note, expires_at=expires, actor=actions.ACTOR).number,
        done=_("The draft is kept"),
    )
    if made is not None:
        basket.clear(key="draft")
        links.open_detail(KEY, made)
        st.rerun()
