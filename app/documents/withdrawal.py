"""The acknowledgement of a withdrawal on paper: the text as it was written, in one PDF or text file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reportlab.lib.units import mm
from reportlab.platypus import Spacer

from app.documents.paper import Sheet, build, style, words
from oms_core.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping


def render(record: Mapping[str, Any], shop_name: str, *, suffix: str) -> bytes:
    """Return the acknowledgement that a file name asks for.

    Parameters
    ----------
    record : mapping
        As `returns.case_queries.case_record` gives a withdrawal.
    suffix : str
        ``.pdf`` or ``.txt``; the words and their language are those of the message.

    Raises
    ------
    InvalidInput
        Another suffix.
    """
    message = record["acknowledgement"]
    if suffix.lower() == ".txt":
        return str(message["body"]).encode()
    if suffix.lower() != ".pdf":
        raise InvalidInput("out", suffix, "an acknowledgement is written as .pdf or .txt", "Name the file receipt.pdf.")
    sheet = Sheet(message["subject"], shop_name or record["number"])
    return build(sheet, lambda: _story(message["body"]), language=message["language"])


def _story(body: str) -> list[Any]:
    head, *rest = body.strip().split("\n")
    story: list[Any] = [words(head, style(15, bold=True)), Spacer(1, 6 * mm)]
    for line in rest:
        story += [words(line, style(10)), Spacer(1, 2 * mm)]
    return story
