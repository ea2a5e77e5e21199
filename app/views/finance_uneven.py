"""Orders that were paid too much or only in part: give the surplus back, or forgive a small rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import actions, blocks, desk, links, settlements, tables
from app import format as fmt
from app.i18n import _, ngettext
from app.views.finance_ledger import currency_choice
from app.views.finance_words import plain
from app.views.return_actions import do
from oms_core.payments.settling import WRITE_OFF_LIMIT_MINOR

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.data import Place

KEY = "uneven"
_SCHEMA: dict[str, Any] = {
    "number": pl.String, "customer": pl.String, "placed": pl.Date, "total": pl.Int64, "captured": pl.Int64,
    "over": pl.Int64, "due": pl.Int64,
}  # fmt: skip


def build(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Turn uneven orders into the table's rows, money in minor units; pure."""
    return pl.DataFrame(
        [
            {
                "number": f"#{row['number']}", "customer": row["customer"] or _("Guest"), "placed": row["on_date"],
                "total": row["total_minor"], "captured": row["captured_minor"],
                "over": row["overpaid_minor"] or None, "due": row["due_minor"] or None,
            }
            for row in rows
        ],
        schema=_SCHEMA,
    )  # fmt: skip


def render(place: Place) -> None:
    """Draw the orders whose money does not fit, and the one that is open."""
    found = settlements.uneven()
    if not found:
        at = _("Last checked {time}").format(time=fmt.clock_time(place.now, place.zone, seconds=True))
        with blocks.empty(
            "done", _("Every paid order is paid exactly"), _("No surplus to give back, no rest to ask for."), note=at
        ):
            pass
        return
    currency = currency_choice({row["currency"] for row in found}, place, key="uneven_currency")
    rows = [row for row in found if row["currency"] == currency]
    over, due = (sum(row[f"{name}_minor"] for row in rows) for name in ("overpaid", "due"))
    blocks.section(
        _("Which orders hold too much or too little money?"),
        plain(_("{over} paid too much, {due} still due").format(
            over=fmt.money(over, currency), due=fmt.money(due, currency)
        )),
    )  # fmt: skip
    columns = {
        "number": tables.text(_("Order"), 110),
        "customer": tables.text(_("Customer"), 220),
        "placed": tables.day(_("Placed"), 110),
        "total": tables.money(_("Total"), currency, 120),
        "captured": tables.money(_("Paid"), currency, 120),
        "over": tables.money(_("Too much"), currency, 120),
        "due": tables.money(_("Still due"), currency),
    }
    frame = build(rows).with_columns(
        tables.major(pl.col(name), currency).alias(name) for name in ("total", "captured", "over", "due")
    )
    alt = ngettext("{n} order", "{n} orders", len(rows)).format(n=len(rows))
    for position in blocks.table(frame, columns, key="uneven_table", alt=alt, open_on_click=True):
        links.open_detail(KEY, rows[position]["number"])
    opened = next((row for row in found if row["number"] == links.detail(KEY)), None)
    if opened:
        _show(opened)


def _show(row: Mapping[str, Any]) -> None:
    @st.dialog(_("Order #{number}").format(number=row["number"]), position="right", width=520, on_dismiss=_closed)
    def drawer() -> None:
        with blocks.guard("uneven"):
            if st.button(_("Open the order"), type="tertiary", icon=":material/receipt_long:", key="uneven_order"):
                links.close_detail(KEY)
                links.go("orders", view="all", order=row["number"])
            blocks.facts({
                _("Total"): fmt.money(row["total_minor"], row["currency"]),
                _("Paid"): fmt.money(row["captured_minor"], row["currency"]),
            })  # fmt: skip
            if row["overpaid_minor"]:
                _give_back(row)
            else:
                _forgive(row)

    drawer()


def _closed() -> None:
    links.close_detail(KEY)


def _give_back(row: Mapping[str, Any]) -> None:
    from oms_core.payments.settling import refund_overpaid

    money = fmt.money(row["overpaid_minor"], row["currency"])
    st.caption(_("It goes back the way it came, the newest payment first."))
    do(
        plain(_("Give {money} back").format(money=money)),
        lambda s: _booked(s, row, refund_overpaid(s, order_id=row["id"], zone=desk.zone(), actor=actions.ACTOR)),
        _("{money} of order #{number} is given back").format(money=money, number=row["number"]),
        key="uneven_refund",
    )  # fmt: skip


def _forgive(row: Mapping[str, Any]) -> None:
    from oms_core.payments.settling import write_off

    money = fmt.money(row["due_minor"], row["currency"])
    most = fmt.money(WRITE_OFF_LIMIT_MINOR, row["currency"])
    small = row["due_minor"] <= WRITE_OFF_LIMIT_MINOR
    reason = st.text_input(_("Why the rest is forgiven"), key="uneven_reason", max_chars=120, disabled=not small)
    if not small:
        st.caption(plain(_("At most {money} may be forgiven here; ask the customer for the rest.").format(money=most)))
    do(
        plain(_("Forgive {money}").format(money=money)),
        lambda s: _booked(
            s, row, write_off(s, order_id=row["id"], reason=reason or "", zone=desk.zone(), actor=actions.ACTOR)
        ),
        _("{money} of order #{number} is forgiven").format(money=money, number=row["number"]),
        key="uneven_forgive",
        disabled=not small or not (reason or "").strip(),
    )  # fmt: skip


def _booked(session: Session, row: Mapping[str, Any], moved: object) -> object:
    """Take what was moved into the ledger of an invoiced order at once, and return it."""
    from oms_core.finance.commands import settle_orders

    settle_orders(session, [row["id"]], actor=actions.ACTOR)
    return moved
