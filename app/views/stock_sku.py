"""One SKU: where it lies, in which state, and the movements that explain the number on hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from app import blocks, data, links, tables
from app import format as fmt
from app.filters import quoted
from app.i18n import N_, _, ngettext
from app.tiles import Behind, Tile
from oms_core.kernel.errors import NotFound

if TYPE_CHECKING:
    from app.data import Place

STATES = ("on_hand", "available", "committed", "reserved", "damaged", "safety_stock", "quality_control")
STATE_WORDS = {
    "on_hand": N_("On hand"), "available": N_("Available"), "committed": N_("Promised"), "reserved": N_("Reserved"),
    "damaged": N_("Damaged"), "safety_stock": N_("Safety stock"), "quality_control": N_("Quality control"),
}  # fmt: skip
KINDS = {
    "opening": N_("Opening balance"), "received": N_("Received from a supplier"), "shipped": N_("Shipped to customers"),
    "returned": N_("Returned by a customer"), "adjusted": N_("Counted or adjusted"),
    "transferred_out": N_("Sent to another location"), "transferred_in": N_("Arrived from another location"),
    "allocated": N_("Promised"), "released": N_("Promise released"), "state_changed": N_("State changed"),
}  # fmt: skip
MOST_MOVES = 200


def render(sku: str, place: Place) -> None:
    """Draw one SKU; an unknown one is refused with near matches."""
    st.button(_("All stock"), icon=":material/arrow_back:", type="tertiary", key="sku_back", on_click=_back)
    stock = data.rows("stock_list", **data.moment())
    found = stock.filter(pl.col("sku") == sku)
    if found.is_empty():
        raise NotFound("SKU", sku, stock["sku"].to_list())
    row = found.row(0, named=True)
    levels, ledger = data.rows("stock_levels", sku=sku), data.rows("stock_ledger", sku=sku)
    sold = _("Sells {n} a day over the last 28 days").format(n=fmt.number(row["a_day"], 1))
    blocks.section(
        f"{row['sku']} · {fmt.product(row['title'])}",
        " · ".join(p for p in (row["category"], row["supplier"], sold) if p),
    )
    blocks.kpi_row(_tiles(levels, row["incoming"], sku))
    left, right = st.columns([1.25, 1], gap="medium")
    with left:
        blocks.section(
            _("Why is on hand {n}?").format(n=fmt.count(row["on_hand"])),
            _("Every movement that changed it, newest first; the balance adds up from the first one"),
        )
        _ledger(ledger, place)
    with right:
        blocks.section(_("Where does it lie?"), _("Every state at every location"))
        _levels(levels)


def _back() -> None:
    links.close_detail("sku")


def _tiles(levels: pl.DataFrame, incoming: int, sku: str) -> list[Tile]:
    total = {state: int(levels[state].sum() or 0) for state in STATES}
    places = ngettext("at {n} location", "at {n} locations", levels.height).format(n=fmt.count(levels.height))
    other = sum(total[s] for s in STATES[3:])
    return [
        Tile(
            _("On hand"), fmt.count(total["on_hand"]), places,
            behind=Behind("forecast", _("What will sell"), {"forecast_sku": sku}),
        ),
        Tile(
            _("Available"), fmt.count(total["available"]), _("can be promised"),
            behind=Behind("replenishment", _("What to order"), {"line": sku, "replenishment_view": "all"}),
        ),
        Tile(
            _("Promised"), fmt.count(total["committed"]), _("to orders not shipped"),
            behind=Behind("orders", _("Open orders"), {"view": "open", "q": f"sku = {quoted(sku)}"}),
        ),
        Tile(_("Set aside"), fmt.count(other), _("reserved, damaged, safety, inspection")),
        Tile(
            _("On order"), fmt.count(incoming), _("from suppliers"),
            behind=Behind("purchase_orders", _("Purchase orders"), {"po_view": "open"}),
        ),
    ]  # fmt: skip


def _levels(levels: pl.DataFrame) -> None:
    shown = ["location", *(s for s in STATES if s == "on_hand" or int(levels[s].sum() or 0))]
    columns = {s: tables.count(_(STATE_WORDS[s]), 86) for s in shown if s != "location"}
    blocks.table(
        levels.select(shown), {"location": tables.text(_("Location"), 130), **columns}, key="sku_levels",
        alt=_("Stock by location and state"), phone=("location", "on_hand", "available", "committed"),
    )  # fmt: skip


def _ledger(ledger: pl.DataFrame, place: Place) -> None:
    if ledger.is_empty():
        blocks.empty_line("no_data", _("No movement yet"), _("The ledger of this SKU is empty."))
        return
    words = {code: _(word) for code, word in KINDS.items()}
    when = [fmt.moment(at, place.zone) for at in ledger.head(MOST_MOVES)["moved_at"]]
    shown = ledger.head(MOST_MOVES).select(
        pl.Series("when", when),
        pl.col("kind").replace(words).alias("what"),
        "location",
        "change",
        pl.col("balance").cast(pl.Int64),
        pl.when("is_simulated").then(pl.lit(_("simulated"))).otherwise(pl.col("reason")).alias("reason"),
    )
    blocks.table(
        shown,
        {
            "when": tables.text(_("When"), 140),
            "what": tables.text(_("What"), 190),
            "location": tables.text(_("Location"), 110),
            "change": tables.count(_("Change"), 78),
            "balance": tables.count(_("Balance"), 84),
            "reason": tables.text(_("Reason")),
        },
        key="sku_ledger",
        alt=_("Movements of the SKU"),
        phone=("what", "change", "balance"),
    )
    if ledger.height > MOST_MOVES:
        st.caption(_("{n} of {all} movements").format(n=fmt.count(MOST_MOVES), all=fmt.count(ledger.height)))
