"""Keep message templates: every change is a new version with its author; nothing kept is ever changed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.kernel.rows import table_of
from oms_core.marketing.template_tables import LANGUAGES, MEDIA, MessageTemplate

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a template says, before it is kept.

    Attributes
    ----------
    medium : str
        ``email`` or ``sms``; an SMS has neither subject nor HTML.
    body : str
        The message as plain text.
    """

    medium: str
    language: str
    body: str
    subject: str = ""
    html: str = ""

    @property
    def sha256(self) -> str:
        """Hash of everything it says."""
        said = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(said.encode("utf-8")).hexdigest()


def save_template(session: Session, *, name: str, draft: Draft, actor: str = "system") -> MessageTemplate:
    """Keep a template; the same words keep their version, other words get the next.

    Raises
    ------
    InvalidInput
        ``template.name, template.medium, template.language, template.no_body, template.sms_is_plain``.
    """
    _require(name, draft)
    before = session.scalar(
        sa.select(MessageTemplate).where(MessageTemplate.name == name, MessageTemplate.is_current).with_for_update()
    )
    if before is not None and before.sha256 == draft.sha256:
        return before
    if before is not None:
        before.is_current = False
        session.flush()
    newest = session.scalar(sa.select(sa.func.max(MessageTemplate.version)).where(MessageTemplate.name == name)) or 0
    kept = MessageTemplate(
        name=name, version=newest + 1, sha256=draft.sha256, author=actor, created_at=clock.now(), **asdict(draft)
    )
    session.add(kept)
    session.flush()
    journal.record(
        session, "template.saved", "message_template", kept.id, actor=actor, name=name, version=kept.version,
        sha256=kept.sha256,
    )  # fmt: skip
    return kept


def _require(name: str, draft: Draft) -> None:
    if not (name and len(name) <= 60 and name.replace("_", "").replace("-", "").isalnum()):
        raise InvalidInput("name", name, "1 to 60 letters, digits, - and _ were expected", code="template.name")
    for field, known in (("medium", MEDIA), ("language", LANGUAGES)):
        if getattr(draft, field) not in known:
            raise InvalidInput(
                field, getattr(draft, field), f"one of {', '.join(known)} was expected", code=f"template.{field}"
            )
    if not draft.body.strip():
        raise InvalidInput("body", "", "some text was expected", code="template.no_body")
    if draft.medium == "sms" and (draft.subject or draft.html):
        raise InvalidInput("subject", draft.subject, "an SMS has only its text", code="template.sms_is_plain")


def retire_template(session: Session, *, name: str, actor: str = "system") -> None:
    """Take a template out of the list; its versions stay, for the exports that used them."""
    found = session.get_one(MessageTemplate, template(session, name)["id"])
    found.is_current = False
    session.flush()
    journal.record(session, "template.retired", "message_template", found.id, actor=actor, name=name)


def templates(session: Session) -> list[dict[str, Any]]:
    """Return the current version of every template, by name."""
    table = table_of(MessageTemplate)
    rows = session.execute(sa.select(table).where(table.c.is_current).order_by(table.c.name))
    return [dict(row) for row in rows.mappings()]


def versions(session: Session, name: str) -> list[dict[str, Any]]:
    """Return every version of a template, newest first.

    Raises
    ------
    NotFound
        ``template.not_found``, with near matches.
    """
    table = table_of(MessageTemplate)
    rows = session.execute(sa.select(table).where(table.c.name == name).order_by(table.c.version.desc()))
    found = [dict(row) for row in rows.mappings()]
    if not found:
        raise NotFound("template", name, [row["name"] for row in templates(session)], "List: ordersight templates list")
    return found


def template(session: Session, name: str, version: int | None = None) -> dict[str, Any]:
    """Return one version of a template, the current one when none is named.

    Raises
    ------
    NotFound
        ``template.not_found``: no such name or version, or it was retired.
    """
    for row in versions(session, name):
        if row["version"] == version or (version is None and row["is_current"]):
            return row
    known = [row["name"] for row in templates(session)]
    raise NotFound("template", name if version is None else f"{name} version {version}", known)
