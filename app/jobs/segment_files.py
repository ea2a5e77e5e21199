"""A segment as a file: consent-gated, with offers and a message for each, registered, with its manifest."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from app.jobs import messages, segments
from oms_core.kernel import clock
from oms_core.kernel.errors import InvalidInput
from oms_core.marketing import commands, queries
from segmentation import exporting

if TYPE_CHECKING:
    from app.jobs.segments import Evaluation
    from app.workspace import Workspace


@dataclass(frozen=True)
class Export:
    """A file that was written, and its manifest."""

    content: bytes
    manifest: dict[str, Any]


def export(
    workspace: Workspace,
    text: str,
    *,
    to: str,
    file_name: str,
    purpose: str | None = None,
    holdout: float = 0.0,
    seed: int = 0,
    campaign: str = "",
    window_days: int = 28,
    template: str = "",
    offers: int = 0,
    actor: str = "cli",
) -> Export:
    """Make the file of a segment, consent-gated, and register it in the shop's database.

    Parameters
    ----------
    text : str
        Name or expression.
    to : str
        Name of a destination.
    file_name : str
        As the manifest and the register will call it.
    purpose : str, optional
        Consent needed; the destination's own when not given.
    campaign : str
        What to call the message when its effect is asked for; the segment and the day if left out.
    window_days : int
        Days after it in which orders count.
    template : str
        Message template whose current version is written to each; none when empty.
    offers : int
        Products offered to each, as columns.

    Raises
    ------
    Refused, NotFound, InvalidInput, ExpressionFault
        A purpose the destination may not serve, nobody left, unknown name, wrong hold-out share, broken expression.
    """
    known, window_days = segments.facts(workspace), segments.checked_window(window_days)
    found = segments.evaluate(workspace, text)
    selection = selected(
        workspace, found, to=to, purpose=purpose, holdout=holdout, seed=seed, template=template, offers=offers
    )
    content = exporting.content_of(selection, known)
    manifest = exporting.manifest(
        found.membership, selection, known, file=content, file_name=file_name, at=clock.now(), actor=actor,
        campaign=campaign.strip()[:120] or f"{found.segment.name or 'segment'} {known.today}",
        window_days=window_days,
    )  # fmt: skip
    with workspace.transaction() as session:
        commands.register_export(
            session, segment=found.segment.name or found.text, destination=to, purpose=selection.purpose,
            file_name=file_name, sha256=manifest["file"]["sha256"], manifest=manifest,
            actor=actor, members=list(selection.outcomes.select("customer_id", "outcome").iter_rows()),
        )  # fmt: skip
    return Export(content, manifest)


def selected(
    workspace: Workspace,
    found: Evaluation,
    *,
    to: str,
    purpose: str | None = None,
    holdout: float = 0.0,
    seed: int = 0,
    template: str = "",
    offers: int = 0,
) -> exporting.Selection:
    """Divide a segment's members into those for a file and those left out; nothing is registered.

    Raises
    ------
    Refused, NotFound, InvalidInput
        As `export`.
    """
    purpose = exporting.purpose_of(to, purpose)
    return exporting.select(
        found.membership, to=to, purpose=purpose, holdout=holdout, seed=seed,
        agreements=_agreements(workspace, purpose),
        personal=messages.personal(workspace, found, to=to, purpose=purpose, template=template, offers=offers),
    )  # fmt: skip


def _agreements(workspace: Workspace, purpose: str) -> pl.DataFrame:
    """Return when and where people agreed to a purpose."""
    with workspace.reading() as session:
        rows = queries.agreements(session, purpose)
    schema: dict[str, pl.DataType] = {
        "customer_id": pl.Int64(), "consent_at": pl.Datetime("us", "UTC"), "consent_source": pl.String(),
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema)


def export_to_file(workspace: Workspace, text: str, *, out: Path, **options: Any) -> Export:
    """Export to `out` and write `out`.manifest.json beside it; both or neither.

    Raises
    ------
    InvalidInput
        ``export.out`` when the folder cannot be written.
    """
    aside = out.with_name(f".{out.name}.{os.getpid()}")
    manifest_path = out.with_name(out.name + ".manifest.json")
    try:
        aside.touch(exist_ok=True)  # before anything is registered: a wrong folder must leave no trace
        made = export(workspace, text, file_name=out.name, **options)
        aside.write_bytes(made.content)
        manifest_path.write_text(json.dumps(made.manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        aside.replace(out)
    except OSError as error:
        raise InvalidInput("out", str(out), f"it cannot be written ({error.strerror})", code="export.out") from error
    finally:
        if aside.parent.is_dir():
            aside.unlink(missing_ok=True)
    return made
