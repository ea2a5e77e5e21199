"""What a metric and a dimension are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["money", "count", "quantity", "ratio", "days", "hours"]
Clock = Literal["event", "cohort", "snapshot"]
Good = Literal["up", "down", "none"]


@dataclass(frozen=True, slots=True)
class Measure:
    """An aggregate over one mart.

    Attributes
    ----------
    mart : str
        View (file in ``sql/marts``), or ``stock`` or ``stock_variants`` for the state of stock at a moment.
    expression : str
        DuckDB aggregate over the mart's columns; may use the bound instant ``$now``.
    date : str
        Column that dates the rows; empty for a snapshot: the state at the period's end. ``days`` for marts of
        stretches of time: every stretch with a day in the period counts, and ``f.days`` is how many.
    """

    mart: str
    expression: str
    date: str = "event_date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One number of the shop, defined once; dashboards, exports and segments all ask this.

    A metric is either measured (`measures`: the first whose mart knows the wanted dimensions is taken)
    or composed of other metrics after aggregation: the sum of `terms` (a leading ``-`` subtracts),
    divided by the sum of `over`; with `per_day` the quotient is multiplied by the days of the period.

    Attributes
    ----------
    help : str
        The definition: what is in, what is out, which date.
    unit : str
        ``money`` (minor units of a currency), ``count``, ``quantity`` (units of goods), ``ratio`` (0–1),
        ``days``, ``hours``.
    clock : str
        ``event``: dated when it happened. ``cohort``: dated on the order it belongs to, so a period keeps
        changing while its orders live. ``snapshot``: a state at the period's end.
    grain : str
        What is counted or added up.
    good : str
        Which direction is good news.
    additive : bool
        Whether values may be added over dimensions and time.
    additive_except : tuple of str
        Dimensions over which an otherwise additive metric overlaps (an order holds several SKUs).
    """

    slug: str
    label: str
    help: str
    unit: Unit
    clock: Clock
    grain: str
    good: Good = "none"
    version: str = "1"
    additive: bool = True
    additive_except: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = ()
    terms: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    per_day: bool = False

    @property
    def is_zero_when_empty(self) -> bool:
        """Whether nothing means 0; a mean, a median or a rate of nothing is missing instead."""
        return not self.over and (self.additive or self.unit not in {"ratio", "days", "hours"})

    @property
    def parts(self) -> tuple[str, ...]:
        """Slugs this metric is composed of, without signs."""
        return tuple(slug.removeprefix("-") for slug in (*self.terms, *self.over))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """Something numbers can be split by and filtered on.

    Attributes
    ----------
    key : str
        Column a mart must have; ``date`` stands for the metric's own date column.
    value : str
        Expression that gives the dimension's value; ``f`` is the mart.
    join : str
        Dimension table joined on `key` when `value` needs it.
    column : str
        Column in which some marts hold the value themselves; it is read instead of the joined one.
    kind : str
        Kind in the expression language (``text``, ``number`` or ``date``).
    """

    slug: str
    label: str
    help: str
    key: str
    value: str
    join: str = ""
    column: str = ""
    kind: Literal["text", "number", "date"] = "text"
