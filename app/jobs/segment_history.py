"""The memory of segments: snapshots with who came and went and why, lists, differences of definitions, models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.jobs import segments as job
from oms_core.kernel.errors import DataNotReady, InvalidInput, Refused
from oms_core.kernel.expressions import And, Expression, as_text
from oms_core.marketing import commands, queries, snapshot_queries, snapshots
from segmentation import reasons as why
from segmentation.library import Segment, plain_name
from segmentation.membership import belongs
from segmentation.traits import traits

if TYPE_CHECKING:
    from app.workspace import Workspace
    from segmentation.facts import Facts
    from segmentation.library import Library


def snapshot(workspace: Workspace, *, trigger: str = "person", actor: str = "cli") -> list[dict[str, Any]]:
    """Count every living segment, keep who came and went and why, and what is known of each customer now.

    All of it is one transaction: a snapshot is whole or it is not there. Segments that ask predictions wait until there
    are some.

    Returns
    -------
    list of dict
        ``segment, members, entered, left`` of each.

    Raises
    ------
    DataNotReady
        ``segment.no_customers`` in an empty shop.
    """
    known, shelf = job.facts(workspace), job.library(workspace)
    if known.customers.is_empty():
        raise DataNotReady("segment.no_customers", "The shop has no customers yet.", "Import orders, or wait for one.")
    asked = [s for s in shelf if s.ids is None and job.can_ask(s, known, shelf)]
    with workspace.transaction() as session:
        day, rows = snapshot_queries.last_traits(session)
        past = why.Past.of(day, rows) if day else None
        before = snapshot_queries.latest(session)
        told = [
            _one(session, workspace, segment, _Run(known, shelf, past, before.get(segment.name), trigger, actor))
            for segment in asked
        ]
        snapshots.replace_traits(session, known.today, why.rows_to_keep(traits(known)))
    return told


@dataclass(frozen=True, slots=True)
class _Run:
    """What one segment's snapshot is taken of."""

    facts: Facts
    shelf: Library
    past: why.Past | None
    before: dict[str, Any] | None
    trigger: str
    actor: str


def _one(session: Any, workspace: Workspace, segment: Segment, run: _Run) -> dict[str, Any]:
    found = job.evaluate(workspace, segment.name)
    now = set(found.members.get_column("customer_id").to_list())
    then = set(snapshot_queries.open_stays(session, segment.name))
    moved = sorted(now ^ then)
    tree = segment.tree()
    told = why.explain(tree, moved, run.facts, run.past if run.before else None, run.shelf.lookup) if moved else {}
    if run.before is not None and run.before["expression"] != found.text:
        change = why.special(why.DEFINITION, was=run.before["expression"], **{"is": found.text})
        told = {key: [r if r.get("reason") != why.DEFINITION else change for r in told[key]] for key in told}
    new = _new(found, run.facts, run.trigger)
    snapshots.record_snapshot(
        session, new, actor=run.actor,
        entered=[(key, told[key]) for key in sorted(now - then)], left=[(key, told[key]) for key in sorted(then - now)],
    )  # fmt: skip
    return {"segment": segment.name, "members": len(now), "entered": len(now - then), "left": len(then - now)}


def _new(found: job.Evaluation, facts: Facts, trigger: str, name: str = "") -> snapshots.NewSnapshot:
    return snapshots.NewSnapshot(
        segment=name or found.segment.name, version=found.segment.version, expression=found.text,
        business_date=facts.today, trigger_kind=trigger, customers=found.customers, members=found.count,
        reachable=found.reachable, currency=found.currency, spent_12m_minor=found.spent_12m_minor,
        expected_90d_minor=found.expected_90d_minor,
    )  # fmt: skip


def freeze(workspace: Workspace, text: str, *, name: str, actor: str = "cli") -> dict[str, Any]:
    """Keep today's members of a segment or expression as a list that never changes by itself.

    Raises
    ------
    Refused
        ``segment.list_exists``: a list is frozen once; give the new one a name of its own.
    InvalidInput
        An empty name, or one that is no plain word.
    """
    name = plain_name(name)
    found = job.evaluate(workspace, text)
    if name in {s.name.lower() for s in job.library(workspace)}:
        raise Refused("segment.list_exists", f"There is a segment {name!r} already.", "Give the list another name.")
    with workspace.transaction() as session:
        kept = commands.save_segment(
            session,
            name=name,
            expression=found.text,
            description=found.segment.description(),
            actor=actor,
            is_list=True,
        )
        new = _new(found, job.facts(workspace), "freeze", name)
        because = [why.special(why.FROZEN, source=found.segment.name or found.text)]
        entered = [(key, because) for key in sorted(found.members.get_column("customer_id").to_list())]
        snapshots.record_snapshot(session, new, entered=entered, left=[], actor=actor)
    return {"name": kept.name, "members": found.count, "expression": found.text, "is_list": True}


@dataclass(frozen=True)
class Difference:
    """Two definitions side by side.

    Attributes
    ----------
    added, removed, kept : tuple of str
        Clauses at the top of the definitions; a definition that is no chain of ANDs is one clause.
    joined, gone : int
        Customers only the newer, only the older definition holds today.
    """

    older: Segment
    newer: Segment
    added: tuple[str, ...]
    removed: tuple[str, ...]
    kept: tuple[str, ...]
    joined: int
    gone: int


def diff(workspace: Workspace, name: str, *, older: int | None = None, newer: int | None = None) -> Difference:
    """Compare two versions of a segment: the last two when none are given.

    Raises
    ------
    NotFound, InvalidInput
        Unknown segment; a version that does not exist.
    """
    versions = _versions(workspace, name)
    numbers = sorted(versions)
    late = newer or numbers[-1]
    early = older or max((n for n in numbers if n < late), default=late)
    for number in (early, late):
        if number not in versions:
            raise InvalidInput(
                "version", number, f"one of {', '.join(map(str, numbers))} was expected", code="segment.version"
            )
    a, b = versions[early], versions[late]
    known, shelf = job.facts(workspace), job.library(workspace)
    was, is_ = (belongs(s, known, shelf) for s in (a, b))
    old, new = (_clauses(s.tree()) for s in (a, b))
    return Difference(
        a, b, tuple(c for c in new if c not in old), tuple(c for c in old if c not in new),
        tuple(c for c in new if c in old), int((is_ & ~was).sum()), int((was & ~is_).sum()),
    )  # fmt: skip


def _clauses(tree: Expression) -> list[str]:
    return [as_text(part) for part in (tree.parts if isinstance(tree, And) else (tree,))]


def _versions(workspace: Workspace, name: str) -> dict[int, Segment]:
    """Return every version of a segment by number; what it ships with is version 0 once it was changed."""
    shelf = job.library(workspace)
    with workspace.reading() as session:
        rows = queries.segment_versions(session, shelf.find(name).name)
    found = {row["version"]: Segment(row["name"], row["expression"], version=row["version"]) for row in rows}
    shipped = next((s for s in job.shipped(workspace) if s.name.lower() == name.lower()), None)
    if shipped is not None:
        found |= {(0 if found else shipped.version): Segment(shipped.name, shipped.expression, version=0)}
    return found


def versions(workspace: Workspace, name: str) -> list[dict[str, Any]]:
    """Return the definitions of a segment, newest first: ``version, expression``."""
    found = _versions(workspace, name)
    return [{"version": n, "expression": found[n].expression} for n in sorted(found, reverse=True)]


def undo(workspace: Workspace, name: str, *, actor: str = "cli") -> Segment:
    """Give a segment the definition it had before its last change, as a new version; undoing twice brings it back.

    Raises
    ------
    Refused
        ``segment.nothing_to_undo``: there is one version only.
    """
    versions = _versions(workspace, name)
    if len(versions) < 2:
        raise Refused(
            "segment.nothing_to_undo", f"Segment {name!r} was never changed.", "See: ordersight segments show"
        )
    before = versions[sorted(versions)[-2]]
    return job.save(workspace, name=before.name, text=before.expression, actor=actor)
