"""Cash on delivery: book a courier's list, see what did not fit, and whose money is still missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import actions, blocks, csv_reading, desk, links, settlements, tables
from app import format as fmt
from app.i18n import N_, _, ngettext
from app.views.finance_words import major, money_columns, plain
from oms_core.payments.cod import Remitted

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.data import Place

KEY = "list"
#: How many lists this reader has booked.
BOOKED = "cod_booked"
#: What became of a row of a courier's list: words and colour.
OUTCOMES = {
    "matched": (N_("Matched"), "gray"), "short": (N_("Too little"), "orange"), "over": (N_("Too much"), "orange"),
    "already_paid": (N_("Paid before"), "orange"), "not_cod": (N_("Not cash on delivery"), "orange"),
    "cancelled": (N_("Cancelled order"), "red"), "wrong_currency": (N_("Another currency"), "red"),
    "unknown": (N_("Unknown parcel"), "red"),
}  # fmt: skip
#: Rows shown before a list is booked.
PREVIEW = 8
_SCHEMA: dict[str, Any] = {
    "name": pl.String, "outcome": pl.List(pl.String), "order": pl.String, "amount": pl.Int64, "expected": pl.Int64,
    "booked": pl.Int64,
}  # fmt: skip


def render(place: Place) -> None:
    """Draw the form, what is missing, the lists, and the one that is open."""
    with st.expander(_("Book a courier's list"), icon=":material/upload_file:"), blocks.guard("cod_new"):
        _form(place)
    _missing(place)
    _lists()
    if links.detail(KEY):
        _show(str(links.detail(KEY)))


def remitted(data: bytes, name: str, currency: str) -> list[Remitted]:
    """Return the rows of a courier's file: columns ``parcel`` (or ``order``), ``amount``, maybe ``currency``; pure.

    Raises
    ------
    InvalidInput
        No UTF-8, a missing column, an amount that is none.
    """
    rows = csv_reading.rows_of(csv_reading.text_of(data, name), name, ["amount"])
    return [
        Remitted(
            row.get("parcel") or row.get("order", ""),
            csv_reading.amount(row["amount"], row.get("currency") or currency), row.get("currency") or currency,
        )
        for row in rows
    ]  # fmt: skip


def _form(place: Place) -> None:
    """Ask for courier, name and file; what the file says is shown before anything is booked."""
    left, right = st.columns(2)
    carrier = left.selectbox(
        _("Courier"), settlements.carriers(), index=None, accept_new_options=True, key="cod_carrier",
        placeholder=_("Choose or write"),
    )  # fmt: skip
    reference = right.text_input(_("The list's own name"), key="cod_reference", max_chars=100)
    file = st.file_uploader(
        _("CSV with the columns parcel (or order) and amount"),
        type=["csv"],
        key=f"cod_file_{st.session_state.get(BOOKED, 0)}",
    )
    if file is None:
        return
    rows = remitted(file.getvalue(), file.name, place.currency)
    total = sum(row.amount_minor for row in rows)
    shown = [(row.name, plain(fmt.money(row.amount_minor, row.currency))) for row in rows[:PREVIEW]]
    st.table(pl.DataFrame(shown, schema=[_("Parcel"), _("Amount")], orient="row"), border="horizontal", hide_index=True)
    if len(rows) > PREVIEW:
        st.caption(_("and {n} more").format(n=fmt.count(len(rows) - PREVIEW)))
    one = {row.currency for row in rows} or {place.currency}
    money = fmt.money(total, min(one)) if len(one) == 1 else _("several currencies")
    label = ngettext("Book {n} parcel, {money}", "Book {n} parcels, {money}", len(rows))
    if st.button(
        plain(label.format(n=fmt.count(len(rows)), money=money)), type="primary", icon=":material/check:",
        key="cod_book", disabled=not (carrier and (reference or "").strip() and rows),
    ):  # fmt: skip
        _book(str(carrier), str(reference), rows)


def _book(carrier: str, reference: str, rows: Sequence[Remitted]) -> None:
    booked = actions.run(
        lambda s: _booked(s, carrier, reference, rows),
        done=_("The list {name} is booked").format(name=f"{carrier} {reference}"),
    )
    if booked is not None:
        st.session_state[BOOKED] = st.session_state.get(BOOKED, 0) + 1  # the form forgets its file
        links.open_detail(KEY, str(booked))
        st.rerun()


def _booked(session: Session, carrier: str, reference: str, rows: Sequence[Remitted]) -> int:
    """Book the list, take its money into the ledger and return the list's id."""
    import sqlalchemy as sa

    from oms_core.finance.commands import settle
    from oms_core.payments.cod import book_remittance
    from oms_core.payments.tables import CodRemittance

    book_remittance(session, carrier=carrier, reference=reference, rows=rows, zone=desk.zone(), actor=actions.ACTOR)
    settle(session, actor=actions.ACTOR)
    named = sa.select(CodRemittance.id).where(CodRemittance.carrier == carrier, CodRemittance.reference == reference)
    return int(session.scalars(named).one())


def _missing(place: Place) -> None:
    found = settlements.missing()
    blocks.section(_("Whose money has not come?"), _("Delivered for cash, and no list brought all of the money"))
    if not found:
        blocks.empty_line("done", _("No money is missing"), _("Every delivered parcel was paid by its courier."))
        return
    rows = [
        {
            "carrier": row["carrier"], "parcel": row["tracking_number"] or "", "order": f"#{row['order']}",
            "delivered": row["delivered_at"].date(), "waits": fmt.age(place.now - row["delivered_at"]),
            "expected": major(row, "expected"), "currency": row["currency"],
        }
        for row in found
    ]  # fmt: skip
    columns = {
        "carrier": tables.text(_("Courier"), 140),
        "parcel": tables.text(_("Parcel"), 220),
        "order": tables.text(_("Order"), 120),
        "delivered": tables.day(_("Delivered"), 120),
        "waits": tables.text(_("Waits"), 90),
        **money_columns(found, {"expected": _("Expected")}),
    }
    alt = ngettext("{n} parcel", "{n} parcels", len(rows)).format(n=len(rows))
    for position in blocks.table(pl.DataFrame(rows), columns, key="cod_missing", alt=alt, open_on_click=True):
        links.go("orders", view="all", order=found[position]["order"])


def _lists() -> None:
    found = settlements.lists()
    blocks.section(_("Which lists were booked?"))
    if not found:
        blocks.empty_line("no_data", _("No courier's list was booked yet"), _("Book the first one above."))
        return
    rows = [
        {
            "name": f"{row['carrier']} {row['reference']}", "on": row["business_date"], "rows": row["rows"],
            "odd": row["odd"], "total": major(row, "total"), "booked": major(row, "booked"),
            "currency": row["currency"],
        }
        for row in found
    ]  # fmt: skip
    columns = {
        "name": tables.text(_("List"), 260),
        "on": tables.day(_("Booked on"), 120),
        "rows": tables.count(_("Parcels"), 90),
        "odd": tables.count(_("Did not fit"), 100),
        **money_columns(found, {"total": _("From the courier"), "booked": _("Booked")}),
    }
    alt = ngettext("{n} list", "{n} lists", len(rows)).format(n=len(rows))
    for position in blocks.table(pl.DataFrame(rows), columns, key="cod_lists", alt=alt, open_on_click=True):
        links.open_detail(KEY, str(found[position]["id"]))


def build(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Turn the rows of a booked list into the table's, what did not fit first; minor units; pure."""
    order = list(OUTCOMES)
    shown = sorted(rows, key=lambda row: -order.index(row["outcome"]))
    return pl.DataFrame(
        [
            {
                "name": row["name"], "outcome": [_(OUTCOMES[row["outcome"]][0])],
                "order": f"#{row['order']}" if row["order"] else "", "amount": row["amount_minor"],
                "expected": row["expected_minor"], "booked": row["booked_minor"],
            }
            for row in shown
        ],
        schema=_SCHEMA,
    )  # fmt: skip


def _show(key: str) -> None:
    @st.dialog(_("Courier's list"), position="right", width=840, on_dismiss=_closed)
    def drawer() -> None:
        with blocks.guard("cod_list"):
            told = settlements.booked_list(int(key) if key.isdecimal() else 0)
            currency = told["currency"]
            fits = sum(row["outcome"] == "matched" for row in told["rows"])
            words = _("{booked} of {total} booked, {fits} of {n} parcels matched").format(
                booked=fmt.money(told["booked_minor"], currency), total=fmt.money(told["total_minor"], currency),
                fits=fmt.count(fits), n=fmt.count(len(told["rows"])),
            )  # fmt: skip
            blocks.section(f"{told['carrier']} {told['reference']}", plain(words), small=True)
            frame = build(told["rows"]).with_columns(
                tables.major(pl.col(name), currency).alias(name) for name in ("amount", "expected", "booked")
            )
            columns = {
                "name": tables.text(_("Parcel"), 110),
                "outcome": tables.badge(_("Outcome"), {_(words): colour for words, colour in OUTCOMES.values()}, 150),
                "order": tables.text(_("Order"), 100),
                "amount": tables.money(_("From the courier"), currency, 135),
                "expected": tables.money(_("Expected"), currency, 120),
                "booked": tables.money(_("Booked"), currency),
            }
            blocks.table(frame, columns, key="cod_rows", alt=words)

    drawer()


def _closed() -> None:
    links.close_detail(KEY)
