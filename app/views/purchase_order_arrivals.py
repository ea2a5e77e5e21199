"""What came with an order: deliveries that differed, costs of bringing it in, mail that went out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from app import blocks
from app import format as fmt
from app.i18n import N_, _
from app.views.purchase_order_mails import mails

if TYPE_CHECKING:
    from app.data import Place

KINDS = {"over": N_("beyond the order"), "short": N_("missing"), "damaged": N_("broken")}
COSTS = {
    "freight": N_("Freight"), "duty": N_("Duty"), "insurance": N_("Insurance"),
    "price_difference": N_("Price difference"), "other": N_("Other"),
}  # fmt: skip


def render(order: Mapping[str, Any], place: Place) -> None:
    """Draw each of the three where there is something to say."""
    _differences(order)
    _landed(order)
    mails(order, place)


def _differences(order: Mapping[str, Any]) -> None:
    if not order["discrepancies"]:
        return
    blocks.section(_("What differed in the deliveries?"), small=True)
    for row in order["discrepancies"]:
        said = _("{n} {kind}").format(n=fmt.count(row["quantity"]), kind=_(KINDS[row["kind"]]))
        st.markdown(f"**{row['sku']}** {said} :small[:gray[{row['receipt']} · {row['reason']}]]".replace("$", "\\$"))


def _landed(order: Mapping[str, Any]) -> None:
    landed = order["landed"]
    if not landed["costs"]:
        return
    goods = sum(line["received_qty"] * line["unit_cost_minor"] for line in order["lines"])
    share = fmt.percent(landed["total_minor"] / goods) if goods else _("–")
    total = fmt.money(landed["total_minor"], order["currency"])
    blocks.section(
        _("What did it cost to bring it in?"),
        _("{money} beside the goods, {share} of what came").format(money=total, share=share).replace("$", "\\$"),
        small=True,
    )
    blocks.facts(
        {
            f"{cost['number']} · {_(COSTS.get(cost['kind'], cost['kind'].capitalize()))}": fmt.money(
                cost["amount_minor"], cost["currency"]
            )
            for cost in landed["costs"]
        }
    )
    if landed["without_rate"]:
        st.caption(_("Without a rate and in no sum: {numbers}").format(numbers=", ".join(landed["without_rate"])))
