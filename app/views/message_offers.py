"""What members of a segment would be offered, what their segment buys, and whether offers beat what is simpler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from app import blocks, data, letters, links, tables
from app import format as fmt
from app.i18n import N_, _
from oms_core.kernel.errors import DataNotReady

WHYS = {
    "again": (N_("Buys it again"), "blue"), "together": (N_("Goes with what they bought"), "green"),
    "popular": (N_("Sells now"), "gray"), "segment": (N_("The segment buys it"), "violet"),
}  # fmt: skip
WAYS = {
    "offers": N_("These offers"), "together": N_("What goes together"), "rebuy": N_("What they bought most often"),
    "bestsellers": N_("What sells now"),
}  # fmt: skip
MOST_ROWS, OFFERED = 60, 3


def rows(found: pl.DataFrame, currency: str) -> pl.DataFrame:
    """Return offers as rows of a table; pure."""
    words = {code: _(word) for code, (word, _colour) in WHYS.items()}
    return found.head(MOST_ROWS).select(
        "number", "rank", tables.product(pl.col("title")), tables.major(pl.col("price_minor"), currency).alias("price"),
        tables.badges(pl.col("why"), words).alias("why"), "in_band",
    )  # fmt: skip


def judgement(found: Mapping[str, Any]) -> tuple[str, pl.DataFrame]:
    """Return how the ways compare, in a sentence and as rows; pure."""
    beats = found["beats"]
    said = _("Of {n} next orders: {gain} more of what was in them than {way}; 95% sure it is {low} to {high}").format(
        n=fmt.count(found["customers"]), gain=fmt.points(beats["gain"]), way=_(WAYS[beats["way"]]).lower(),
        low=fmt.points(beats["low"]), high=fmt.points(beats["high"]),
    )  # fmt: skip
    ways = [(_(WAYS[one["way"]]), one["recall"] * 100, one["hit_rate"] * 100) for one in found["ways"]]
    return said, pl.DataFrame(ways, schema={"way": pl.String, "recall": pl.Float64, "hit": pl.Float64}, orient="row")


def render(segment: str) -> None:
    """Draw offers, bestsellers of the segment, and the judgement on orders not seen."""
    place = data.place()
    left, right = st.columns([1.7, 1], gap="medium")
    with left, blocks.guard("offers"):
        blocks.section(
            _("What would they be offered?"), _("From what is in stock, at prices they pay; largest buyers first")
        )
        found = letters.offered(segment, OFFERED, MOST_ROWS // OFFERED)
        if found.is_empty():
            blocks.empty_line("filters", _("Nothing to offer"), _("Nobody is in the segment, or nothing is in stock."))
        else:
            _offers(found, place.currency)
    with right, blocks.guard("bestsellers"):
        blocks.section(_("What does the segment buy?"), _("Share of its buyers of the last 90 days"))
        best = letters.bestsellers(segment, 10)
        if best.is_empty():
            blocks.empty_line("filters", _("Nothing bought lately"), _("No member ordered in the last 90 days."))
        else:
            blocks.table(
                best.select(tables.product(pl.col("title")), (pl.col("share") * 100).alias("share")),
                {"title": tables.text(_("Product"), 210), "share": tables.progress(_("Bought by"))},
                key="messages_best", alt=_("What the segment buys"),
            )  # fmt: skip
    _judged()


def _offers(found: pl.DataFrame, currency: str) -> None:
    shown = rows(found, currency)
    colours = {_(word): colour for word, colour in WHYS.values()}
    picked = blocks.table(
        shown,
        {
            "number": tables.text(_("Customer"), 96), "rank": tables.count(_("Rank"), 60),
            "title": tables.text(_("Product"), 230), "price": tables.money(_("Price"), currency, 100),
            "why": tables.badge(_("Why"), colours, 180), "in_band": st.column_config.CheckboxColumn(_("Price fits")),
        },
        key="messages_offers", alt=_("Offers by customer"), open_on_click=True,
    )  # fmt: skip
    for position in picked:
        links.go("customers", customer=str(shown["number"][position]))


def _judged() -> None:
    blocks.section(
        _("Do these offers foretell what people buy?"),
        _("Learnt up to a day, judged on everybody's next order after it; ten products each"),
    )
    night = letters.judged_at_night()
    if night is None and not st.session_state.get("offers_judged"):
        st.button(
            _("Judge them now"), icon=":material/balance:", key="offers_judge",
            on_click=st.session_state.__setitem__, args=("offers_judged", True),
        )  # fmt: skip
        return
    try:
        said, ways = judgement(night or letters.judged())
    except DataNotReady:
        blocks.empty_line("no_data", _("Too few orders"), _("30 customers have to order again before this is judged."))
        return
    st.caption(said)
    blocks.table(
        ways,
        {
            "way": tables.text(_("Way"), 230), "recall": tables.progress(_("Of the next order found"), 190),
            "hit": tables.progress(_("Orders with at least one"), 190),
        },
        key="offers_ways", alt=said,
    )  # fmt: skip
