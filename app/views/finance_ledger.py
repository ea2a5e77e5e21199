"""Open documents by age, of customers and of suppliers: tiles, parties, documents, one party's account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import address, blocks, books, links, tables
from app import format as fmt
from app.exports import Sheet
from app.i18n import N_, _, ngettext
from app.tiles import Behind, Colour, Tile
from app.views import finance_party
from app.views.finance_words import kind, plain
from oms_core.finance.ageing import BUCKETS, aged

if TYPE_CHECKING:
    from app.data import Place

#: Bucket of age to its words and the colour of its tile: red only where somebody should ask by telephone.
AGES: dict[str, tuple[str, Colour]] = {
    "current": (N_("Not due yet"), "gray"), "days_1_30": (N_("1–30 days late"), "gray"),
    "days_31_60": (N_("31–60 days late"), "orange"), "days_61_90": (N_("61–90 days late"), "orange"),
    "days_over_90": (N_("Over 90 days late"), "red"), "unapplied": (N_("Not matched yet"), "blue"),  # type: ignore[dict-item]
}  # fmt: skip
GROUPS = {"documents": N_("By document"), "parties": N_("By customer")}
_DOCUMENT: dict[str, Any] = {
    "document": pl.String, "kind": pl.String, "party": pl.String, "order": pl.String, "due": pl.Date,
    "late": pl.Int64, "age": pl.List(pl.String), "open": pl.Int64, "amount": pl.Int64,
}  # fmt: skip
_PARTY: dict[str, Any] = {
    "party": pl.String, "open": pl.Int64, **{name: pl.Int64 for name, _bound in BUCKETS}, "unapplied": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LedgerView:
    """Tiles and rows of one currency; `opens` and `accounts` say which account a row of each table opens."""

    tiles: tuple[Tile, ...]
    answer: str
    documents: pl.DataFrame
    opens: tuple[str, ...]
    parties: pl.DataFrame
    accounts: tuple[str, ...]


def build(
    entries: Sequence[Mapping[str, Any]], *, side: str, currency: str, bucket: str = "all", text: str = ""
) -> LedgerView:
    """Turn open entries into tiles and rows of one currency; pure."""
    own = [entry for entry in entries if entry["currency"] == currency]
    words = text.strip().lower()
    shown = [
        entry for entry in own
        if bucket in {"all", entry["bucket"]}
        and (not words or words in f"{entry['document']} {entry['name']} {entry.get('order', '')}".lower())
    ]  # fmt: skip
    parties = aged(shown)
    return LedgerView(
        tiles=tuple(_tile(own, name, side=side, currency=currency) for name, _bound in BUCKETS),
        answer=_answer(own, side=side, currency=currency),
        documents=pl.DataFrame([_document(entry) for entry in shown], schema=_DOCUMENT),
        opens=tuple(entry.get("bill") or f"{entry['party']}|{currency}" for entry in shown),
        parties=pl.DataFrame([_party(row) for row in parties], schema=_PARTY),
        accounts=tuple(f"{row['party']}|{currency}" for row in parties),
    )


def party_name(name: str) -> str:
    """Return a party's name; a buyer without one is a guest."""
    return _("Guest") if name == "guest" else name


def _document(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "document": entry["document"], "kind": kind(entry["kind"]), "party": party_name(entry["name"]),
        "order": f"#{entry['order']}" if entry.get("order") else "", "due": entry["due_on"],
        "late": (entry["days_late"] or None) if entry["open_minor"] > 0 else None, "age": [_(AGES[entry["bucket"]][0])],
        "open": entry["open_minor"], "amount": entry["amount_minor"],
    }  # fmt: skip


def _party(row: Mapping[str, Any]) -> dict[str, Any]:
    sums = {name: row[f"{name}_minor"] or None for name in (*dict(BUCKETS), "unapplied")}
    return {"party": party_name(row["name"]), "open": row["open_minor"], **sums}


def _tile(entries: Sequence[Mapping[str, Any]], bucket: str, *, side: str, currency: str) -> Tile:
    found = [entry["open_minor"] for entry in entries if entry["bucket"] == bucket]
    words, colour = AGES[bucket]
    view = "receivables" if side == "receivable" else "payables"
    n = len(found)
    return Tile(
        _(words), fmt.money_tile(sum(found), currency),
        ngettext("{n} document", "{n} documents", n).format(n=fmt.count(n)), colour if found else "gray",
        behind=Behind("finance", _("See them"), {"finance_view": view, "ledger_age": bucket}) if n else None,
    )  # fmt: skip


def _answer(entries: Sequence[Mapping[str, Any]], *, side: str, currency: str) -> str:
    claims = [entry for entry in entries if entry["open_minor"] > 0]
    late = [entry for entry in claims if entry["days_late"]]
    loose = -sum(entry["open_minor"] for entry in entries if entry["open_minor"] < 0)
    words = _("{open} is owed to us, {late} of it late") if side == "receivable" else _(
        "We owe {open}, {late} of it late"
    )  # fmt: skip
    said = words.format(
        open=fmt.money(sum(entry["open_minor"] for entry in claims), currency),
        late=fmt.money(sum(entry["open_minor"] for entry in late), currency),
    )
    more = _("{money} came in that settles nothing yet").format(money=fmt.money(loose, currency)) if loose else ""
    return plain(" · ".join(part for part in (said, more) if part))


def receivables(place: Place) -> Sheet | None:
    """Draw what customers owe, and the account that is open."""
    sheet = draw("receivable", place)
    if links.detail(finance_party.KEY):
        finance_party.show(str(links.detail(finance_party.KEY)), place)
    return sheet


def draw(side: str, place: Place) -> Sheet | None:
    """Draw tiles, filters and rows of a side; return what the export holds."""
    entries = books.open_documents(side, place.today)
    if not entries:
        _nothing(side, place)
        return None
    currency = currency_choice({entry["currency"] for entry in entries}, place, key="ledger_currency")
    whole = build(entries, side=side, currency=currency)
    question = _("Who owes us, and since when?") if side == "receivable" else _("Whom do we owe, and since when?")
    blocks.section(question, whole.answer)
    blocks.kpi_row(whole.tiles)
    bucket, text, group = _filters(side)
    view = build(entries, side=side, currency=currency, bucket=bucket, text=text)
    if view.documents.is_empty():
        _nothing_matches(len(entries))
        return None
    if group == "parties":
        _parties(view, side, currency)
    else:
        _documents(view, side, currency)
    return _sheet(view, side, currency)


def currency_choice(currencies: set[str], place: Place, *, key: str) -> str:
    """Draw a choice of currency where there are several, and return the chosen: amounts of two are never summed."""
    known = sorted(currencies, key=lambda code: (code != place.currency, code)) or [place.currency]
    if len(known) == 1:
        return known[0]
    with address.bound(key, known[0], known):
        picked = st.segmented_control(_("Currency"), known, required=True, key=key, label_visibility="collapsed")
    return str(picked or known[0])


def _filters(side: str) -> tuple[str, str, str]:
    """Draw age, search and grouping; return what was chosen."""
    ages = {"all": N_("All"), **{name: words for name, (words, _colour) in AGES.items()}}
    groups = {**GROUPS, "parties": N_("By supplier")} if side == "payable" else GROUPS
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        with address.bound("ledger_age", "all", ages):
            age = st.selectbox(
                _("Age"), list(ages), key="ledger_age", format_func=lambda name: _(ages[name]), width=190
            )
        text = st.text_input(
            _("Search"), key="ledger_q", type="search", bind="query-params", width=260,
            placeholder=_("Document, name or order"),
        )  # fmt: skip
        with address.bound("ledger_by", "documents", groups):
            by = st.segmented_control(
                _("Rows"), list(groups), required=True, key="ledger_by", format_func=lambda name: _(groups[name])
            )
    return str(age or "all"), text or "", str(by or "documents")


def _nothing(side: str, place: Place) -> None:
    """Say that nothing is open, or that nothing was ever invoiced."""
    if books.has_entries(side):
        at = _("Last checked {time}").format(time=fmt.clock_time(place.now, place.zone, seconds=True))
        title = _("Nobody owes us anything") if side == "receivable" else _("We owe nobody anything")
        with blocks.empty("done", title, _("Every document is settled."), note=at):
            pass
        return
    if side == "payable":
        title, body = _("No supplier's bill was approved yet"), _("A bill is owed once it is entered and approved.")
        blocks.empty_line("no_data", title, body)
        return
    with blocks.empty("no_data", _("No invoice was issued yet"), _("What is invoiced and not paid stands here.")):
        if st.button(_("Issue an invoice"), type="primary", key="ledger_issue"):
            links.go("finance", finance_view="invoices")


def _nothing_matches(n: int) -> None:
    note = ngettext("{n} document is open in all", "{n} documents are open in all", n).format(n=fmt.count(n))
    with blocks.empty("filters", _("No open document matches"), _("Age and search leave nothing."), note=note):
        st.button(_("Show everything"), type="primary", key="ledger_reset", on_click=_reset)


def _reset() -> None:
    st.session_state["ledger_age"], st.session_state["ledger_q"] = "all", ""


def _documents(view: LedgerView, side: str, currency: str) -> None:
    columns = {
        "document": tables.text(_("Document"), 150),
        "kind": tables.text(_("Kind"), 110),
        "party": tables.text(_("Customer") if side == "receivable" else _("Supplier"), 220),
        "order": tables.text(_("Order"), 100),
        "due": tables.day(_("Due on"), 110),
        "late": tables.count(_("Days late"), 90),
        "age": tables.badge(_("Age"), {_(words): colour for words, colour in AGES.values()}, 170),
        "open": tables.money(_("Open"), currency, 120),
        "amount": tables.money(_("Amount"), currency),
    }
    if side == "payable":
        columns.pop("order")
    n = view.documents.height
    alt = ngettext("{n} open document, oldest first", "{n} open documents, oldest first", n).format(n=n)
    shown = view.documents.head(books.MOST).with_columns(
        tables.major(pl.col(name), currency).alias(name) for name in ("open", "amount")
    )
    for position in blocks.table(
        shown, columns, key=f"ledger_documents_{side}", alt=alt, open_on_click=True, phone=("party", "open", "due")
    ):
        _open(view.opens[position])
    if n > books.MOST:
        st.caption(_("The {n} oldest are shown; the export holds all.").format(n=fmt.count(books.MOST)))


def _parties(view: LedgerView, side: str, currency: str) -> None:
    money = ("open", *dict(BUCKETS), "unapplied")
    columns = {
        "party": tables.text(_("Customer") if side == "receivable" else _("Supplier"), 180),
        "open": tables.money(_("Open"), currency, 110),
        **{name: tables.money(_(AGES[name][0]), currency, 160) for name, _bound in BUCKETS},
        "unapplied": tables.money(_(AGES["unapplied"][0]), currency),
    }
    n = view.parties.height
    alt = ngettext("{n} account, the largest first", "{n} accounts, the largest first", n).format(n=n)
    shown = view.parties.with_columns(tables.major(pl.col(name), currency).alias(name) for name in money)
    for position in blocks.table(
        shown, columns, key=f"ledger_parties_{side}", alt=alt, open_on_click=True, phone=("party", "open")
    ):
        _open(view.accounts[position])


def _open(name: str) -> None:
    """Open an account, or the supplier's bill a document is."""
    links.open_detail(finance_party.KEY if "|" in name else finance_party.BILL, name)


def _sheet(view: LedgerView, side: str, currency: str) -> Sheet:
    money = [tables.major(pl.col(name), currency).alias(f"{name}_{currency}") for name in ("open", "amount")]
    frame = view.documents.with_columns(money).drop("open", "amount")
    return Sheet(name=f"open_{side}s", frame=frame, facts={"Currency": currency})
