"""A message written to one person: from a checked template and what is known of the person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from jinja2 import Template as Compiled
from jinja2 import UndefinedError

from oms_core.kernel.errors import Refused
from segmentation.destinations.model import Person
from segmentation.destinations.writing import is_harmless
from segmentation.messages.fields import Offer, values
from segmentation.messages.grammar import MOST_RENDERED, compiled, require_sound
from segmentation.messages.sms import length, unaccented

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Parts of a text message from which on it is said that it grows dear.
DEAR_PARTS = 2
#: Signs of a subject that phones show.
LONG_SUBJECT = 60


class Incomplete(Exception):
    """A field the template needs is not known of this person; the argument is the field."""


@dataclass(frozen=True, slots=True)
class Message:
    """What one person will read."""

    subject: str
    text: str
    html: str = ""

    @property
    def size(self) -> int:
        """Signs of the text, or of the HTML where it is longer."""
        return max(len(self.text), len(self.html))


@dataclass(frozen=True)
class Template:
    """A template ready to be written from; `check` it first.

    Attributes
    ----------
    version : int
        0 before it is kept.
    """

    medium: str
    language: str
    body: str
    subject: str = ""
    html: str = ""
    name: str = ""
    version: int = 0
    sha256: str = ""

    def check(self) -> Template:
        """Refuse a template that is not sound; return it.

        Raises
        ------
        InvalidInput, NotFound
            See `grammar.require_sound`; ``template.no_subject`` of an e-mail.
        """
        for part, source in (("subject", self.subject), ("body", self.body), ("html", self.html)):
            require_sound(part, source, html=part == "html")
        if self.medium == "email" and not self.subject.strip():
            raise Refused("template.no_subject", "An e-mail needs a subject.", "Give one: --subject TEXT")
        return self

    @cached_property
    def _parts(self) -> tuple[Compiled, Compiled, Compiled]:
        return compiled(self.subject), compiled(self.body), compiled(self.html, html=True)

    def write(self, person: Person, offers: Sequence[Offer] = ()) -> Message:
        """Return the message to one person.

        Raises
        ------
        Incomplete
            A field is needed that is not known of them.
        """
        return self.fill(values(person, offers, self.language))

    def fill(self, known: Mapping[str, object]) -> Message:
        """Return the message of given values."""
        try:
            subject, text, html = (part.render(known) for part in self._parts)
        except UndefinedError as error:
            raise Incomplete(str(error)) from error
        return Message(" ".join(subject.split()), text.strip(), html.strip())


def too_long(message: Message) -> bool:
    """Tell whether a message would not fit into a cell of a workbook."""
    return message.size > MOST_RENDERED or len(message.subject) > 998


def advice(template: Template) -> list[dict[str, str]]:
    """Return what is probably not meant, each with a code and a sentence; it refuses nothing."""
    found: list[dict[str, str]] = []

    def say(code: str, message: str) -> None:
        found.append({"code": code, "message": message})

    for part, source in (("subject", template.subject), ("body", template.body)):
        if source and not is_harmless(source):
            say("template.formula", f"The {part} begins with a sign a spreadsheet would run; a ' will stand before it.")
    if template.medium == "sms":
        said = length(template.body)
        if said.alphabet == "UCS-2" and length(unaccented(template.body)).parts < said.parts:
            say("template.letters", f"The letters {said.forcing} make it {said.parts} parts; | unaccented saves some.")
    elif len(template.subject) > LONG_SUBJECT:
        say("template.long_subject", f"Phones show about {LONG_SUBJECT} signs of a subject.")
    if template.medium == "email" and template.html and not template.body.strip():
        say("template.no_text", "Without plain text some readers see nothing.")
    return found
