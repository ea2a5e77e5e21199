"""Who belongs to a segment, how many can be reached, and how segments overlap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from oms_core.kernel.expressions import Expression
from segmentation.compiling import mask
from segmentation.facts import Facts
from segmentation.gatekeeping import PURPOSES, verdicts
from segmentation.library import Library, Segment


@dataclass(frozen=True)
class Membership:
    """A segment and its members on one day.

    Attributes
    ----------
    members : polars.DataFrame
        Rows of `Facts.customers`, largest spend first.
    reachable : dict of str to int
        Members that may be written to, by purpose (``email, sms, ads``).
    """

    segment: Segment
    expression: Expression
    members: pl.DataFrame
    reachable: dict[str, int]


def evaluate(segment: Segment, facts: Facts, library: Library) -> Membership:
    """Return the members of a segment."""
    expression = segment.tree()
    chosen = facts.customers.filter(mask(expression, facts, library.lookup))
    members = chosen.sort(["spent_minor", "customer_id"], descending=[True, False])
    reachable = {purpose: int((verdicts(members, purpose) == "").sum()) for purpose in PURPOSES}
    return Membership(segment, expression, members, reachable)


def overlap(membership: Membership, others: Iterable[Segment], facts: Facts, library: Library) -> pl.DataFrame:
    """Return how many members are also in each other segment, most first.

    Returns
    -------
    polars.DataFrame
        ``name, members`` (in both), ``share`` (of this segment's members).
    """
    own = facts.customers.get_column("customer_id").is_in(membership.members.get_column("customer_id").implode())
    total = max(membership.members.height, 1)
    rows = []
    for other in others:
        if other.name and other.name != membership.segment.name:
            both = int((own & mask(other.tree(), facts, library.lookup)).sum())
            rows.append({"name": other.name, "members": both, "share": both / total})
    schema = {"name": pl.Utf8, "members": pl.Int64, "share": pl.Float64}
    return pl.DataFrame(rows, schema=schema).sort(["members", "name"], descending=[True, False])
