"""What a supplier asks for larger quantities of an article: written as one small table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import acting, blocks, desk, tables
from app import format as fmt
from app.exports import Sheet
from app.i18n import _, ngettext
from app.views import edited
from app.views.sku_search import sku_choice
from oms_core.kernel.money import exponent, to_decimal, to_minor
from oms_core.purchasing import terms

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: Pixels of the search for a product.
SEARCH_WIDTH = 520
Break = Mapping[str, Any]


def render() -> Sheet | None:
    """Draw the editor of one article, and every price break there is."""
    found = desk.read(terms.price_breaks)
    blocks.section(
        _("What do more units cost?"),
        _("From so many units on the price holds for every unit of the line; suggestions weigh it against the stock."),
    )
    with st.container(width=SEARCH_WIDTH):
        chosen = sku_choice(key="breaks", label=_("Product whose prices you want to see or set"))
        if chosen is not None:
            with blocks.guard("breaks_of"):
                _of(chosen)
    if not found:
        if chosen is None:
            blocks.empty_line("no_data", _("No price break yet"), _("Search for a product to write its first one."))
        return None
    rows = frame(found)
    answer = ngettext("{n} price break", "{n} price breaks", len(found)).format(n=fmt.count(len(found)))
    blocks.section(_("Which price breaks are there?"), answer)
    columns = {
        "supplier": tables.text(_("Supplier"), 160), "sku": tables.text(_("SKU"), 120),
        "from_qty": tables.count(_("From units"), 110), "unit_cost": tables.number(_("Price of a unit"), 140),
        "currency": tables.text(_("Currency"), 100),
    }  # fmt: skip
    blocks.table(rows, columns, key="breaks_table", alt=answer)
    return Sheet("price_breaks", rows)


def frame(found: Sequence[Break]) -> pl.DataFrame:
    """Turn price breaks into rows; pure."""
    return pl.DataFrame(
        [
            {
                "supplier": one["supplier"], "sku": one["sku"], "from_qty": one["from_qty"],
                "unit_cost": float(to_decimal(one["unit_cost_minor"], one["currency"])), "currency": one["currency"],
            }
            for one in found
        ]
    )  # fmt: skip


def faulty(written: Sequence[Mapping[str, Any]]) -> str:
    """Return what keeps the table from being saved, in a sentence; empty when nothing does; pure."""
    if any((row.get("from_qty") is None) != (row.get("unit_cost") is None) for row in written):
        return _("A row needs both the units and the price: fill in the other, or take the row out.")
    units = [row["from_qty"] for row in written if row.get("from_qty") is not None]
    twice = sorted({n for n in units if units.count(n) > 1})
    if twice:
        return _("Two rows begin at {n} units: one price holds from there on.").format(n=fmt.count(twice[0]))
    return ""


def wanted(written: Sequence[Mapping[str, Any]], currency: str) -> dict[int, int]:
    """Return the price breaks of a table without faults, minor units by quantity; empty rows are none; pure."""
    digits = exponent(currency)
    return {
        int(row["from_qty"]): to_minor(Decimal(f"{row['unit_cost']:.{digits}f}"), currency)
        for row in written
        if row.get("from_qty") is not None
    }


def _of(chosen: Mapping[str, Any]) -> None:
    """Draw the price breaks of a product at one of its suppliers, to be edited."""
    sold = desk.read(lambda s: terms.articles(s, variant_id=int(chosen["id"])))
    if not sold:
        st.caption(_("No supplier sells this product; enter one on the page Setup."))
        return
    item = st.selectbox(
        _("Supplier"), sold, key="breaks_supplier",
        format_func=lambda one: _("{name}, usual price {money}").format(
            name=one["name"], money=fmt.money(one["unit_cost_minor"], one["currency"])
        ),
    )  # fmt: skip
    currency, sku = item["currency"], str(chosen["sku"])
    now = desk.read(lambda s: terms.price_breaks(s, supplier=item["supplier"], sku=sku))
    before = {one["from_qty"]: one["unit_cost_minor"] for one in now}
    digits = exponent(currency)
    rows = pl.DataFrame(
        {"from_qty": list(before), "unit_cost": [float(to_decimal(cost, currency)) for cost in before.values()]},
        schema={"from_qty": pl.Int64, "unit_cost": pl.Float64},
    )
    written: Any = st.data_editor(
        rows, num_rows="dynamic", hide_index=True, key=f"breaks_of_{item['supplier']}_{sku}_{edited.turn('breaks')}",
        column_config={
            "from_qty": st.column_config.NumberColumn(_("From units"), min_value=2, step=1, width=160),
            "unit_cost": st.column_config.NumberColumn(
                _("Price of a unit, {currency}").format(currency=currency), min_value=float(10**-digits),
                step=float(10**-digits), format=f"%.{digits}f", width=200,
            ),
        },
    )  # fmt: skip
    table = written.to_dicts()
    fault = faulty(table)
    if fault:
        st.warning(fault)
    after = before if fault else wanted(table, currency)
    edited.save(
        _("Save the prices"), lambda s: _write(s, item["supplier"], sku, after), _("The prices are kept"),
        table="breaks", may=after != before,
    )  # fmt: skip


def _write(session: Session, supplier: str, sku: str, breaks: Mapping[int, int]) -> bool:
    terms.set_price_breaks(session, supplier=supplier, sku=sku, breaks=breaks, actor=acting.name())
    return True
