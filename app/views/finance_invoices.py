"""Invoices and corrections: search, state, issue one for an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import actions, address, blocks, books, data, links, states, tables
from app import format as fmt
from app.exports import Sheet
from app.i18n import N_, _, ngettext
from app.views import finance_invoice
from app.views.finance_words import kind, major, money_columns
from oms_core.kernel.money import to_decimal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.data import Place

VIEWS = {
    "all": N_("All"), "draft": N_("Drafts"), "issued": N_("Issued"), "corrected": N_("Has a correction"),
    "correction": N_("Corrections"),
}  # fmt: skip
_SCHEMA: dict[str, Any] = {
    "number": pl.String, "kind": pl.String, "state": pl.List(pl.String), "order": pl.String, "buyer": pl.String,
    "tax_id": pl.String, "issued": pl.Date, "due": pl.Date, "net": pl.Float64, "tax": pl.Float64, "gross": pl.Float64,
    "currency": pl.String,
}  # fmt: skip


def build(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Turn invoices into the table's rows; pure."""
    return pl.DataFrame([_row(row) for row in rows], schema=_SCHEMA)


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    money = {name: major(row, name) for name in ("net", "tax", "gross")}
    return {
        "number": row["number"] or _("Draft"), "kind": kind(row["kind"]), "state": [states.word(row["state"])],
        "order": f"#{row['order']}", "buyer": row["buyer_name"] or _("Private person"), "tax_id": row["buyer_tax_id"],
        "issued": row["issued_on"], "due": row["due_on"], **money, "currency": row["currency"],
    }  # fmt: skip


def render(place: Place) -> Sheet | None:
    """Draw the form, the filters, the list and the invoice that is open."""
    del place
    with st.expander(_("Issue an invoice for an order"), icon=":material/add:"), blocks.guard("invoice_new"):
        _issue()
    total = books.invoice_count()
    sheet = _list(total) if total else None
    if not total:
        _none()
    if links.detail(finance_invoice.KEY):
        finance_invoice.show(str(links.detail(finance_invoice.KEY)))
    return sheet


def _none() -> None:
    with blocks.empty(
        "no_data", _("No invoice was issued yet"), _("Name an order above; its invoice gets the first number."),
        note=_("In a terminal: {command}").format(command="`ordersight invoices issue ORDER`"),
    ):  # fmt: skip
        pass


def _list(total: int) -> Sheet | None:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        with address.bound("invoices_view", "all", VIEWS):
            picked = st.segmented_control(
                _("State"), list(VIEWS), required=True, key="invoices_view", format_func=lambda name: _(VIEWS[name])
            )
        text = st.text_input(
            _("Search"), key="invoices_q", type="search", bind="query-params", width=280,
            placeholder=_("Invoice, order, buyer or tax number"),
        )  # fmt: skip
    rows = books.invoices(text=text or "", state=str(picked or "all"))
    if not rows:
        note = ngettext("There is {n} invoice in all", "There are {n} invoices in all", total).format(
            n=fmt.count(total)
        )
        with blocks.empty("filters", _("No invoice matches"), _("State and search leave nothing."), note=note):
            st.button(_("Show everything"), type="primary", key="invoices_reset", on_click=_reset)
        return None
    _table(rows)
    return _sheet(rows)


def _reset() -> None:
    st.session_state["invoices_view"], st.session_state["invoices_q"] = "all", ""


def _table(rows: Sequence[Mapping[str, Any]]) -> None:
    columns = {
        "number": tables.text(_("Number"), 140),
        "kind": tables.text(_("Kind"), 100),
        "state": tables.badge(_("State"), states.badge_colours("invoice"), 130),
        "order": tables.text(_("Order"), 100),
        "buyer": tables.text(_("Buyer"), 200),
        "tax_id": tables.text(_("Tax number"), 115),
        "issued": tables.day(_("Issued on"), 105),
        "due": tables.day(_("Due on"), 105),
        **money_columns(rows, {"net": _("Net"), "tax": _("Tax"), "gross": _("Gross")}),
    }
    alt = ngettext("{n} invoice, newest first", "{n} invoices, newest first", len(rows)).format(n=len(rows))
    for position in blocks.table(build(rows), columns, key="invoices_table", alt=alt, open_on_click=True):
        row = rows[position]
        links.open_detail(finance_invoice.KEY, row["number"] or row["order"])
    if len(rows) >= books.MOST:
        st.caption(_("The {n} newest are shown; search for older ones.").format(n=fmt.count(books.MOST)))


def _sheet(rows: Sequence[Mapping[str, Any]]) -> Sheet:
    """Return the list for export: money as decimals beside its currency."""
    plain = ("number", "kind", "state", "order", "buyer_name", "buyer_tax_id", "sold_on", "issued_on", "due_on")
    money = ("net", "tax", "gross")
    frame = pl.DataFrame(
        [
            {name: row[name] for name in plain}
            | {name: to_decimal(row[f"{name}_minor"], row["currency"]) for name in money}
            | {"currency": row["currency"]}
            for row in rows
        ],
        infer_schema_length=None,
        schema_overrides={name: pl.Decimal(18, 2) for name in money},
    )
    return Sheet(name="invoices", frame=frame)


def _issue() -> None:
    """Ask for the order and whom the invoice is for; empty fields take the order's address."""
    left, middle, right = st.columns(3)
    number = left.text_input(_("Order number"), key="invoice_order")
    name = middle.text_input(_("Buyer's name"), key="invoice_buyer", help=_("The order's when left out"))
    tax_id = right.text_input(_("Tax number"), key="invoice_tax_id", help=_("None for a private person"))
    st.caption(_("The invoice gets the next number and cannot be changed afterwards, only corrected."))
    if st.button(
        _("Issue the invoice"), type="primary", icon=":material/check:", key="invoice_issue",
        disabled=not (number or "").strip(),
    ):  # fmt: skip
        made = actions.run(
            lambda s: _issued(s, str(number), name or "", tax_id or ""),
            done=_("Order #{number} is invoiced").format(number=str(number).strip().removeprefix("#")),
        )
        if made is not None:
            links.open_detail(finance_invoice.KEY, made)
            st.rerun()


def _issued(session: Session, number: str, name: str, tax_id: str) -> str:
    from oms_core.finance.commands import Buyer, issue_invoice
    from oms_core.orders.queries import order_named

    order = order_named(session, number.strip().removeprefix("#"))
    buyer = Buyer(name=name, tax_id=tax_id) if name or tax_id else None
    made = issue_invoice(session, data.shop(), order_id=order.id, buyer=buyer, actor=actions.ACTOR)
    return str(made.number)
