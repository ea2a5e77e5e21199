"""Payouts: keep a channel's statement, see what differs from the books, and what it never paid out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import actions, blocks, csv_reading, desk, links, payout_files, settlements, tables
from app import format as fmt
from app.exports import Sheet
from app.i18n import N_, _, ngettext
from app.views.finance_words import major, money_columns, plain
from oms_core.payments.payouts import NewStatement, book_statement

if TYPE_CHECKING:
    from app.data import Place
    from oms_core.payments.payouts import Stated

KEY = "payout"
#: How many statements this reader has kept.
KEPT = "payouts_kept"
#: What comes of comparing a row with the books: words and colour.
OUTCOMES = {
    "matched": (N_("Matched"), "gray"), "fee": (N_("Fee"), "gray"), "other": (N_("Something else"), "gray"),
    "short": (N_("Too little"), "orange"), "over": (N_("Too much"), "red"),
    "not_in_books": (N_("Not in the books"), "red"), "other_channel": (N_("Another channel"), "red"),
    "unknown": (N_("Unknown order"), "red"),
}  # fmt: skip
FITTING = ("matched", "fee", "other")
_SCHEMA: dict[str, Any] = {
    "name": pl.String, "outcome": pl.List(pl.String), "amount": pl.Int64, "fee": pl.Int64, "elsewhere": pl.Int64,
    "books": pl.Int64, "difference": pl.Int64,
}  # fmt: skip


def render(place: Place) -> Sheet | None:
    """Draw the form, the statements, what is missing, and the statement that is open; return what may be exported."""
    with st.expander(_("Keep a payout statement"), icon=":material/upload_file:"), blocks.guard("payout_new"):
        _form(place)
    sheet = _statements()
    _missing()
    if links.detail(KEY):
        _show(str(links.detail(KEY)))
    return sheet


def _form(place: Place) -> None:
    """Ask whose statement it is and for its file; what the file says is shown before anything is kept."""
    left, middle, right = st.columns(3)
    channel = left.selectbox(_("Channel"), settlements.payout_channels(), index=None, key="payout_channel")
    reference = middle.text_input(_("The statement's own name"), key="payout_reference", max_chars=100)
    gateway = right.text_input(
        _("Gateway"), key="payout_gateway", max_chars=60,
        help=_("Only when the statement is one gateway's; empty when it is the whole channel's."),
    )  # fmt: skip
    file = st.file_uploader(
        _("CSV with the columns order, amount and fee"),
        type=["csv"],
        key=f"payout_file_{st.session_state.get(KEPT, 0)}",
    )
    received = left.text_input(_("Arrived on the account"), key="payout_received", max_chars=20)
    fees = st.checkbox(_("Book the fees that the books do not have yet"), key="payout_fees")
    if file is None:
        return
    currency, rows = payout_files.read(file.getvalue(), file.name, place.currency)
    head = NewStatement(
        channel=str(channel), reference=(reference or "").strip(), currency=currency, gateway=(gateway or "").strip(),
        received_minor=csv_reading.amount(received, currency) if received else None,
    )  # fmt: skip
    net = fmt.money(sum(row.amount_minor - row.fee_minor for row in rows), currency)
    label = ngettext("Keep {n} row, {money} sent", "Keep {n} rows, {money} sent", len(rows))
    if st.button(
        plain(label.format(n=fmt.count(len(rows)), money=net)), type="primary", icon=":material/check:",
        key="payout_keep", disabled=not (channel and head.reference and rows),
    ):  # fmt: skip
        _keep(head, rows, book_fees=fees)


def _keep(head: NewStatement, rows: Sequence[Stated], *, book_fees: bool) -> None:
    kept = actions.run(
        lambda s: book_statement(s, head, rows, zone=desk.zone(), book_fees=book_fees, actor=actions.ACTOR),
        done=_("The statement {name} is kept").format(name=f"{head.channel} {head.reference}"),
    )
    if kept is not None:
        st.session_state[KEPT] = st.session_state.get(KEPT, 0) + 1  # the form forgets its file
        links.open_detail(KEY, str(kept["id"]))
        st.rerun()


def listed(found: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Turn statements into the list's rows, money in major units; pure."""
    return pl.DataFrame([
        {
            "name": f"{row['channel']} {row['reference']}", "until": row["until"], "rows": row["rows"],
            "odd": row["odd"], "taken": major(row, "gross"), "kept": major(row, "fee"), "sent": major(row, "net"),
            "difference": major(row, "difference"), "fees": major(row, "fee_difference"),
            "arrived": None if row["received_minor"] is None else major(row, "received_difference"),
            "currency": row["currency"],
        }
        for row in found
    ])  # fmt: skip


def _statements() -> Sheet | None:
    found = settlements.payout_statements()
    odd = sum(bool(row["odd"] or row["fee_difference_minor"] or row["received_difference_minor"]) for row in found)
    answer = ngettext("{n} statement differs", "{n} statements differ", odd).format(n=fmt.count(odd)) if odd else ""
    blocks.section(_("Do the channels' statements fit the books?"), answer)
    if not found:
        blocks.empty_line(
            "no_data", _("No payout statement was kept yet"),
            _("Take the CSV of a channel or a gateway, and every row is laid beside its order's payments."),
        )  # fmt: skip
        return None
    columns = {
        "name": tables.text(_("Payout statement"), 200),
        "until": tables.day(_("Up to"), 105),
        "rows": tables.count(_("Rows"), 65),
        "odd": tables.count(_("Differ"), 75),
        **money_columns(found, {
            "taken": _("Taken"), "kept": _("Fees"), "sent": _("Sent"), "difference": _("Sales differ by"),
            "fees": _("Fees differ by"), "arrived": _("Account differs by"),
        }),
    }  # fmt: skip
    frame = listed(found)
    alt = ngettext("{n} statement", "{n} statements", len(found)).format(n=len(found))
    for position in blocks.table(frame, columns, key="payout_list", alt=alt, open_on_click=True):
        links.open_detail(KEY, str(found[position]["id"]))
    return Sheet("payouts", frame)


def _missing() -> None:
    found = settlements.not_paid_out()
    blocks.section(_("What was captured and never paid out?"), _("Captured on a statement's days, and on none of them"))
    if not found:
        blocks.empty_line("done", _("Nothing is missing"), _("Every captured payment stands on a statement."))
        return
    rows = [
        {
            "channel": row["channel"], "order": desk.order_name(row["order"]), "on": row["captured_on"],
            "gateway": row["gateway"], "waits": row["waits_days"], "captured": major(row, "captured"),
            "currency": row["currency"],
        }
        for row in found
    ]  # fmt: skip
    columns = {
        "channel": tables.text(_("Channel"), 140),
        "order": tables.text(_("Order"), 130),
        "on": tables.day(_("Captured on"), 120),
        "gateway": tables.text(_("Gateway"), 120),
        "waits": tables.count(_("Days"), 75),
        **money_columns(found, {"captured": _("Captured")}),
    }
    alt = ngettext("{n} payment", "{n} payments", len(rows)).format(n=len(rows))
    for position in blocks.table(pl.DataFrame(rows), columns, key="payout_missing", alt=alt, open_on_click=True):
        links.go("orders", view="all", order=found[position]["order"])


def build(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Turn a statement's rows into the table's, what does not fit first; minor units; pure."""
    shown = sorted(rows, key=lambda row: -list(OUTCOMES).index(row["outcome"]))
    return pl.DataFrame(
        [
            {
                "name": desk.order_name(row["order"]) if row["order"] else row["name"],
                "outcome": [_(OUTCOMES[row["outcome"]][0])], "amount": row["amount_minor"], "fee": row["fee_minor"],
                "elsewhere": row["elsewhere_minor"] or None,
                "books": None if row["outcome"] in {"fee", "other", "unknown"} else row["books_minor"],
                "difference": row["difference_minor"] or None,
            }
            for row in shown
        ],
        schema=_SCHEMA,
    )  # fmt: skip


def _show(key: str) -> None:
    @st.dialog(_("Payout statement"), position="right", width=920, on_dismiss=_closed)
    def drawer() -> None:
        with blocks.guard("payout"):
            _drawn(settlements.payout_statement(int(key) if key.isdecimal() else 0))

    drawer()


def _drawn(told: Mapping[str, Any]) -> None:
    currency = told["currency"]
    fits = sum(row["outcome"] in FITTING for row in told["rows"])
    words = _("{fits} of {n} rows fit the books, {money} sent").format(
        fits=fmt.count(fits), n=fmt.count(len(told["rows"])), money=fmt.money(told["net_minor"], currency)
    )
    blocks.section(f"{told['channel']} {told['reference']}", plain(words), small=True)
    pairs = {
        _("Sales and refunds differ by"): fmt.money(told["difference_minor"], currency),
        _("Fees stated, in the books"): f"{fmt.money(told['fee_minor'], currency)}, "
        f"{fmt.money(told['fees_in_books_minor'], currency)}",
    }
    if told["received_minor"] is not None:
        pairs[_("Arrived on the account")] = fmt.money(told["received_minor"], currency)
        pairs[_("Account differs by")] = fmt.money(told["received_difference_minor"], currency)
    blocks.facts(pairs)
    names = ("amount", "fee", "elsewhere", "books", "difference")
    frame = build(told["rows"]).with_columns(tables.major(pl.col(name), currency).alias(name) for name in names)
    columns = {
        "name": tables.text(_("Order"), 110),
        "outcome": tables.badge(_("Outcome"), {_(words): colour for words, colour in OUTCOMES.values()}, 145),
        "amount": tables.money(_("Taken"), currency, 110),
        "fee": tables.money(_("Fee"), currency, 95),
        "elsewhere": tables.money(_("On other statements"), currency, 150),
        "books": tables.money(_("In the books"), currency, 120),
        "difference": tables.money(_("Difference"), currency),
    }
    blocks.table(frame, columns, key="payout_rows", alt=words)


def _closed() -> None:
    links.close_detail(KEY)
