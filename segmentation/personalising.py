"""What is added to a file for each person: what is offered to them, and the message written to them.

It is written for those alone who passed the consent gate and whom the destination takes, before the hold-out is
drawn: whom the message cannot be written to leaves both groups alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from oms_core.kernel.errors import Refused
from segmentation.destinations import DESTINATIONS
from segmentation.destinations.model import Cell, Column, Destination, Person, Row
from segmentation.gatekeeping import INCOMPLETE, TOO_LONG
from segmentation.messages.fields import Offer
from segmentation.messages.sms import length
from segmentation.messages.writing import Incomplete, Message, Template, too_long

#: What the added columns hold.
_MEANINGS = {
    "offer": "Product offered, number {n}.",
    "offer_sku": "SKU of that product.",
    "subject": "Subject of the message.",
    "text": "The message, plain.",
    "html": "The message as HTML.",
}


@dataclass
class Personal:
    """What is added for each person.

    Attributes
    ----------
    count : int
        Products offered to each, as columns; 0 for none.
    offers : mapping of str to sequence of Offer
        By customer number, best first.
    template : Template or None
        The message; None for none.
    lacking : Counter
        How many could not be written to, by the field that is not known of them.
    parts : Counter
        How many messages take so many SMS.
    """

    count: int = 0
    offers: Mapping[str, Sequence[Offer]] = field(default_factory=dict)
    template: Template | None = None
    lacking: Counter[str] = field(default_factory=Counter)
    parts: Counter[int] = field(default_factory=Counter)

    def kinds(self) -> list[str]:
        """Return what it adds."""
        message = self.template
        named = ["offer", "offer_sku"] if self.count else []
        if message is not None:
            named += [
                kind for kind, said in (("subject", message.subject), ("text", " "), ("html", message.html)) if said
            ]
        return named

    def require(self, target: Destination, purpose: str) -> None:
        """Refuse what a destination cannot carry.

        Raises
        ------
        Refused
            ``export.cannot_carry``, ``export.template_purpose``: an SMS needs the consent to SMS.
        """
        lost = [kind for kind in self.kinds() if kind not in target.carries]
        if lost:
            able = [name for name, one in DESTINATIONS.items() if set(self.kinds()) <= set(one.carries)]
            raise Refused(
                "export.cannot_carry",
                f"{target.title} files cannot carry: {', '.join(lost)}.",
                f"It takes: {', '.join(target.carries) or 'addresses alone'}. All of that fits: {', '.join(able)}.",
            )
        if self.template is not None and self.template.medium != purpose:
            raise Refused(
                "export.template_purpose",
                f"Template {self.template.name!r} is for {self.template.medium}; this file is for {purpose!r}.",
                f"Give --purpose {self.template.medium}, or another template.",
            )

    def columns(self, target: Destination) -> tuple[Column, ...]:
        """Return the added columns, headed as the destination wants them."""
        numbered = [
            Column(target.carries[kind].format(n=n), _MEANINGS[kind].format(n=n))
            for n in range(1, self.count + 1)
            for kind in ("offer", "offer_sku")
        ]
        said = [kind for kind in self.kinds() if not kind.startswith("offer")]
        return (*numbered, *(Column(target.carries[kind], _MEANINGS[kind]) for kind in said))

    def cells(self, target: Destination, person: Person) -> Row | str:
        """Return a person's added cells, or the reason why they are left out."""
        offers = self.offers.get(person.number, ())
        cells: list[Cell] = []
        for n in range(self.count):
            one = offers[n] if n < len(offers) else None
            cells += [_cut(one.title, target.most_bytes), one.sku] if one else ["", ""]
        if self.template is None:
            return tuple(cells)
        try:
            message = self.template.write(person, offers)
        except Incomplete as error:
            self.lacking[str(error)] += 1
            return INCOMPLETE
        if too_long(message):
            return TOO_LONG
        if self.template.medium == "sms":
            self.parts[length(message.text).parts] += 1
        return (*cells, *self._said(target, message))

    def _said(self, target: Destination, message: Message) -> Row:
        said = {"subject": message.subject, "text": message.text, "html": message.html}
        return tuple(_cut(said[kind], target.most_bytes) for kind in self.kinds() if kind in said)

    def told(self) -> dict[str, Any] | None:
        """Return what a manifest says of it; None when nothing is added."""
        one = self.template
        if not self.kinds():
            return None
        return {
            "offers": self.count,
            "template": None
            if one is None
            else {
                "name": one.name, "version": one.version, "sha256": one.sha256, "medium": one.medium,
                "language": one.language,
            },
            "not_known": dict(self.lacking),
            "sms_parts": {str(parts): people for parts, people in sorted(self.parts.items())},
        }  # fmt: skip


def _cut(text: str, most_bytes: int) -> str:
    """Return a text of so many bytes at most, cut between letters."""
    return text.encode("utf-8")[:most_bytes].decode("utf-8", errors="ignore") if most_bytes else text
