"""Message templates, what they become for members of a segment, and what to offer to them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query

from app.api.asking import Asking
from app.api.models import messages as m
from app.api.operations import Operations
from app.api.routes.segments import Expression, Language
from oms_core.marketing import templates

operations = Operations("customers", tag="messages")
Name = Annotated[str, Path(max_length=60, pattern=r"^[\w-]+$", description="A template's name.")]
_SHOWN = (
    "name", "version", "medium", "language", "subject", "body", "html", "sha256", "author", "created_at",
)  # fmt: skip


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in _SHOWN}


@operations.read("/templates", answers=m.Templates, example={"items": [m.TEMPLATE]})
def list_(asking: Asking) -> dict[str, Any]:
    """List the message templates in force."""
    return {"items": [_shown(row) for row in templates.templates(asking.session)]}


@operations.read("/templates/fields", answers=m.Fields, example=m.FIELDS, sessionless=True)
def fields(_asking: Asking, language: Language = "en") -> dict[str, Any]:
    """List what a template may speak of."""
    from segmentation.messages.fields import FIELDS, OFFER_FIELDS

    spoken = {name: field.meanings for name, field in FIELDS.items()}
    spoken |= {f"offer.{name}": meanings for name, meanings in OFFER_FIELDS.items()}
    return {"items": [{"field": name, "meaning": meanings[language]} for name, meanings in spoken.items()]}


@operations.read("/templates/{name}", answers=m.Templates, example={"items": [m.TEMPLATE]})
def show(asking: Asking, name: Name) -> dict[str, Any]:
    """Show every version of a template, newest first."""
    return {"items": [_shown(row) for row in templates.versions(asking.session, name)]}


@operations.write("/templates/{name}", method="PUT", answers=m.Template, example=m.TEMPLATE)
def save(asking: Asking, name: Name, body: m.Words) -> dict[str, Any]:
    """Keep a template; changed words become a new version, the same words keep theirs."""
    from app.jobs import messages

    draft = templates.Draft(**body.model_dump())
    messages.checked(draft)
    kept = templates.save_template(asking.session, name=name, draft=draft, actor=asking.actor)
    return _shown(templates.template(asking.session, kept.name))


@operations.read(
    "/templates/{name}/preview", answers=m.Preview, example=m.PREVIEW, sessionless=True, scope="personal:read"
)
def preview(asking: Asking, name: Name, expression: Expression) -> dict[str, Any]:
    """Write a template to three members of a segment, the longest message and the one least is known of."""
    from app.jobs import messages, segments

    asking.doors.replica()
    workspace = asking.doors.workspace
    template = messages.template(workspace, name)
    return messages.told(messages.preview(workspace, segments.evaluate(workspace, expression), template))


@operations.read("/offers", answers=m.Offers, example=m.OFFERS, sessionless=True)
def offers(
    asking: Asking, expression: Expression, count: Annotated[int, Query(ge=1, le=10, description="SKUs a member.")] = 3
) -> dict[str, Any]:
    """List what the members of a segment may want next, from what is in stock; the 1,000 largest buyers."""
    from app.jobs import offers as job
    from app.jobs import segments

    asking.doors.replica()
    workspace = asking.doors.workspace
    found = job.recommended(workspace, segments.evaluate(workspace, expression), count=count)
    return {"items": found.head(1000 * count).drop("customer_id").to_dicts()}
