"""What suppliers are owed: age of open bills, bills to decide on with their differences, entering one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import address, bills, blocks, links, states, tables
from app import format as fmt
from app.i18n import N_, _, ngettext
from app.views import finance_bill, finance_bill_entry, finance_ledger, finance_party
from app.views.finance_words import difference, major, money_columns, plain

if TYPE_CHECKING:
    from app.data import Place
    from app.exports import Sheet

VIEWS = {
    "waiting": N_("To decide"), "approved": N_("To pay"), "paid": N_("Paid"), "cancelled": N_("Cancelled"),
    "all": N_("All"),
}  # fmt: skip
#: Bills whose differences are said in full under the table.
NAMED = 5
_SCHEMA: dict[str, Any] = {
    "number": pl.String, "theirs": pl.String, "supplier": pl.String, "order": pl.String, "state": pl.List(pl.String),
    "gross": pl.Float64, "open": pl.Float64, "currency": pl.String, "due": pl.Date, "differs": pl.String,
}  # fmt: skip


def within(rows: Sequence[Mapping[str, Any]], view: str) -> list[Mapping[str, Any]]:
    """Return the bills of a view; pure."""
    wanted = set(bills.WAITING) if view == "waiting" else {view}
    return [row for row in rows if view == "all" or row["state"] in wanted]


def build(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Turn bills into the table's rows; pure."""
    return pl.DataFrame([_row(row) for row in rows], schema=_SCHEMA)


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    n = len(row["differences"])
    said = ngettext("{n} difference", "{n} differences", n).format(n=n) if n else ""
    fits = _("Fits order and receipts") if row["state"] in bills.WAITING else row["reason"]
    return {
        "number": row["number"], "theirs": row["supplier_number"], "supplier": row["supplier"],
        "order": row["purchase_order"], "state": [states.word(row["state"])],
        "gross": major(row, "gross"), "open": major(row, "open") if row["open_minor"] else None,
        "currency": row["currency"], "due": row["due_on"],
        "differs": said or fits,
    }  # fmt: skip


def render(place: Place) -> Sheet | None:
    """Draw the payable side and the bill or account that is open."""
    asked = links.detail(finance_bill_entry.ORDER) is not None
    title = _("Enter a supplier's bill")
    with st.expander(title, icon=":material/add:", expanded=asked), blocks.guard("bill_new"):
        finance_bill_entry.render(place)
    with blocks.guard("bills"):
        _bills()
    sheet = finance_ledger.draw("payable", place)
    if links.detail(finance_party.BILL):
        finance_bill.show(str(links.detail(finance_party.BILL)))
    elif links.detail(finance_party.KEY):
        finance_party.show(str(links.detail(finance_party.KEY)), place)
    return sheet


def _bills() -> None:
    found = bills.bills()
    if not found:
        blocks.empty_line(
            "no_data", _("No supplier's bill was entered yet"), _("Enter the first one above when goods have arrived.")
        )
        return
    blocks.section(_("Which bills wait for us?"), _("Every bill is laid beside its order and its receipts"))
    with address.bound("bills_view", "waiting", VIEWS):
        picked = st.segmented_control(
            _("Bills"), list(VIEWS), required=True, key="bills_view", label_visibility="collapsed",
            format_func=lambda name: f"{_(VIEWS[name])} {fmt.count(len(within(found, name)))}",
        )  # fmt: skip
    shown = within(found, str(picked or "waiting"))
    if not shown:
        blocks.empty_line("done", _("No bill stands here"), _("Every bill of this kind is dealt with."))
        return
    columns = {
        "number": tables.text(_("Number"), 90),
        "theirs": tables.text(_("Supplier's number"), 130),
        "supplier": tables.text(_("Supplier"), 190),
        "order": tables.text(_("Purchase order"), 115),
        "state": tables.badge(_("State"), states.badge_colours("supplier_invoice"), 115),
        **money_columns(shown, {"gross": _("Gross"), "open": _("Open")}),
        "due": tables.day(_("Due on"), 105),
        "differs": tables.text(_("Differences")),
    }
    if not any(row["open_minor"] for row in shown):
        columns.pop("open")
    alt = ngettext("{n} bill", "{n} bills", len(shown)).format(n=len(shown))
    for position in blocks.table(build(shown), columns, key="bills_table", alt=alt, open_on_click=True):
        links.open_detail(finance_party.BILL, str(shown[position]["number"]))
    _name_differences(shown)


def _name_differences(shown: Sequence[Mapping[str, Any]]) -> None:
    """Say under the table what does not fit: a cell is too narrow for a sentence."""
    differing = [row for row in shown if row["differences"]]
    for row in differing[:NAMED]:
        said = " ".join(difference(found, row["currency"]) for found in row["differences"])
        st.markdown(f":orange[:material/difference:] **{row['number']}** {plain(said)}")
