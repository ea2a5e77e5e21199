"""A segment as a file: who goes in, who is left out and why, and the manifest that says so."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from importlib.metadata import version
from typing import Any

import polars as pl

from oms_core.kernel.errors import Refused
from oms_core.kernel.expressions import as_text
from segmentation.destinations import Column, Destination, Person, Sheet
from segmentation.destinations import destination as destination_of
from segmentation.destinations.model import PERSON, Row
from segmentation.facts import Facts
from segmentation.gatekeeping import (
    DUPLICATE,
    EXPORTED,
    HELD_OUT,
    REASONS,
    UNUSABLE,
    address_of,
    draw_holdout,
    require_purpose,
    verdicts,
)
from segmentation.library import in_words
from segmentation.membership import Membership
from segmentation.personalising import Personal

MANIFEST_FORMAT = "ordersight.segment-export/3"


@dataclass(frozen=True)
class Selection:
    """The members of a segment, divided, and the file's rows.

    Attributes
    ----------
    rows : sequence of tuple
        What will be written, as the destination wants it.
    outcomes : polars.DataFrame
        Every member: ``customer_id, number, outcome`` (``exported`` or a key of `REASONS`).
    """

    destination: Destination
    purpose: str
    holdout: float
    seed: int
    rows: Sequence[Row]
    outcomes: pl.DataFrame
    personal: Personal = dataclass_field(default_factory=Personal)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The file's columns for this purpose, and those added for each person."""
        return self.destination.columns_for(self.purpose) + self.personal.columns(self.destination)

    @property
    def dropped(self) -> dict[str, int]:
        """Count of left-out members by reason, in the order of `REASONS`."""
        counts = Counter(self.outcomes.get_column("outcome").to_list())
        return {reason: counts[reason] for reason in REASONS if counts[reason]}

    @property
    def warnings(self) -> list[dict[str, str]]:
        """What the reader should know before uploading, each with a code."""
        least, n = self.destination.minimum, len(self.rows)
        if n >= least:
            return []
        sentence = f"{self.destination.title} asks for at least {least:,} people; this file holds {n:,}."
        return [{"code": "export.below_minimum", "message": sentence}]


def purpose_of(to: str, purpose: str | None) -> str:
    """Return the purpose of an export to a destination, its own when none is given.

    Raises
    ------
    NotFound, InvalidInput, Refused
        ``destination.not_found``, ``export.purpose``, ``export.purpose_not_allowed``.
    """
    target = destination_of(to)
    if purpose is not None:
        require_purpose(purpose)
    return target.purpose(purpose)


def select(
    membership: Membership,
    *,
    to: str = "csv",
    purpose: str | None = None,
    holdout: float = 0.0,
    seed: int = 0,
    agreements: pl.DataFrame | None = None,
    personal: Personal | None = None,
) -> Selection:
    """Divide a segment's members into those for the file and those left out.

    The hold-out is drawn from the members that may be written to and that the destination takes, so
    that both groups compare.

    Parameters
    ----------
    purpose : str, optional
        Consent needed; the destination's own when not given.
    agreements : polars.DataFrame, optional
        ``customer_id, consent_at, consent_source`` of those who agreed, for destinations that want the proof.
    personal : Personal, optional
        Offers and a message, written for each person who passed the gate.

    Raises
    ------
    NotFound, InvalidInput, Refused
        ``destination.not_found``, ``export.purpose``, ``export.purpose_not_allowed``, ``export.holdout``,
        ``export.cannot_carry``, ``export.template_purpose``.
    """
    target, purpose, added = destination_of(to), purpose_of(to, purpose), personal or Personal()
    added.require(target, purpose)
    members = membership.members.with_columns(
        verdicts(membership.members, purpose).alias("outcome"), address_of(purpose).alias("address")
    )
    people = _people(members, agreements, segment=membership.segment.name)
    written, refused = _written(target, people, added)
    numbers = pl.Series("number", list(written), dtype=pl.Utf8)
    held = draw_holdout(numbers, share=holdout, seed=seed, salt=as_text(membership.expression))
    fate = refused | dict(zip(written, (HELD_OUT if out else EXPORTED for out in held), strict=True))
    outcomes = members.select(
        "customer_id",
        "number",
        pl.when(pl.col("outcome") == "").then(pl.col("number").replace_strict(fate, default="", return_dtype=pl.Utf8))
        .otherwise(pl.col("outcome")).alias("outcome"),
    )  # fmt: skip
    rows = [row for number, row in written.items() if fate[number] == EXPORTED]
    return Selection(target, purpose, holdout, seed, rows, outcomes, added)


def allowed(membership: Membership, purpose: str) -> list[Person]:
    """Return the members who may be written to for a purpose, as a destination sees them, largest buyers first."""
    members = membership.members.with_columns(
        verdicts(membership.members, purpose).alias("outcome"), address_of(purpose).alias("address")
    )
    return _people(members, None, segment=membership.segment.name)


def _people(members: pl.DataFrame, agreements: pl.DataFrame | None, *, segment: str) -> list[Person]:
    """Return those who passed the gate, as a destination sees them."""
    allowed = members.filter(pl.col("outcome") == "")
    if agreements is not None:
        allowed = allowed.join(agreements, on="customer_id", how="left", maintain_order="left")
    fields = [
        pl.coalesce(*([name] if name in allowed.columns else []), pl.lit(missing)).alias(name)
        for name, missing in {**PERSON, "segment": segment}.items()
    ]
    return [Person(*row) for row in allowed.select(fields).iter_rows()]


def _written(target: Destination, people: Sequence[Person], added: Personal) -> tuple[dict[str, Row], dict[str, str]]:
    """Return rows by customer number, and the numbers the destination does not take with the reason.

    Two members can be one to a platform (``a.b@gmail.com`` and ``ab@gmail.com``): the first one stays.
    """
    rows: dict[str, Row] = {}
    refused: dict[str, str] = {}
    seen: set[Row] = set()
    for person in people:
        row = target.row(person)
        identity = target.identity(row) if row is not None else ()
        if row is None or identity in seen:
            refused[person.number] = UNUSABLE if row is None else DUPLICATE
            continue
        more = added.cells(target, person)
        if isinstance(more, str):
            refused[person.number] = more
            continue
        rows[person.number] = row + more
        if identity:
            seen.add(identity)
    return rows, refused


def content_of(selection: Selection, facts: Facts) -> bytes:
    """Return the file.

    Raises
    ------
    Refused
        ``export.nobody_left``: an empty file would only be uploaded by mistake.
    """
    if not selection.rows:
        members = selection.outcomes.height
        why = "; ".join(f"{n:,} × {REASONS[reason].rstrip('.').lower()}" for reason, n in selection.dropped.items())
        told = f"of {members:,} members all are left out ({why})" if members else "the segment has no members"
        raise Refused(
            "export.nobody_left",
            f"Nobody is left for a {selection.destination.title} file for the purpose {selection.purpose!r}: {told}.",
            "Record consents, or widen the segment; nothing was written.",
            members=members,
            dropped_by_reason=selection.dropped,
        )
    return selection.destination.write(Sheet(selection.columns, selection.rows, facts.today))


def manifest(
    membership: Membership,
    selection: Selection,
    facts: Facts,
    *,
    file: bytes,
    file_name: str,
    at: datetime,
    actor: str,
    campaign: str = "",
    window_days: int = 28,
) -> dict[str, Any]:
    """Return what the file's manifest says: definition, columns, counts, who was left out and why, hash.

    People are named by customer number only; their addresses stand in the file alone. With a hold-out
    the days in which orders will count are said now, before anybody can choose them by the result.
    """
    left_out = selection.outcomes.filter(~pl.col("outcome").is_in([EXPORTED, HELD_OUT]))
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
        "destination": selection.destination.name,
        "normalisation": _normalisation(selection.destination),
        "columns": [{"name": c.name, "meaning": c.meaning, "hashed": c.hashed} for c in selection.columns],
        "personal": selection.personal.told(),
        "file": {"name": file_name, "bytes": len(file), "sha256": hashlib.sha256(file).hexdigest()},
        "members": membership.members.height,
        "exported": len(selection.rows),
        "dropped": sum(selection.dropped.values()),
        "dropped_by_reason": selection.dropped,
        "reasons": {reason: REASONS[reason] for reason in selection.dropped},
        "warnings": selection.warnings,
        "dropped_customers": [
            {"number": number, "reason": reason} for number, reason in left_out.select("number", "outcome").iter_rows()
        ],
        "hold_out": {
            "share": selection.holdout,
            "seed": selection.seed,
            "customers": held_out.get_column("number").to_list(),
        },
        "campaign": {"name": campaign, "window_days": window_days} if held_out.height else None,
    }


def _normalisation(target: Destination) -> dict[str, Any]:
    """Return which rules wrote the cells: another version, or other phone plans, can give other hashes."""
    return {
        "version": f"{target.name}/{target.version}",
        "phone_numbers": version("phonenumbers"),
        "sources": list(target.sources),
    }
