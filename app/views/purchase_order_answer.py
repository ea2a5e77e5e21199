"""A supplier's answer that differs from the order: enter it, see the difference, accept or refuse."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import acting, actions, blocks, tables
from app import format as fmt
from app.i18n import _, ngettext
from oms_core.kernel.money import exponent
from oms_core.purchasing import commands

if TYPE_CHECKING:
    from app.data import Place

Order = Mapping[str, Any]


def banner(order: Order) -> None:
    """Draw an answer that waits for a decision: the difference by line, and the two buttons."""
    answer = order["answer"]
    if answer is None:
        return
    currency = order["currency"]
    before, after = answer["total_before_minor"], answer["total_minor"]
    with st.container(border=True, gap="small"):
        said = _("The supplier answered otherwise: {before} becomes {after}").format(
            before=fmt.money(before, currency), after=fmt.money(after, currency)
        )
        day = f" · {_('due {day}').format(day=fmt.day(answer['expected_on']))}" if answer["expected_on"] else ""
        st.markdown(f":orange[:material/compare_arrows:] **{said}**{day}".replace("$", "\\$"))
        blocks.table(
            difference(answer, currency), columns(currency), key="po_answer_lines", alt=_("Supplier’s changes")
        )
        with st.container(horizontal=True, gap="xsmall"):
            if st.button(_("Accept the changes"), icon=":material/check:", type="primary", key="po_accept"):
                _do(order, lambda s: commands.accept(s, purchase_order_id=order["id"], actor=acting.name()),
                    _("{number} is confirmed"))  # fmt: skip
            with st.popover(_("Refuse"), icon=":material/close:"):
                reason = st.text_input(_("A word for the supplier"), key="po_refuse_reason")
                if st.button(_("Refuse the changes"), key="po_refuse"):
                    _do(
                        order,
                        lambda s: commands.refuse(s, purchase_order_id=order["id"], reason=reason, actor=acting.name()),
                        _("{number} stands as it was"),
                    )


def difference(answer: Mapping[str, Any], currency: str) -> pl.DataFrame:
    """Return the lines that differ: ordered and answered units and prices; pure."""
    rows = [
        {
            "sku": line["sku"], "title": fmt.product(line["title"]), "ordered": line["quantity_before"],
            "answered": line["quantity"], "cost": line["unit_cost_before_minor"],
            "cost_answered": line["unit_cost_minor"],
            "change": line["quantity"] * line["unit_cost_minor"]
            - line["quantity_before"] * line["unit_cost_before_minor"],
        }
        for line in answer["lines"]
    ]  # fmt: skip
    money = [tables.major(pl.col(name), currency).alias(name) for name in ("cost", "cost_answered", "change")]
    return pl.DataFrame(rows).with_columns(money)


def columns(currency: str, *, phone: bool = False) -> dict[str, Any]:
    """Return the columns of the difference; on a phone first those that decide."""
    whole = {
        "sku": tables.text(_("SKU"), 76),
        "title": tables.text(_("Product"), 190),
        "ordered": tables.count(_("Ordered"), 80),
        "answered": tables.count(_("Answered"), 88),
        "cost": tables.money(_("Cost"), currency, 88),
        "cost_answered": tables.money(_("New cost"), currency, 96),
        "change": tables.money(_("Change"), currency, 100),
    }
    first = ("sku", "ordered", "answered", "change")
    return {**{n: whole[n] for n in first}, **whole} if phone else whole


def enter(order: Order, place: Place) -> None:
    """Draw the form for an answer: units, price and the day, filled with what was ordered."""
    unit = 10 ** exponent(order["currency"])
    digits = exponent(order["currency"])
    with st.popover(_("Supplier’s changes"), icon=":material/compare_arrows:"):
        day = st.date_input(
            _("Promised for"), value=order["expected_on"] or place.today, format="DD.MM.YYYY", key="po_answer_day"
        )
        said: dict[int, commands.AnswerLine] = {}
        for line in order["lines"]:
            asked = line["quantity"] - line["cancelled_qty"]
            st.caption(f"{line['sku']} · {fmt.product(line['title'])}")
            left, right = st.columns(2)
            units = left.number_input(
                _("Units"), min_value=0, value=asked, step=1, key=f"po_answer_units_{line['id']}",
                label_visibility="collapsed",
            )  # fmt: skip
            cost = right.number_input(
                _("Cost"), min_value=0.0, value=line["unit_cost_minor"] / unit, step=1 / unit, format=f"%.{digits}f",
                key=f"po_answer_cost_{line['id']}", label_visibility="collapsed",
            )  # fmt: skip
            minor = round(cost * unit)
            if (units, minor) != (asked, line["unit_cost_minor"]):
                said[line["id"]] = commands.AnswerLine(int(units), minor)
        label = ngettext("Enter {n} change", "Enter {n} changes", len(said)).format(n=len(said))
        if st.button(label, key="po_answer", disabled=not said):
            _do(
                order,
                lambda s: commands.answer(
                    s, purchase_order_id=order["id"], lines=said, expected_on=day if isinstance(day, date) else None,
                    actor=acting.name(),
                ),
                _("The answer to {number} waits for a decision"),
            )  # fmt: skip


def _do(order: Order, command: Any, done: str) -> None:
    if actions.run(lambda s: command(s) or True, done=done.format(number=order["number"])):
        st.rerun()
