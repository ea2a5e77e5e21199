"""Message templates of the shop: keep, check, preview on real members, and make what an export adds for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from app.jobs import offers as offering
from oms_core.kernel.errors import InvalidInput
from oms_core.marketing import templates as kept
from segmentation import exporting
from segmentation.destinations import destination
from segmentation.messages.fields import OFFERS
from segmentation.messages.sms import length
from segmentation.messages.writing import Incomplete, Message, Template, advice
from segmentation.personalising import Personal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.jobs.segments import Evaluation
    from app.workspace import Workspace
    from segmentation.destinations.model import Person

#: Members written to in a preview beside the longest and the emptiest message.
SHOWN = 3
#: Most products offered to one person.
MOST_OFFERS = 10
#: Products a template can speak of when the export names no number.
USUAL_OFFERS = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """One message of a preview.

    Attributes
    ----------
    why : str
        ``member``, ``longest`` or ``emptiest``: of whom the fewest fields are known.
    lacking : str
        The field that is not known; then there is no message.
    """

    number: str
    why: str
    message: Message | None
    lacking: str = ""

    @property
    def parts(self) -> int:
        """SMS it takes."""
        return length(self.message.text).parts if self.message else 0


@dataclass(frozen=True, slots=True)
class Preview:
    """What a template becomes for the members of a segment.

    Attributes
    ----------
    members, writable, written : int
        Of the segment; of these who passed the consent gate; of these to whom the message can be written.
    lacking : dict of str to int
        People the message cannot be written to, by the field not known of them.
    sms_parts : dict of int to int
        Messages by how many SMS they take.
    """

    members: int
    writable: int
    written: int
    lacking: dict[str, int]
    sms_parts: dict[int, int]
    shown: Sequence[Shown]
    advice: Sequence[dict[str, str]]


def template(workspace: Workspace, name: str, version: int | None = None) -> Template:
    """Return a kept template, ready to be written from.

    Raises
    ------
    NotFound
        ``template.not_found``, with near matches.
    """
    with workspace.reading() as session:
        return ready(kept.template(session, name, version))


def ready(row: dict[str, Any]) -> Template:
    """Return a row of templates as one to write from."""
    fields = ("name", "version", "sha256", "medium", "language", "subject", "body", "html")
    return Template(**{field: row[field] for field in fields})


def save(workspace: Workspace, name: str, draft: kept.Draft, *, actor: str = "cli") -> dict[str, Any]:
    """Check a template and keep it; a change makes a new version.

    Raises
    ------
    InvalidInput, NotFound, Refused
        What `Template.check` and `templates.save_template` refuse.
    """
    checked(draft)
    with workspace.transaction() as session:
        row = kept.save_template(session, name=name.strip(), draft=draft, actor=actor)
        return kept.template(session, row.name)


def checked(draft: kept.Draft) -> Template:
    """Return a draft as a template, or refuse what is not sound."""
    return Template(draft.medium, draft.language, draft.body, draft.subject, draft.html).check()


def personal(
    workspace: Workspace, found: Evaluation, *, to: str, purpose: str, template: str = "", offers: int = 0
) -> Personal:
    """Return what an export adds for each member; refused before anything is worked out when it cannot go there.

    Raises
    ------
    InvalidInput
        ``export.offers``: more than can be offered.
    Refused, NotFound
        ``export.cannot_carry, export.template_purpose, template.not_found``.
    """
    if not 0 <= offers <= MOST_OFFERS:
        raise InvalidInput("offers", offers, f"0 to {MOST_OFFERS} products were expected", code="export.offers")
    message = _template(workspace, template) if template else None
    Personal(offers, template=message).require(destination(to), purpose)
    return Personal(offers, _offers(workspace, found, message, offers, None), message)


def _template(workspace: Workspace, name: str) -> Template:
    with workspace.reading() as session:
        return ready(kept.template(session, name))


def _offers(
    workspace: Workspace, found: Evaluation, message: Template | None, count: int, only: pl.Series | None
) -> dict[str, Any]:
    """Return offers by customer number, as many as the file or the message needs."""
    speaks = message is not None and any(OFFERS in part for part in (message.subject, message.body, message.html))
    wanted = max(count, USUAL_OFFERS if speaks else 0)
    return offering.by_number(offering.recommended(workspace, found, count=wanted, only=only)) if wanted else {}


def preview(workspace: Workspace, found: Evaluation, message: Template, *, offers: int = USUAL_OFFERS) -> Preview:
    """Return what members who may be written to would read: some, the longest, and the one least is known of.

    Raises
    ------
    InvalidInput, NotFound, Refused
        What `Template.check` refuses.
    """
    message.check()
    people = exporting.allowed(found.membership, message.medium)
    numbers = pl.Series("number", [person.number for person in people], dtype=pl.String)
    added = Personal(0, _offers(workspace, found, message, offers, numbers), message)
    written: list[tuple[Person, Message]] = []
    refused: list[Shown] = []
    for person in people:
        try:
            written.append((person, message.write(person, added.offers.get(person.number, ()))))
        except Incomplete as error:
            added.lacking[str(error)] += 1
            refused.append(Shown(person.number, "emptiest", None, str(error)))
    if message.medium == "sms":
        added.parts.update(length(said.text).parts for _, said in written)
    shown = _shown(written, refused)
    return Preview(
        found.count, len(people), len(written), dict(added.lacking), dict(sorted(added.parts.items())), shown,
        advice(message),
    )  # fmt: skip


def _shown(written: Sequence[tuple[Person, Message]], refused: Sequence[Shown]) -> list[Shown]:
    """Return the messages to look at: the largest buyers, the longest message, and the one with the least known."""
    some = [Shown(person.number, "member", said) for person, said in written[:SHOWN]]
    if written:
        person, said = max(written, key=lambda pair: pair[1].size)
        some.append(Shown(person.number, "longest", said))
    if refused:
        return [*some, refused[0]]
    if written:
        person, said = min(written, key=lambda pair: known_of(pair[0]))
        some.append(Shown(person.number, "emptiest", said))
    return some


def known_of(person: Person) -> int:
    """Count what is known of a person."""
    said = (person.name, person.city, person.country, person.rfm_group, person.last_order_on, person.postal_code)
    return sum(bool(one) for one in said)


def told(found: Preview) -> dict[str, Any]:
    """Return a preview as the command line and the API show it."""
    return {
        "members": found.members, "writable": found.writable, "written": found.written,
        "not_known": found.lacking, "sms_parts": {str(parts): n for parts, n in found.sms_parts.items()},
        "messages": [
            {
                "number": one.number, "why": one.why, "lacking": one.lacking, "sms_parts": one.parts,
                "subject": one.message.subject if one.message else "", "text": one.message.text if one.message else "",
                "html": one.message.html if one.message else "",
            }
            for one in found.shown
        ],
        "advice": list(found.advice),
    }  # fmt: skip
