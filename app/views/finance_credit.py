"""Store credit: who has how much, how it moved, giving some."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from app import actions, blocks, links, settlements, tables
from app import format as fmt
from app.i18n import N_, _, ngettext
from app.views.finance_ledger import currency_choice
from app.views.finance_words import plain
from app.views.order_money import amount
from app.views.return_actions import do
from oms_core.kernel.money import to_minor

if TYPE_CHECKING:
    from app.data import Place

KEY = "credit"
KINDS = {
    "issue": N_("Given"), "correct": N_("Taken back"), "spend": N_("Spent"), "give_back": N_("Given back"),
}  # fmt: skip


def render(place: Place) -> None:
    """Draw the form, the balances and the account that is open."""
    with st.expander(_("Give store credit"), icon=":material/add:"), blocks.guard("credit_new"):
        _give(place)
    found = settlements.balances()
    if not found:
        blocks.empty_line("no_data", _("Nobody has store credit"), _("A refund as store credit stands here, too."))
    else:
        currency = currency_choice({row["currency"] for row in found}, place, key="credit_currency")
        rows = [row for row in found if row["currency"] == currency]
        whole = sum(row["balance_minor"] for row in rows)
        words = ngettext("{money} of {n} customer", "{money} of {n} customers", len(rows))
        answer = plain(words.format(money=fmt.money(whole, currency), n=fmt.count(len(rows))))
        blocks.section(_("How much credit may customers still spend?"), answer)
        columns = {
            "number": tables.text(_("Number"), 130),
            "name": tables.text(_("Customer"), 300),
            "balance": tables.money(_("Balance"), currency),
        }
        frame = pl.DataFrame(rows).with_columns(tables.major(pl.col("balance_minor"), currency).alias("balance"))
        for position in blocks.table(frame, columns, key="credit_table", alt=answer, open_on_click=True):
            links.open_detail(KEY, rows[position]["number"])
    if links.detail(KEY):
        _show(str(links.detail(KEY)), place.zone)


def _give(place: Place) -> None:
    from oms_core.payments.credit import issue_credit

    left, middle, right = st.columns(3)
    who = left.text_input(_("Customer's number or e-mail"), key="credit_who")
    with middle:
        minor = amount(_("Amount"), 0, place.currency, key="credit_amount")
    reason = right.text_input(_("Reason"), key="credit_reason", max_chars=200)
    money = fmt.money(minor, place.currency)
    do(
        plain(_("Give {money} of credit").format(money=money)),
        lambda s: issue_credit(
            s, customer_id=settlements.customer_id(s, str(who).strip()), amount_minor=minor, currency=place.currency,
            reason=reason or "", actor=actions.ACTOR,
        ),
        _("{money} of credit is given").format(money=money),
        key="credit_give",
        disabled=not (minor and (who or "").strip() and (reason or "").strip()),
    )  # fmt: skip


def _show(number: str, zone: str) -> None:
    @st.dialog(_("Store credit of {number}").format(number=number), position="right", width=640, on_dismiss=_closed)
    def drawer() -> None:
        with blocks.guard("credit_account"):
            rows = [
                (
                    fmt.moment(row["at"], zone), _(KINDS.get(row["kind"], row["kind"])), row["reason"],
                    *(
                        plain(fmt.money(to_minor(row[name], row["currency"]), row["currency"]))
                        for name in ("amount", "balance")
                    ),
                )
                for row in settlements.credit_of(number)
            ]  # fmt: skip
            names = [_("When"), _("What"), _("Reason"), _("Amount"), _("Balance")]
            st.table(pl.DataFrame(rows, schema=names, orient="row"), border="horizontal", hide_index=True)

    drawer()


def _closed() -> None:
    links.close_detail(KEY)
