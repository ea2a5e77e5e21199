"""Enter a supplier's bill for a purchase order of which something arrived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from app import actions, bills, csv_reading, links
from app import format as fmt
from app.i18n import _
from app.views.finance_party import BILL
from app.views.finance_words import plain
from app.views.order_money import amount
from oms_core.finance.commands import BilledLine
from oms_core.kernel.money import to_decimal

if TYPE_CHECKING:
    from app.data import Place

#: Names in the address the purchase order whose bill is to be entered.
ORDER = "bill_of"


def render(place: Place) -> None:
    """Draw the form: the order, the supplier's paper, its lines."""
    numbers = bills.to_bill()
    if not numbers:
        st.caption(_("A bill is entered for a purchase order of which something arrived; there is none yet."))
        return
    asked = links.detail(ORDER)
    if asked is not None and asked not in numbers:
        numbers = [asked, *numbers]
    first = numbers.index(asked) if asked is not None else 0
    number = st.selectbox(_("Purchase order"), numbers, index=first, key=f"entry_order_{asked or ''}")
    order = bills.purchase_order(str(number))
    left, middle, right = st.columns(3)
    theirs = left.text_input(_("Number on the supplier's paper"), key="entry_theirs", max_chars=100)
    issued = middle.date_input(_("Issued on"), value=place.today, format="DD.MM.YYYY", key="entry_issued")
    with right:
        tax = amount(_("Tax"), 0, order["currency"], key="entry_tax")
    lines = _lines(order)
    gross = sum(line.quantity * line.unit_cost_minor for line in lines) + tax
    label = plain(_("Enter the bill of {money}").format(money=fmt.money(gross, order["currency"])))
    ready = bool((theirs or "").strip()) and bool(lines)
    if st.button(label, type="primary", icon=":material/check:", key="entry_save", disabled=not ready):
        _save(order, str(theirs), issued if isinstance(issued, date) else place.today, lines, tax)


def _lines(order: Mapping[str, Any]) -> list[BilledLine]:
    """Draw the order's lines with what arrived as the units, and return those that are billed."""
    names = (_("SKU"), _("Product"), _("Units"), _("Cost of one"))
    frame = pd.DataFrame(
        [
            (
                line["sku"], fmt.product(line["title"]), line["received_qty"],
                str(to_decimal(line["unit_cost_minor"], order["currency"])),
            )
            for line in order["lines"]
        ],
        columns=list(names),
    )  # fmt: skip
    edited = st.data_editor(
        frame, hide_index=True, disabled=list(names[:2]), key=f"entry_lines_{order['id']}",
        column_config={
            names[2]: st.column_config.NumberColumn(min_value=0, step=1, width=90),
            names[3]: st.column_config.TextColumn(f"{names[3]}, {order['currency']}", width=130),
        },
        alt=_("Lines of the bill; units and cost can be filled in"),
    )  # fmt: skip
    return billed(order["lines"], edited[names[2]].tolist(), edited[names[3]].tolist(), order["currency"])


def billed(
    lines: Sequence[Mapping[str, Any]], units: Sequence[Any], costs: Sequence[Any], currency: str
) -> list[BilledLine]:
    """Return the billed lines of a form, those without units left out; pure.

    Raises
    ------
    InvalidInput
        A cost that is no amount of the currency.
    """
    return [
        BilledLine(line["id"], int(n), csv_reading.amount(str(cost or "0"), currency))
        for line, n, cost in zip(lines, units, costs, strict=True)
        if not pd.isna(n) and int(n) > 0
    ]


def _save(order: Mapping[str, Any], theirs: str, issued: date, lines: list[BilledLine], tax: int) -> None:
    from oms_core.finance.commands import enter_supplier_invoice

    made = actions.run(
        lambda s: enter_supplier_invoice(
            s, purchase_order_id=order["id"], supplier_number=theirs, issued_on=issued, lines=lines, tax_minor=tax,
            actor=actions.ACTOR,
        ).number,
        done=_("The bill {number} is entered").format(number=theirs),
    )  # fmt: skip
    if made is not None:
        links.close_detail(ORDER)
        links.open_detail(BILL, made)
        st.rerun()
