"""Segments of the shop: evaluate, list, save. Called by the command line, the API and the dashboard."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from analytics import frames
from app.jobs.clv import HORIZON_DAYS
from oms_core.kernel import clock
from oms_core.kernel.errors import InvalidInput
from oms_core.kernel.expressions import Name, Offset, as_text, conditions, resolve
from oms_core.kernel.money import exponent
from oms_core.marketing import commands, queries, snapshot_queries
from segmentation.attributes import ENTRIES
from segmentation.facts import MORE_SCORES, Facts, gather
from segmentation.library import Library, Segment, asked_segments, builtin, in_words, plain_name, understand
from segmentation.membership import Membership, overlaps
from segmentation.membership import evaluate as members_of
from segmentation.membership import overlap as overlap_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.workspace import Workspace

#: What "the last twelve months" begins with: days after this one.
YEAR_AGO = Offset(-12, "m")
#: Longest time after a message in which orders can still be said to come of it.
MOST_WINDOW_DAYS = 180


@dataclass(frozen=True)
class Evaluation:
    """A segment with its members and what they are worth.

    Attributes
    ----------
    text : str
        Canonical expression.
    sentence : dict of str to str
        The definition in words, by language.
    members : polars.DataFrame
        `Facts.customers` of the members, largest spend first.
    reachable : dict of str to int
        By purpose.
    customers : int
        All customers of the shop.
    spent_12m_minor, expected_90d_minor : int or None
        Ordered value of the last 12 months, and the stored forecast of the next 90 days (None without
        scores), in minor units of the shop's currency.
    """

    segment: Segment
    text: str
    sentence: dict[str, str]
    members: pl.DataFrame
    reachable: dict[str, int]
    customers: int
    currency: str
    spent_12m_minor: int
    expected_90d_minor: int | None
    membership: Membership

    @property
    def count(self) -> int:
        """Number of members."""
        return self.members.height


#: By replica file: the replica (a reopened one is another), its state, the day, and what was gathered.
_known: dict[str, tuple[Any, str, Any, Facts]] = {}


def facts(workspace: Workspace) -> Facts:
    """Return the shop's customers of today; kept until the replica moves or the day ends."""
    replica, shop = workspace.replica, workspace.shop
    today = clock.business_date(clock.now(), shop.zone)
    key, mark = str(replica.path), replica.reached
    kept = _known.get(key)
    if kept is not None and kept[0] is replica and kept[1:3] == (mark, today):
        return kept[3]
    gathered = gather(
        frames.customer_facts(replica),
        frames.customer_orders(replica),
        lambda: frames.customer_lines(replica),
        today=today,
        currency=shop.currency,
        zone=shop.zone,
        country=shop.country,
        scores=_scores(workspace),
        extras=frames.customer_extras(replica, resolve(YEAR_AGO, today)),
        credits=frames.customer_credits(replica),
    )
    gathered = _clustered(workspace, gathered)
    _known[key] = (replica, mark, today, gathered)
    return gathered


#: Types of the score columns that may hold nothing but NULL.
_NULLABLE = {"expected_value_12m": pl.Float64, "p_active_30d": pl.Float64, "next_order_on": pl.Date}


def _clustered(workspace: Workspace, gathered: Facts) -> Facts:
    """Add the kept clusters, if any."""
    with workspace.reading() as session:
        kept = snapshot_queries.current_model(session, "clusters")
    if kept is None:
        return gathered
    from segmentation.clusters import Clusters

    found = Clusters.read(kept["body"]).assign(gathered.customers, gathered.today)
    return replace(gathered, customers=gathered.customers.with_columns(found))


def forget(workspace: Workspace) -> None:
    """Gather the facts anew at the next question: something beside the replica changed (scores, clusters)."""
    _known.pop(str(workspace.replica.path), None)


def _scores(workspace: Workspace) -> pl.DataFrame | None:
    """Return the stored scores as segments ask them: money in minor units."""
    with workspace.reading() as session:
        rows = queries.scores(session)
    if not rows or rows[0]["horizon_days"] != HORIZON_DAYS:
        return None
    units = 10 ** exponent(workspace.shop.currency)
    stored = pl.DataFrame(rows, schema_overrides=_NULLABLE)
    # scores of an older run know nothing of these: then nobody may be told "no member"
    more = [name for name in MORE_SCORES if name in stored.columns and stored.get_column(name).is_not_null().any()]
    return stored.select(
        *more,
        "customer_id",
        "p_alive",
        pl.col("p_active").alias("p_active_90d"),
        pl.col("expected_orders").alias("expected_orders_90d"),
        (pl.col("expected_value") * units).round().cast(pl.Int64).alias("expected_value_90d"),
        (pl.col("expected_value_12m") * units).round().cast(pl.Int64).alias("clv_12m"),
    )


def library(workspace: Workspace) -> Library:
    """Return the segments that ship and those saved in the shop."""
    with workspace.reading() as session:
        rows = queries.segments(session)
        lists = {r["name"]: snapshot_queries.open_stays(session, r["name"]) for r in rows if r["is_list"]}
    saved = tuple(
        Segment(
            r["name"],
            r["expression"],
            descriptions={"en": r["description"], "pl": r["description"]},
            version=r["version"],
            ids=pl.Series("customer_id", lists[r["name"]], pl.Int64) if r["is_list"] else None,
        )
        for r in rows
    )
    return Library(shipped(workspace), saved)


def shipped(workspace: Workspace) -> tuple[Segment, ...]:
    """Return the segments that ship, with the shop's currency and country filled in."""
    return builtin(workspace.shop.currency, workspace.shop.country)


def can_ask(segment: Segment, known: Facts, shelf: Library) -> bool:
    """Tell whether what a segment speaks of is there: predictions and clusters are stored by jobs of their own."""
    if segment.ids is not None:
        return True
    tree = segment.tree()
    subjects = [c.subject for c in conditions(tree)]
    needed = {ENTRIES[s.name].needs for s in subjects if isinstance(s, Name)}
    inner = [shelf.find(name) for name in asked_segments(tree)]
    return needed <= {"", *known.customers.columns} and all(can_ask(s, known, shelf) for s in inner)


def evaluate(workspace: Workspace, text: str) -> Evaluation:
    """Return the members of a segment given by name or expression.

    Raises
    ------
    ExpressionFault, NotFound, DataNotReady
        Broken expression, unknown name, predicted attribute without stored scores.
    """
    known, shelf = facts(workspace), library(workspace)
    found = members_of(shelf.resolve(text), known, shelf)
    return _worth(found, known)


def overlap(workspace: Workspace, evaluation: Evaluation) -> pl.DataFrame:
    """Return ``name, members, share`` of every other segment that holds members of this one."""
    shelf = library(workspace)
    known = facts(workspace)
    return overlap_of(evaluation.membership, [s for s in shelf if can_ask(s, known, shelf)], known, shelf)


def overlap_matrix(workspace: Workspace, names: Sequence[str] = ()) -> pl.DataFrame:
    """Return ``a, b, members, share`` of each two segments; all that can be asked when none are named."""
    known, shelf = facts(workspace), library(workspace)
    chosen = [shelf.find(name) for name in names] or [s for s in shelf if can_ask(s, known, shelf)]
    return overlaps(chosen, known, shelf)


def _worth(found: Membership, known: Facts) -> Evaluation:
    ids = found.members.select("customer_id")
    recent = known.orders.filter(
        (pl.col("business_date") > resolve(YEAR_AGO, known.today)) & (pl.col("currency") == known.currency)
    )
    spent = recent.join(ids, on="customer_id", how="semi").get_column("amount_minor").sum()
    expected = int(found.members.get_column("expected_value_90d").sum() or 0) if known.has_scores else None
    return Evaluation(
        segment=found.segment,
        text=as_text(found.expression),
        sentence={language: in_words(found.expression, language) for language in ("en", "pl")},
        members=found.members,
        reachable=found.reachable,
        customers=known.customers.height,
        currency=known.currency,
        spent_12m_minor=int(spent or 0),
        expected_90d_minor=expected,
        membership=found,
    )


def save(workspace: Workspace, *, name: str, text: str, description: str = "", actor: str = "cli") -> Segment:
    """Check an expression and keep it as a segment of the shop; a change makes a new version.

    Raises
    ------
    Refused
        ``segment.cycle`` when the definition leads back to its own name; ``segment.is_list`` for a list.
    """
    name, tree = plain_name(name), understand(text)
    library(workspace).refuse_cycles(name, tree)
    canonical = as_text(tree)
    with workspace.transaction() as session:
        kept = commands.save_segment(session, name=name, expression=canonical, description=description, actor=actor)
        return Segment(kept.name, kept.expression, version=kept.version)


def checked_window(days: int) -> int:
    """Return the days in which a campaign's orders count, or refuse with ``campaign.window``."""
    if not 1 <= days <= MOST_WINDOW_DAYS:
        raise InvalidInput("window", days, f"1 to {MOST_WINDOW_DAYS} days were expected", code="campaign.window")
    return days
