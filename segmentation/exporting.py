"""A segment as a file: who goes in, who is left out and why, and the manifest that says so."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from oms_core.kernel.expressions import as_text
from segmentation.facts import Facts
from segmentation.gatekeeping import HELD_OUT, REASONS, address_of, draw_holdout, require_purpose, verdicts
from segmentation.library import in_words
from segmentation.membership import Membership

MANIFEST_FORMAT = "ordersight.segment-export/1"


@dataclass(frozen=True)
class Selection:
    """The members of a segment, divided.

    Attributes
    ----------
    chosen : polars.DataFrame
        Members for the file, with `address`.
    outcomes : polars.DataFrame
        Every member: ``customer_id, number, outcome`` (``exported`` or a key of `REASONS`).
    """

    purpose: str
    holdout: float
    seed: int
    chosen: pl.DataFrame
    outcomes: pl.DataFrame

    @property
    def dropped(self) -> dict[str, int]:
        """Count of left-out members by reason, in the order of `REASONS`."""
        counts = Counter(self.outcomes.get_column("outcome").to_list())
        return {reason: counts[reason] for reason in REASONS if counts[reason]}


def select(membership: Membership, *, purpose: str = "email", holdout: float = 0.0, seed: int = 0) -> Selection:
    """Divide a segment's members into those for the file and those left out.

    The hold-out is drawn from the members that may be written to, so that both groups compare.

    Raises
    ------
    InvalidInput
        ``export.purpose`` or ``export.holdout``.
    """
    require_purpose(purpose)
    members = membership.members.with_columns(
        verdicts(membership.members, purpose).alias("outcome"), address_of(purpose).alias("address")
    )
    allowed = members.filter(pl.col("outcome") == "")
    held = draw_holdout(allowed.get_column("number"), share=holdout, seed=seed, salt=as_text(membership.expression))
    out = allowed.filter(held).get_column("customer_id")
    outcome = (
        pl.when(pl.col("outcome") != "")
        .then(pl.col("outcome"))
        .when(pl.col("customer_id").is_in(out.implode()))
        .then(pl.lit(HELD_OUT))
        .otherwise(pl.lit("exported"))
    )
    outcomes = members.select("customer_id", "number", outcome.alias("outcome"))
    return Selection(purpose, holdout, seed, allowed.filter(~held), outcomes)


def manifest(
    membership: Membership, selection: Selection, facts: Facts, *, destination: str, file: bytes, file_name: str,
    at: datetime, actor: str,
) -> dict[str, Any]:  # fmt: skip
    """Return what the file's manifest says: definition, counts, who was left out and why, hash.

    People are named by customer number only; their addresses stand in the file alone.
    """
    left_out = selection.outcomes.filter(~pl.col("outcome").is_in(["exported", HELD_OUT]))
    held_out = selection.outcomes.filter(pl.col("outcome") == HELD_OUT)
    segment = membership.segment
    return {
        "format": MANIFEST_FORMAT,
        "at": at.isoformat(),
        "actor": actor,
        "as_of": facts.today.isoformat(),
        "segment": {
            "name": segment.name,
            "version": segment.version,
            "expression": as_text(membership.expression),
            "sentence": {language: in_words(membership.expression, language) for language in ("en", "pl")},
        },
        "purpose": selection.purpose,
        "destination": destination,
        "file": {"name": file_name, "bytes": len(file), "sha256": hashlib.sha256(file).hexdigest()},
        "members": membership.members.height,
        "exported": selection.chosen.height,
        "dropped": sum(selection.dropped.values()),
        "dropped_by_reason": selection.dropped,
        "reasons": {reason: REASONS[reason] for reason in selection.dropped},
        "dropped_customers": [
            {"number": number, "reason": reason} for number, reason in left_out.select("number", "outcome").iter_rows()
        ],
        "hold_out": {
            "share": selection.holdout,
            "seed": selection.seed,
            "customers": held_out.get_column("number").to_list(),
        },
    }
