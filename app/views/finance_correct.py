"""Correct an invoice by hand: new units and amounts of its lines, or another buyer, with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app import actions, csv_reading, data, links
from app.i18n import _
from oms_core.finance.commands import Buyer, NewValue
from oms_core.kernel.money import to_decimal


def render(invoice: Mapping[str, Any]) -> None:
    """Draw what the lines say now, to be changed; nothing is written before the button."""
    lines, currency = invoice["now"], invoice["currency"]
    names = (_("Line"), _("Product"), _("Units"), _("Net"), _("Tax"))
    frame = pd.DataFrame(
        [
            (
                line.position, f"{line.sku} {line.title}".strip(), line.quantity,
                str(to_decimal(line.net_minor, currency)), str(to_decimal(line.tax_minor, currency)),
            )
            for line in lines
        ],
        columns=list(names),
    )  # fmt: skip
    edited = st.data_editor(
        frame, hide_index=True, disabled=list(names[:2]), key=f"correct_lines_{len(invoice['corrections'])}",
        column_config={
            names[0]: st.column_config.NumberColumn(width=50),
            names[2]: st.column_config.NumberColumn(min_value=0, step=1, width=70),
            names[3]: st.column_config.TextColumn(f"{names[3]}, {currency}", width=110),
            names[4]: st.column_config.TextColumn(f"{names[4]}, {currency}", width=110),
        },
        alt=_("Lines of the invoice as they are now; units, net and tax can be changed"),
    )  # fmt: skip
    values = changed(lines, [edited[name].tolist() for name in names[2:]], currency)
    left, right = st.columns(2)
    name = left.text_input(_("Another buyer"), key="correct_buyer", max_chars=200)
    tax_id = right.text_input(_("Tax number"), key="correct_tax_id")
    reason = st.text_input(_("Reason of the correction"), key="correct_reason", max_chars=200)
    buyer = Buyer(name=name or "", tax_id=tax_id or "") if name or tax_id else None
    ready = bool((reason or "").strip()) and bool(values or buyer)
    if st.button(
        _("Issue the correction"), type="primary", icon=":material/check:", key="correct_issue", disabled=not ready,
        help=None if ready else _("Change a line or the buyer, and say why"),
    ):  # fmt: skip
        _correct(invoice, values, buyer, str(reason))


def changed(lines: Sequence[Any], columns: Sequence[Sequence[Any]], currency: str) -> dict[int, NewValue]:
    """Return the lines whose units, net or tax were changed, by position; pure.

    Raises
    ------
    InvalidInput
        An amount that is none of the currency.
    """
    found = {}
    for line, units, net, tax in zip(lines, *columns, strict=True):
        value = NewValue(
            0 if pd.isna(units) else int(units), csv_reading.amount(str(net or "0"), currency),
            csv_reading.amount(str(tax or "0"), currency),
        )  # fmt: skip
        if value != NewValue(line.quantity, line.net_minor, line.tax_minor):
            found[line.position] = value
    return found


def _correct(invoice: Mapping[str, Any], values: Mapping[int, NewValue], buyer: Buyer | None, reason: str) -> None:
    from oms_core.finance.commands import correct_invoice

    made = actions.run(
        lambda s: (
            correct_invoice(
                s, data.shop(), invoice_id=invoice["id"], lines=values, buyer=buyer, reason=reason, actor=actions.ACTOR
            ).number
        ),
        done=_("Invoice {number} is corrected").format(number=invoice["corrects"] or invoice["number"]),
    )
    if made is not None:
        links.open_detail("invoice", made)
        st.rerun()
