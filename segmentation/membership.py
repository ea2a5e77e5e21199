"""Who belongs to a segment, how many can be reached, and how segments overlap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
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
    chosen = facts.customers.filter(belongs(segment, facts, library))
    members = chosen.sort(["spent_minor", "customer_id"], descending=[True, False])
    reachable = {purpose: int((verdicts(members, purpose) == "").sum()) for purpose in PURPOSES}
    return Membership(segment, expression, members, reachable)


def belongs(segment: Segment, facts: Facts, library: Library) -> pl.Series:
    """Return who is in a segment, in the order of `facts.customers`: by its definition, or by its list."""
    if segment.ids is not None:
        return facts.customers.get_column("customer_id").is_in(segment.ids.implode())
    return mask(segment.tree(), facts, library.lookup)


def overlaps(segments: Iterable[Segment], facts: Facts, library: Library) -> pl.DataFrame:
    """Return how many customers each two segments share.

    Returns
    -------
    polars.DataFrame
        ``a, b, members`` (in both), ``share`` (of the members of `a`); `a` with itself holds its size.
    """
    held = {s.name: belongs(s, facts, library).to_numpy() for s in segments}
    if not held:
        return pl.DataFrame(schema={"a": pl.String, "b": pl.String, "members": pl.Int64, "share": pl.Float64})
    rows = np.stack([one.astype(np.float32) for one in held.values()])
    # whole numbers up to 2**24 are exact in float32: enough for the customers of one shop
    both = (rows @ rows.T).round().astype(np.int64)
    sizes = np.maximum(both.diagonal(), 1)
    names = list(held)
    return pl.DataFrame(
        [
            {"a": a, "b": b, "members": int(both[i, j]), "share": float(both[i, j] / sizes[i])}
            for i, a in enumerate(names)
            for j, b in enumerate(names)
        ]
    )


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
            both = int((own & belongs(other, facts, library)).sum())
            rows.append({"name": other.name, "members": both, "share": both / total})
    schema = {"name": pl.Utf8, "members": pl.Int64, "share": pl.Float64}
    return pl.DataFrame(rows, schema=schema).sort(["members", "name"], descending=[True, False])
