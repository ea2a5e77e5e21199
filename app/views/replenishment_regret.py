"""A pack less or more: what each quantity is expected to leave short and over, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from app import blocks, tables
from app import format as fmt
from app.i18n import N_, _
from forecasting.regret import regret_curve

if TYPE_CHECKING:
    from app.data import Place

#: Service a safety stock is held for, by its measure.
SERVICE = {
    "cycle": N_("Safety for a {share} chance not to run out"), "fill": N_("Safety for {share} of units from stock"),
}  # fmt: skip
#: How a quantity was rounded.
ROUNDED = {
    "nothing": N_("Not rounded"), "packs": N_("Rounding up to packs of {pack}"),
    "minimum": N_("Rounding up to the minimum of {moq}, packs of {pack}"),
}  # fmt: skip


def service(row: Mapping[str, Any]) -> str:
    """Say what the safety stock of a line is for; pure."""
    share = row["target"]
    return _(SERVICE[row["measure"]]).format(share=fmt.percent(share, 0 if round(share * 100, 6) % 1 == 0 else 1))


def rounding(row: Mapping[str, Any]) -> str:
    """Name the rounding of a line; pure."""
    return _(ROUNDED[row["rounding"]]).format(pack=fmt.count(row["pack_qty"] or 1), moq=fmt.count(row["moq_qty"] or 0))


def verdict(curve: list[dict[str, Any]], ordered: int, currency: str) -> str:
    """Say whether a pack less or more would be better, and by how much; pure."""
    best = min(curve, key=lambda point: point["cost_minor"])
    lost = next(point["regret_minor"] for point in curve if point["quantity"] == ordered)
    if not lost or best["quantity"] == ordered:
        return _("This quantity is expected to cost least")
    saved = fmt.money_short(int(lost), currency)
    return _("{n} would be expected to cost {money} less").format(n=fmt.count(best["quantity"]), money=saved)


def render(row: Mapping[str, Any], place: Place) -> None:
    """Draw the curve as a small table, with the verdict above it."""
    curve = regret_curve(row)
    blocks.section(_("A pack less or more?"), verdict(curve, int(row["order_qty"]), place.currency), small=True)
    frame = pl.DataFrame(curve).with_columns(tables.major(pl.col("regret_minor"), place.currency).alias("regret"))
    columns = {
        "quantity": tables.count(_("Order"), 80),
        "short": tables.number(
            _("Expected short"), 120, help=_("Units asked for and not there before the cover ends.")
        ),
        "left": tables.number(_("Expected left"), 120, help=_("Units still there when the cover ends.")),
        "regret": tables.money(
            _("Regret"), place.currency, 120,
            help=_("Margin lost and holding cost (25% a year), above the best of the three."),
        ),
    }  # fmt: skip
    alt = verdict(curve, int(row["order_qty"]), place.currency)
    blocks.table(frame, columns, key=f"receipt_regret_{row['sku']}", alt=alt)
