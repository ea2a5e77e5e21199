"""Products: which grow, where, and why? Any number of the registry by product and by place, and what is behind one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from analytics.metrics import METRICS, SECTIONS, Metric, metric, splits
from app import address, blocks, data, exports, filters
from app import format as fmt
from app.i18n import _
from app.tiles import Tile, of_metric
from app.views import product_matrix, product_why
from app.views.product_choice import COLUMNS, ROWS, Choice, Facts, ranked

if TYPE_CHECKING:
    from app.data import Place
    from app.filters import Filters

DEFAULT = "gross_sales"
TILES = ("gross_sales", "units", "price_per_unit", "skus_sold")
QUERIES = ("titles", "product_lines")


def choices() -> Mapping[str, Metric]:
    """Return the metrics that know products and places, in the registry's order."""
    needed = {"sku", "category", "country", "channel", "region", "month"}
    listed = (m for section in SECTIONS.values() for m in section)
    return {m.slug: m for m in listed if needed <= set(splits(m.slug)) and m in METRICS}


@dataclass(frozen=True, slots=True)
class ProductsView:
    """Everything above the explanation."""

    tiles: Sequence[Tile]
    matrix: product_matrix.Matrix
    answer: str


def choose() -> Choice:
    """Draw the three choices and return them with the row the address names."""
    known = choices()
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        with address.bound("products_metric", DEFAULT, known):
            slug = st.selectbox(
                _("Metric"), list(known), format_func=lambda s: _(known[s].label), key="products_metric", width=260
            )
        with address.bound("products_rows", "sku", ROWS):
            rows = st.segmented_control(
                _("By"), list(ROWS), required=True, format_func=lambda c: _(ROWS[c]), key="products_rows"
            )
        with address.bound("products_columns", "country_channel", COLUMNS):
            columns = st.segmented_control(
                _("Across"), list(COLUMNS), required=True, format_func=lambda c: _(COLUMNS[c]), key="products_columns"
            )
    return Choice(slug or DEFAULT, rows or "sku", columns or "country_channel", address.read("products_item", None))


def load(chosen: Filters, choice: Choice) -> Facts:
    """Ask for the ranking, its columns and the cells of the largest rows."""
    wanted = (choice.slug,)
    items = data.ask_filtered(wanted, chosen, by=(choice.rows,)).filter(pl.col(choice.rows).is_not_null())
    top = ranked(items, choice)[choice.rows].to_list()
    also = f"{choice.rows} IN ({', '.join(filters.quoted(v) for v in top)})" if top else None
    titles = data.rows("titles")
    return Facts(
        totals=data.ask_filtered((*TILES, *wanted), chosen),
        items=items,
        columns=data.ask_filtered(wanted, chosen, by=choice.dims),
        cells=data.ask_filtered(wanted, chosen, by=(choice.rows, *choice.dims), also=also),
        titles=dict(zip(titles["sku"].to_list(), titles["title"].to_list(), strict=True))
        if choice.rows == "sku"
        else {},
    )


def build(facts: Facts, chosen: Filters, choice: Choice, place: Place) -> ProductsView:
    """Turn answers into tiles and the matrix; pure."""
    now = facts.totals.row(0, named=True)
    tiles = [
        of_metric(metric(s), now[s], now.get(f"{s}_previous"), currency=place.currency, against=chosen.against())
        for s in dict.fromkeys((choice.slug, *TILES))
    ][:4]
    matrix = product_matrix.build(facts, choice, place)
    return ProductsView(tiles, matrix, answer(facts, choice))


def answer(facts: Facts, choice: Choice) -> str:
    """Return the sentence above the matrix."""
    top, measure = ranked(facts.items, choice), metric(choice.slug)
    if top.is_empty():
        return _("Nothing was sold in this period")
    words = _("{metric}, the {n} largest of {all}.").format(
        metric=_(measure.label), n=fmt.count(top.height), all=fmt.count(facts.items.height)
    )
    if f"{choice.slug}_change" in facts.items.columns:
        words += " " + _("Blue grew, orange fell, the stronger the more; no colour where both periods are small.")
    return words + " " + _("A click on a row explains it.")


def render(view: ProductsView, choice: Choice) -> str | None:
    """Draw tiles and matrix; return the row to explain: clicked now, or named by the address, or the first."""
    blocks.kpi_row(view.tiles)
    blocks.section(
        _("Where does each product grow?") if choice.rows == "sku" else _("Where does each grow?"), view.answer
    )
    names = [row.key for row in view.matrix.rows]
    if not names:
        blocks.empty_line("filters", _("No product sold."), _("Widen the period or reset the filters."))
        return None
    picked = product_matrix.render(view.matrix)
    if picked is not None:
        st.query_params["products_item"] = names[picked]
        return names[picked]
    return choice.item if choice.item in names else names[0]


def sheet(facts: Facts, choice: Choice, chosen: Filters, place: Place) -> exports.Sheet:
    """Return the export: every row and column of the matrix in long form, typed, money as decimals."""
    measure = metric(choice.slug)
    frame = facts.cells
    numbers = [c for c in frame.columns if c in (choice.slug, f"{choice.slug}_previous")]
    if measure.unit == "money":
        frame = frame.with_columns((pl.col(numbers) / 100).round(2)).rename(
            {c: f"{c}_{place.currency.lower()}" for c in numbers}
        )
    if facts.titles:
        frame = frame.insert_column(1, pl.Series("title", [facts.titles.get(s, "") for s in frame["sku"].to_list()]))
    asked = {"Filter": chosen.where() or "none", "From": f"{chosen.since}", "Until (not included)": f"{chosen.until}"}
    fresh = {"Data as of": fmt.moment(data.refreshed_at(), place.zone)}
    return exports.Sheet(f"products_{choice.slug}", frame, {choice.slug: measure.help}, {**asked, **fresh})


def explain(item: str, chosen: Filters, choice: Choice, facts: Facts) -> None:
    """Draw what is behind one row: why it changed, its channels, what it is bought with, its order lines."""
    title: Any = fmt.product(facts.titles.get(item) or "") or item
    product_why.render(item, title, chosen, choice)
