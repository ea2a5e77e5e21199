"""What to offer to the members of a segment, from what is in stock; and whether it beats what is simpler."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from analytics import frames
from app.format import product
from app.jobs import segments
from oms_core.marketing.learnt_offers import Learnt, keep, learnt
from segmentation.messages.fields import Offer
from segmentation.offers import scoring, trial

if TYPE_CHECKING:
    from app.jobs.segments import Evaluation
    from app.workspace import Workspace

#: Days of what a segment bought that its bestsellers are told from.
BESTSELLER_DAYS = 90
#: Days for which weights learnt at night are taken; after them they are learnt anew when asked for.
FRESH_DAYS = 7
#: Products an offer is judged by.
JUDGED = 10
#: Why a product is offered that nothing is known to speak for: the segment buys it.
OF_SEGMENT = "segment"
#: By replica file: its replica, the day, and the taste learnt on it. Tastes do not turn within a day.
_known: dict[str, tuple[Any, date, scoring.Taste]] = {}


def taste(workspace: Workspace) -> scoring.Taste:
    """Return the shop's taste as of today, worked out once a day and weighed as was learnt at night, if it was."""
    replica, today = workspace.replica, segments.facts(workspace).today
    kept = _known.get(str(replica.path))
    if kept is not None and kept[0] is replica and kept[1] == today:
        return kept[2]
    lines, kept_weights = frames.customer_lines(replica), _weights(workspace, today)
    found = scoring.learn(lines, kept_weights) if kept_weights else trial.taste_of(lines)
    _known[str(replica.path)] = (replica, today, found)
    return found


def _weights(workspace: Workspace, today: date) -> scoring.Weights | None:
    night = learnt_at_night(workspace, today)
    return scoring.Weights(**night.weights) if night else None


def learnt_at_night(workspace: Workspace, today: date) -> Learnt | None:
    """Return what was learnt in one of the last nights, if anything was."""
    with workspace.reading() as session:
        night = learnt(session)
    return night if night is not None and 0 <= (today - night.on).days <= FRESH_DAYS else None


def learn(workspace: Workspace, *, judge: bool = True) -> Learnt:
    """Learn how offers are weighed, judge them on orders that came later, and keep both.

    Parameters
    ----------
    judge : bool
        Also judge them, which takes four times as long.

    Raises
    ------
    DataNotReady
        ``recommend.too_few``.
    """
    lines, today = frames.customer_lines(workspace.replica), segments.facts(workspace).today
    judged = trial.backtest(lines, count=JUDGED) if judge else {}
    until = {"learnt_until": judged["learnt_until"].isoformat()} if judged else {}
    found = Learnt(today, asdict(trial.taste_of(lines).weights), judged | until)
    with workspace.transaction() as session:
        keep(session, found)
    return found


def products(workspace: Workspace) -> pl.DataFrame:
    """Return what may be offered, ``sku, title, price_minor, currency``: active, and in stock where stock is kept.

    Titles are written as customers read them: in sentence case where the catalogue shouts.
    """
    found = frames.stock_positions(workspace.replica)
    kept = found.filter(pl.col("on_hand") != 0)
    offered = found if kept.is_empty() else kept.filter(pl.col("available") > 0)
    once = offered.select("sku", "title", "price_minor", "currency").unique("sku", keep="first", maintain_order=True)
    return once.with_columns(pl.col("title").map_elements(product, return_dtype=pl.String))


def recommended(workspace: Workspace, found: Evaluation, *, count: int, only: pl.Series | None = None) -> pl.DataFrame:
    """Return what members may want next, in the order of the members, best first.

    Columns: ``customer_id, number, rank, sku, title, price_minor, currency, why, in_band``.

    Members who never bought get what the segment buys most (``why`` is ``segment``), as far as there is anything.

    Parameters
    ----------
    only : polars.Series, optional
        Numbers of the members asked about.
    """
    best, offered = bestsellers(workspace, found, count=count), products(workspace)
    asked = found.members if only is None else found.members.filter(pl.col("number").is_in(only.implode()))
    people = asked.get_column("customer_id")
    offers = scoring.recommend(taste(workspace), people, count=count, among=offered.get_column("sku"))
    others = people.filter(~people.is_in(offers.get_column("customer_id").implode()))
    filled = others.to_frame("customer_id").join(best.select("rank", "sku"), how="cross").with_columns(
        pl.lit(OF_SEGMENT).alias("why"), pl.lit(None, pl.Boolean).alias("in_band")
    )  # fmt: skip
    both = pl.concat([offers, filled.select(offers.columns)])
    members = asked.select("customer_id", "number").with_row_index("place")
    named = both.join(members, on="customer_id").join(offered, on="sku")
    return named.sort("place", "rank").select(
        "customer_id", "number", "rank", "sku", "title", "price_minor", "currency", "why", "in_band"
    )


def bestsellers(workspace: Workspace, found: Evaluation, *, count: int) -> pl.DataFrame:
    """Return what a segment's members bought most lately, or everybody: ``rank, sku, title, buyers, share``."""
    lines, offered = frames.customer_lines(workspace.replica), products(workspace)
    may = lines.filter(pl.col("sku").is_in(offered.get_column("sku").implode()))
    people = found.members.get_column("customer_id")
    for wanted in (people, may.get_column("customer_id").unique()):
        best = scoring.bestsellers(may, wanted, days=BESTSELLER_DAYS, count=count)
        if best.height:
            break
    titles = best.join(offered.select("sku", "title"), on="sku", how="left", maintain_order="left")
    return titles.with_row_index("rank", offset=1).select(
        pl.col("rank").cast(pl.Int64), "sku", "title", "buyers", "share"
    )


def by_number(found: pl.DataFrame) -> dict[str, list[Offer]]:
    """Return offers by customer number, best first."""
    offers: dict[str, list[Offer]] = {}
    for row in found.iter_rows(named=True):
        one = Offer(row["sku"], row["title"], row["price_minor"] or None, row["currency"])
        offers.setdefault(row["number"], []).append(one)
    return offers


def judged(workspace: Workspace, *, count: int = JUDGED) -> dict[str, Any]:
    """Return how well offers foretell orders that came later, beside what is simpler (`trial.backtest`).

    Raises
    ------
    DataNotReady
        ``recommend.too_few``.
    """
    return trial.backtest(frames.customer_lines(workspace.replica), count=count)
