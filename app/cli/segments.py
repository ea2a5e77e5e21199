"""List, check, count and export customer segments."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import segments_memory
from app.cli.door import Door, command

if TYPE_CHECKING:
    from app.jobs.segments import Evaluation
    from app.workspace import Workspace

Text = Annotated[str, typer.Argument(metavar="NAME|EXPR", help="A segment's name, or an expression.")]
Language = Annotated[str, typer.Option("--language", help="Language of the sentences: en or pl.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(help="Whom to write to: segments, their size, their files.", no_args_is_help=True)
    command(group, "list")(list_)
    command(group, "show")(show)
    command(group, "check")(check)
    command(group, "format")(format_)
    command(group, "explain")(explain)
    command(group, "count")(count)
    command(group, "members")(members)
    command(group, "save")(save)
    command(group, "destinations")(destinations)
    command(group, "export", own_out=True)(export)
    segments_memory.register_on(group)
    app.add_typer(group, name="segments")


def list_(door: Door, language: Language = "en") -> list[dict[str, Any]]:
    """List the segments that ship and those saved in the shop."""
    from app.jobs import segments
    from segmentation.library import in_words

    return [
        {
            "name": s.name,
            "label": s.label(language),
            "version": s.version,
            "built_in": s.is_builtin,
            "kind": "list" if s.ids is not None else "living",
            "expression": s.expression,
            "sentence": in_words(s.tree(), language),
        }
        for s in segments.library(door.workspace())
    ]


def show(door: Door, name: Text, language: Language = "en") -> dict[str, Any]:
    """Show one segment: definition, sentence, size, reach and worth."""
    from segmentation.strategies import strategy_for

    workspace = _ready(door)
    found = _evaluated(workspace, name)
    return {
        "name": found.segment.name,
        "label": found.segment.label(language) if found.segment.name else "",
        "description": found.segment.description(language),
        "version": found.segment.version,
        **_counts(found, language),
        **_worth(found),
        "strategy": strategy_for(found.segment, found.members).said(language),
    }


def check(_door: Door, expression: Text, language: Language = "en") -> dict[str, Any]:
    """Check an expression and read it back, without a shop."""
    from oms_core.kernel.expressions import as_text
    from segmentation.library import advice, in_words, understand

    tree = understand(expression)
    return {
        "valid": True,
        "expression": as_text(tree),
        "sentence": in_words(tree, language),
        "advice": [asdict(one) for one in advice(expression, tree)],
    }


def format_(_door: Door, expression: Text) -> Any:
    """Write an expression in its canonical form, one clause a line where it is long."""
    from oms_core.kernel.expressions import as_lines, as_text
    from segmentation.library import understand

    tree = understand(expression)
    return {"expression": as_text(tree), "text": as_lines(tree), "changed": as_lines(tree) != expression.strip()}


def explain(_door: Door, expression: Text) -> dict[str, Any]:
    """Say an expression in English and in Polish, clause by clause."""
    from oms_core.kernel.expressions import as_text, conditions
    from segmentation.library import in_words, understand

    tree = understand(expression)
    return {
        "expression": as_text(tree),
        "en": in_words(tree, "en"),
        "pl": in_words(tree, "pl"),
        "clauses": [{"clause": as_text(c), "en": in_words(c), "pl": in_words(c, "pl")} for c in conditions(tree)],
    }


def count(
    door: Door,
    expression: Text,
    language: Language = "en",
    engine: Annotated[
        str,
        typer.Option("--engine", help="polars (now), duckdb (now, as SQL) or database (traits of the last snapshot)."),
    ] = "polars",
) -> dict[str, Any]:
    """Count the members, and those who can be reached."""
    workspace = _ready(door)
    if engine != "polars":
        from app.jobs import segment_engines

        return segment_engines.count(workspace, expression, engine=engine)
    return _counts(_evaluated(workspace, expression), language)


def members(door: Door, expression: Text) -> Any:
    """List the members, largest spend first."""
    found = _evaluated(_ready(door), expression)
    return found.members.select(
        "number", "name", "country", "rfm_group", "orders", "spent_minor", "currency", "last_order_on"
    )


def save(
    door: Door,
    name: Annotated[str, typer.Argument(help="Name of the segment.")],
    expression: Annotated[str, typer.Argument(help="Its definition.")],
    description: Annotated[str, typer.Option("--description")] = "",
) -> dict[str, Any]:
    """Save a segment in the shop; a changed definition becomes a new version."""
    from app.jobs import segments

    kept = segments.save(door.workspace(), name=name, text=expression, description=description)
    return {"name": kept.name, "version": kept.version, "expression": kept.expression}


def destinations(
    _door: Door,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="One destination: its columns.")] = "",
    language: Language = "en",
) -> list[dict[str, Any]]:
    """List where a segment can go, or the columns of one destination."""
    from segmentation.destinations import DESTINATIONS, destination

    if name:
        return [
            {"column": column.name, "hashed": column.hashed, "meaning": column.meaning}
            for column in destination(name).columns
        ]
    return [
        {
            "name": d.name,
            "consent": ", ".join(d.purposes),
            "at_least": d.minimum or None,
            "contains": d.about.get(language, d.about["en"]),
            "rules": f"{d.name}/{d.version}",
        }
        for d in DESTINATIONS.values()
    ]


def export(  # noqa: PLR0917 - options of a command, given by name
    door: Door,
    expression: Text,
    to: Annotated[str, typer.Option("--to", help="csv, xlsx, klaviyo, mailchimp, google, meta or tiktok.")],
    out: Annotated[Path, typer.Option("--out", help="The file; FILE.manifest.json is written beside it.")],
    holdout: Annotated[float, typer.Option("--holdout", help="Share kept back to measure the effect, e.g. 0.1.")] = 0.0,
    purpose: Annotated[
        str | None,
        typer.Option("--purpose", help="email, sms or ads: the consent it needs; the destination's own if left away."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Another seed draws another hold-out group.")] = 0,
    campaign: Annotated[str, typer.Option("--campaign", help="Name under which its effect is asked for.")] = "",
    window: Annotated[int, typer.Option("--window", help="Days after it in which orders count as its effect.")] = 28,
    template: Annotated[str, typer.Option("--template", help="Message template written to each member.")] = "",
    recommend: Annotated[int, typer.Option("--recommend", help="Products offered to each, as columns.")] = 0,
) -> dict[str, Any]:
    """Write a segment to a file: only people who agreed, with a manifest of who was left out and why."""
    from app.jobs import segment_files
    from segmentation.exporting import purpose_of

    purpose = purpose_of(to, purpose)
    made = segment_files.export_to_file(
        _ready(door), expression, out=out, to=to, holdout=holdout, purpose=purpose, seed=seed,
        campaign=campaign, window_days=window, template=template, offers=recommend,
    ).manifest  # fmt: skip
    return {
        "members": made["members"],
        "exported": made["exported"],
        "dropped": made["dropped"],
        "dropped_by_reason": made["dropped_by_reason"],
        "held_out": len(made["hold_out"]["customers"]),
        "campaign": (made["campaign"] or {}).get("name"),
        "purpose": made["purpose"],
        "destination": made["destination"],
        "personal": made["personal"],
        "warnings": [warning["message"] for warning in made["warnings"]],
        "file": str(out),
        "manifest": f"{out}.manifest.json",
        "sha256": made["file"]["sha256"],
    }


def _ready(door: Door) -> Workspace:
    """Open the shop and bring its replica up to date."""
    workspace = door.workspace()
    workspace.replica.refresh()
    return workspace


def _evaluated(workspace: Workspace, text: str) -> Evaluation:
    from app.jobs import segments

    return segments.evaluate(workspace, text)


def _counts(found: Evaluation, language: str) -> dict[str, Any]:
    return {
        "members": found.count,
        "reachable": found.reachable["email"],
        "reachable_by": found.reachable,
        "customers": found.customers,
        "expression": found.text,
        "sentence": found.sentence.get(language, found.sentence["en"]),
    }


def _worth(found: Evaluation) -> dict[str, Any]:
    from oms_core.kernel.money import to_decimal

    expected = found.expected_90d_minor
    return {
        "spent_12m": to_decimal(found.spent_12m_minor, found.currency),
        "expected_90d": None if expected is None else to_decimal(expected, found.currency),
        "currency": found.currency,
    }
