"""`ordersight templates`: what is written to people, kept by version, checked, and looked at before it goes out."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.order_words import ActorOption

if TYPE_CHECKING:
    from oms_core.marketing.templates import Draft

Row = dict[str, Any]
Name = Annotated[str, typer.Argument(help="Name of the template.")]
Language = Annotated[str, typer.Option("--language", help="Language of the message: en or pl.")]
Medium = Annotated[str, typer.Option("--medium", help="email or sms.")]
Subject = Annotated[str, typer.Option("--subject", help="Subject of an e-mail.")]
Body = Annotated[str, typer.Option("--body", help="The message as plain text, or @FILE.")]
Html = Annotated[str, typer.Option("--html", help="The message as HTML, or @FILE.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(help="Message templates: written for each member into the export.", no_args_is_help=True)
    for name, function in (
        ("list", list_), ("show", show), ("versions", versions), ("fields", fields), ("check", check),
        ("save", save), ("preview", preview), ("retire", retire),
    ):  # fmt: skip
        command(group, name)(function)
    app.add_typer(group, name="templates")


def list_(door: Door) -> list[Row]:
    """List the templates in force."""
    from oms_core.marketing import templates

    with door.workspace().reading() as session:
        return [_listed(row) for row in templates.templates(session)]


def show(door: Door, *, name: Name, version: Annotated[int | None, typer.Option("--version", min=1)] = None) -> Row:
    """Show one version of a template, the one in force when none is named."""
    from oms_core.marketing import templates

    with door.workspace().reading() as session:
        row = templates.template(session, name, version)
    return {key: value for key, value in row.items() if key not in {"id", "is_current"}}


def versions(door: Door, *, name: Name) -> list[Row]:
    """List every version of a template, newest first, with its author."""
    from oms_core.marketing import templates

    with door.workspace().reading() as session:
        return [_listed(row) for row in templates.versions(session, name)]


def _listed(row: Row) -> Row:
    shown = ("name", "version", "medium", "language", "subject", "author", "created_at", "sha256")
    return {key: row[key] for key in shown}


def fields(_door: Door, language: Language = "en") -> list[Row]:
    """List what a template may speak of; needs no shop."""
    from segmentation.messages.fields import FIELDS, OFFER_FIELDS

    spoken = {name: field.meanings for name, field in FIELDS.items()}
    spoken |= {f"offer.{name}": meanings for name, meanings in OFFER_FIELDS.items()}
    return [{"field": name, "meaning": meanings.get(language, meanings["en"])} for name, meanings in spoken.items()]


def check(
    _door: Door,
    *,
    body: Body,
    subject: Subject = "",
    html: Html = "",
    medium: Medium = "email",
    language: Language = "en",
) -> Row:
    """Check a template without keeping it: unknown fields, steps that are not allowed, and advice; needs no shop."""
    from app.jobs import messages
    from segmentation.messages.sms import length
    from segmentation.messages.writing import advice

    template = messages.checked(_draft(medium, language, subject, body, html))
    said = {"sms": asdict(length(template.body))} if medium == "sms" else {}
    return {"valid": True, "advice": advice(template)} | said


def save(
    door: Door,
    *,
    name: Name,
    body: Body,
    subject: Subject = "",
    html: Html = "",
    medium: Medium = "email",
    language: Language = "en",
    actor: ActorOption = "cli",
) -> Row:
    """Keep a template; changed words become a new version."""
    from app.jobs import messages

    return _listed(messages.save(door.workspace(), name, _draft(medium, language, subject, body, html), actor=actor))


def preview(
    door: Door,
    *,
    name: Name,
    expression: Annotated[str, typer.Argument(metavar="NAME|EXPR", help="A segment's name, or an expression.")],
    version: Annotated[int | None, typer.Option("--version", min=1)] = None,
) -> Row:
    """Write it to three members, to the one with the longest message and to the one least is known of."""
    from app.jobs import messages, segments

    workspace = door.workspace()
    workspace.replica.refresh()
    template = messages.template(workspace, name, version)
    return messages.told(messages.preview(workspace, segments.evaluate(workspace, expression), template))


def retire(door: Door, *, name: Name, actor: ActorOption = "cli") -> Row:
    """Take a template out of the list; its versions stay."""
    from oms_core.marketing import templates

    with door.workspace().transaction() as session:
        templates.retire_template(session, name=name, actor=actor)
    return {"name": name, "retired": True}


def _draft(medium: str, language: str, subject: str, body: str, html: str) -> Draft:
    from oms_core.marketing.templates import Draft

    return Draft(medium=medium, language=language, subject=subject, body=_text(body), html=_text(html))


def _text(given: str) -> str:
    """Return a text as given, or that of ``@FILE``."""
    from oms_core.kernel.errors import InvalidInput

    if not given.startswith("@"):
        return given
    try:
        return Path(given[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("file", given[1:], "it cannot be read as UTF-8 text", code="template.file") from error
