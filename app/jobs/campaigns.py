"""Campaigns of the shop, exports that held somebody back: what one could show before, and what it brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from analytics import frames
from app.jobs import segments
from oms_core.kernel import clock
from oms_core.kernel.errors import NotFound
from oms_core.kernel.money import exponent
from oms_core.marketing import campaign_queries as queries
from segmentation import campaign_words as words
from segmentation import campaigns as stats

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.jobs.segments import Evaluation
    from app.workspace import Workspace

#: Days after a message in which its orders are counted, unless the export said otherwise.
WINDOW_DAYS = 28
#: Days before it that each person's result is held against.
BEFORE_DAYS = 365
RUNNING, FINISHED = "running", "finished"
_SUMS = {"orders": pl.len(), "revenue": pl.col("revenue_minor").sum(), "margin": pl.col("margin_minor").sum()}


@dataclass(frozen=True, slots=True)
class Campaign:
    """A message to one arm of a segment, the other arm held out.

    Attributes
    ----------
    id : int
        Of the export in the register.
    since, until : date
        Business dates of the first and last order that counts; on the first one only orders after `sent_at`.
    """

    id: int
    name: str
    segment: str
    version: int
    destination: str
    purpose: str
    sent_at: datetime
    since: date
    until: date
    holdout: float
    sent: int
    held: int
    state: str

    @property
    def window_days(self) -> int:
        """Days in which orders count."""
        return (self.until - self.since).days


@dataclass(frozen=True, slots=True)
class Result:
    """What a campaign did, so far or at its end.

    Attributes
    ----------
    rows : polars.DataFrame
        As `segmentation.campaigns.uplift` gives them, money in minor units of `currency`.
    disturbed : int
        People held out whom another export reached in the same days.
    truth : int or None
        In the simulated shop: orders that would not be there without the message.
    """

    campaign: Campaign
    currency: str
    rows: pl.DataFrame
    disturbed: int
    truth: int | None

    @property
    def truth_inside(self) -> bool | None:
        """Tell whether the interval of orders holds the truth."""
        orders = self.rows.row(0, named=True)
        return None if self.truth is None else bool(orders["total_low"] <= self.truth <= orders["total_high"])


def listed(workspace: Workspace) -> list[Campaign]:
    """Return the shop's campaigns, newest first."""
    today = clock.business_date(clock.now(), workspace.shop.zone)
    with workspace.reading() as session:
        return [_campaign(row, today, workspace.shop.zone) for row in queries.campaigns(session)]


def _campaign(row: Mapping[str, Any], today: date, zone: str) -> Campaign:
    said = row["campaign"] or {}
    since = clock.business_date(row["at"], zone)
    until = since + timedelta(days=int(said.get("window_days", WINDOW_DAYS)))
    return Campaign(
        id=row["id"], name=said.get("name") or row["file_name"], segment=row["segment"], version=row["version"] or 0,
        destination=row["destination"], purpose=row["purpose"], sent_at=row["at"], since=since, until=until,
        holdout=row["holdout"] or 0.0, sent=int(row["sent"]), held=int(row["held"]),
        state=RUNNING if today <= until else FINISHED,
    )  # fmt: skip


def find(workspace: Workspace, name: str) -> Campaign:
    """Return a campaign by number or name; of several with one name the newest.

    Raises
    ------
    NotFound
        ``campaign.not_found``, with near matches.
    """
    known = listed(workspace)
    found = next((one for one in known if name in {str(one.id), one.name}), None)
    if found is None:
        hint = "Exports with a hold-out are campaigns: ordersight campaigns list"
        raise NotFound("campaign", name, [one.name for one in known], hint)
    return found


def result(workspace: Workspace, campaign: Campaign) -> Result:
    """Return what a campaign brought by now, from the orders in the replica.

    Raises
    ------
    DataNotReady
        ``campaign.no_arms``.
    """
    with workspace.reading() as session:
        arms = queries.arms(session, campaign.id)
        days = timedelta(days=campaign.window_days)
        disturbed = queries.held_but_written_to(
            session, campaign.id, since=campaign.sent_at - days, until=campaign.sent_at + days
        )
    orders = frames.campaign_orders(
        workspace.replica, campaign.since - timedelta(days=BEFORE_DAYS), campaign.until
    ).with_columns((pl.col("placed_at") > campaign.sent_at).alias("is_after"))
    members = _outcomes(arms, orders)
    return Result(campaign, workspace.shop.currency, stats.uplift(members), disturbed, _truth(workspace, campaign))


def _outcomes(arms: list[tuple[int, str]], orders: pl.DataFrame) -> pl.DataFrame:
    """Return each member's orders, revenue and margin within the window and before."""
    arm_of = {queries.EXPORTED: stats.SENT, queries.HELD_OUT: stats.HELD}
    members = pl.DataFrame(
        [(key, arm_of[outcome]) for key, outcome in arms],
        schema={"customer_id": pl.Int64, "arm": pl.String}, orient="row",
    )  # fmt: skip
    sums = dict(_SUMS)
    if orders.get_column("margin_minor").null_count() == orders.height:
        sums.pop("margin")
    for is_after, end in ((True, ""), (False, "_before")):
        part = orders.filter(pl.col("is_after") == is_after).group_by("customer_id")
        found = part.agg(sums[name].alias(name + end) for name in sums)
        members = members.join(found, on="customer_id", how="left", maintain_order="left")
    return members.with_columns(pl.exclude("customer_id", "arm").fill_null(0))


def _truth(workspace: Workspace, campaign: Campaign) -> int | None:
    """Return how many orders the simulated shop knows to be answers to this message; None elsewhere."""
    path = workspace.home.path / "truth" / "ahead.parquet"
    if not path.exists():
        return None
    with workspace.reading() as session:
        sent = [key for key, outcome in queries.arms(session, campaign.id) if outcome == queries.EXPORTED]
    numbers = segments.facts(workspace).customers.filter(pl.col("customer_id").is_in(sent)).select("number")
    answers = pl.read_parquet(path).filter(
        pl.col("is_answer"), pl.col("day").is_between(campaign.since, campaign.until, closed="right")
    )
    return answers.join(numbers, on="number", how="semi").height


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a campaign to a segment could show.

    Attributes
    ----------
    writable : int
        Members who may be written to for the purpose: those who would be divided.
    windows : int
        Past windows the spread was taken from.
    """

    members: int
    writable: int
    window_days: int
    windows: int
    asked: float
    currency: str
    measures: list[stats.Foresight]


def power(
    workspace: Workspace, found: Evaluation, *, purpose: str, holdout: float, asked: float, window_days: int
) -> Outlook:
    """Return what a campaign to a segment's members could show, by what they ordered in the last twelve months.

    Raises
    ------
    InvalidInput
        ``export.purpose, export.holdout, campaign.uplift, campaign.window``.
    """
    from segmentation.gatekeeping import verdicts

    days, today = segments.checked_window(window_days), segments.facts(workspace).today
    count = max(1, BEFORE_DAYS // days)
    writable = found.members.filter(verdicts(found.members, purpose) == "").select("customer_id")
    orders = frames.campaign_orders(workspace.replica, today - timedelta(days=count * days), today - timedelta(days=1))
    per_person = (
        orders.join(writable, on="customer_id", how="semi")
        .with_columns((((today - pl.col("business_date")).dt.total_days() - 1) // days).alias("window"))
        .group_by("window", "customer_id")
        .agg(_SUMS["orders"].cast(pl.Float64).alias("orders"), _SUMS["revenue"].cast(pl.Float64).alias("revenue"))
    )
    sums = per_person.group_by("window").agg(
        *(pl.col(name).sum() for name in ("orders", "revenue")),
        *((pl.col(name) ** 2).sum().alias(f"{name}_squared") for name in ("orders", "revenue")),
    )
    every = pl.DataFrame({"window": range(count)}, schema={"window": pl.Int64})
    windows = every.join(sums, on="window", how="left", maintain_order="left").fill_null(0.0)
    measures = stats.foresee(windows, members=writable.height, holdout=holdout, asked=asked)
    return Outlook(found.count, writable.height, days, count, asked, workspace.shop.currency, measures)


def major(measure: str, value: float, currency: str) -> float:
    """Return a statistic in orders, or in major units of the shop's currency; infinite stays."""
    return value if measure == "orders" else value / 10 ** exponent(currency)


def amount(measure: str, value: float, currency: str) -> str:
    """Write a total: orders to one decimal, money to whole units."""
    if measure == "orders":
        return f"{value:,.1f}".replace(",", " ")
    return f"{major(measure, value, currency):,.0f} {currency}".replace(",", " ")


def told(one: Campaign) -> dict[str, Any]:
    """Return a campaign as the command line and the API show it."""
    return {
        "id": one.id, "name": one.name, "segment": one.segment, "version": one.version,
        "destination": one.destination, "purpose": one.purpose, "sent_at": one.sent_at, "until": one.until,
        "window_days": one.window_days, "sent": one.sent, "held": one.held, "holdout": one.holdout,
        "state": one.state,
    }  # fmt: skip


def told_result(found: Result, language: str) -> dict[str, Any]:
    """Return a result as the command line and the API show it: money in major units, with sentences."""
    return told(found.campaign) | {
        "currency": found.currency,
        "measures": [_told_row(row, found.currency, language) for row in found.rows.iter_rows(named=True)],
        "held_but_written_to": found.disturbed,
        "truth_orders": found.truth,
        "truth_inside": found.truth_inside,
    }


def _told_row(row: dict[str, Any], currency: str, language: str) -> dict[str, Any]:
    measure, total = row["measure"], (row["total"], row["total_low"], row["total_high"])
    plain = {"measure", "p_value", "is_shaky"}
    return {key: value if key in plain else major(measure, value, currency) for key, value in row.items()} | {
        "verdict": words.verdict(total[1], total[2]),
        "sentence": words.told(measure, total, lambda value: amount(measure, value, currency), language),
        "chance": words.chance_of(row["p_value"], language),
    }
