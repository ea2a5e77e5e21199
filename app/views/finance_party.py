"""One party's account in a drawer: what is open, the way to its order, the statement of a period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import blocks, books, links
from app import format as fmt
from app.documents import statement as paper
from app.i18n import _, language
from app.views.finance_words import KINDS, kind, plain

if TYPE_CHECKING:
    from app.data import Place

#: The account in the address, ``C:12|GBP``; and the supplier's bill.
KEY, BILL = "account", "bill"
WIDTH = 700
#: Days a statement goes back unless the reader says otherwise.
PERIOD_DAYS = 90
#: Open documents that have a line with a button; the table behind lists all.
MOST = 8


def show(opened: str, place: Place) -> None:
    """Open the drawer of an account named ``party|currency``."""
    party, _bar, currency = opened.partition("|")
    side = "payable" if party.startswith("S:") else "receivable"

    @st.dialog(_("Account"), position="right", width=WIDTH, on_dismiss=_closed)
    def drawer() -> None:
        with blocks.guard("account"):
            entries = books.open_documents(side, place.today)
            own = [e for e in entries if e["party"] == party and e["currency"] == (currency or place.currency)]
            name = _party_name(party, own)
            _head(name, own, currency)
            for entry in own[:MOST]:
                _line(entry)
            if len(own) > MOST:
                st.caption(_("{n} more are in the list").format(n=fmt.count(len(own) - MOST)))
            _statement(party, currency or place.currency, name, place)

    drawer()


def _closed() -> None:
    links.close_detail(KEY)


def _party_name(party: str, entries: Sequence[Mapping[str, Any]]) -> str:
    name = str(entries[0]["name"]) if entries else party
    return _("Guest") if name == "guest" else name


def _head(name: str, entries: Sequence[Mapping[str, Any]], currency: str) -> None:
    open_minor = sum(entry["open_minor"] for entry in entries)
    late = sum(entry["open_minor"] for entry in entries if entry["days_late"] and entry["open_minor"] > 0)
    words = _("{open} open, {late} of it late").format(
        open=fmt.money(open_minor, currency), late=fmt.money(late, currency)
    )
    blocks.section(name, plain(words) if entries else _("Every document is settled."), small=True)


def _line(entry: Mapping[str, Any]) -> None:
    """Draw an open document with the way to what it is about."""
    late = _("{age} late").format(age=fmt.days(entry["days_late"])) if entry["open_minor"] > 0 else ""
    due = _("due {day}").format(day=fmt.day(entry["due_on"], year=True))
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        money = plain(fmt.money(entry["open_minor"], entry["currency"]))
        said = " · ".join(part for part in (kind(entry["kind"]), due, late if entry["days_late"] else "") if part)
        st.markdown(f"**{entry['document']}** {money}  \n:small[:gray[{said}]]")
        if entry.get("order") and st.button(
            _("Order #{number}").format(number=entry["order"]), type="tertiary", icon=":material/receipt_long:",
            key=f"account_order_{entry['id']}",
        ):  # fmt: skip
            links.close_detail(KEY)
            links.go("orders", view="all", order=entry["order"])


def _statement(party: str, currency: str, name: str, place: Place) -> None:
    blocks.section(_("Statement"), small=True)
    left, right = st.columns(2)
    since = left.date_input(
        _("First day"), value=place.today - timedelta(days=PERIOD_DAYS), format="DD.MM.YYYY", key="statement_since"
    )
    until = right.date_input(_("Last day"), value=place.today, format="DD.MM.YYYY", key="statement_until")
    told = books.statement(party, currency, since, until)
    spoken = language()  # the file is made later, away from the reader's page
    st.download_button(
        _("Download the statement"), lambda: paper.csv(told, name, kinds=kind, language=spoken),
        file_name=f"statement_{party.replace(':', '')}_{since}_{until}.csv", mime="text/csv", on_click="ignore",
        icon=":material/download:", key="statement_csv",
    )  # fmt: skip
    st.table(pl.DataFrame(rows(told), schema=_columns(), orient="row"), border="horizontal", hide_index=True)


def _columns() -> list[str]:
    return [_("Date"), _("Document"), _("Amount"), _("Balance")]


def rows(told: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Return the statement's rows in words, opening first and closing last; pure."""
    currency = told["currency"]

    def money(minor: int) -> str:
        return plain(fmt.money(minor, currency))

    return [
        (fmt.day(told["since"], year=True), _("Opening balance"), "", money(told["opening_minor"])),
        *(
            (
                fmt.day(e["on_date"], year=True), f"{_(KINDS[e['kind']])} {e['document']}", money(e["amount_minor"]),
                money(e["balance_minor"]),
            )
            for e in told["entries"]
        ),
        (fmt.day(told["until"], year=True), _("Closing balance"), "", money(told["closing_minor"])),
    ]  # fmt: skip
