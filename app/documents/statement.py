"""A party's account over a period as a file: opening, every document with the running balance, closing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.documents.table_file import csv_bytes
from app.i18n import _, speaking
from oms_core.kernel.money import to_decimal


def csv(told: Mapping[str, Any], name: str, *, kinds: Callable[[str], str], language: str) -> bytes:
    """Return the statement as CSV in the language's separator and decimal sign.

    Parameters
    ----------
    told : mapping
        As `finance.ageing.statement` gives it, minor units.
    name : str
        Whose account it is.
    kinds : callable
        Kind of a document to its words; called in that language.
    """
    currency = told["currency"]
    with speaking(language):
        header = [_("Date"), _("Kind"), _("Document"), _("Due on"), _("Amount"), _("Balance"), _("Currency")]
        opening = to_decimal(told["opening_minor"], currency)
        rows: list[list[object]] = [[told["since"], _("Opening balance"), name, None, None, opening, currency]]
        rows += [
            [
                entry["on_date"], kinds(entry["kind"]), entry["document"], entry["due_on"],
                to_decimal(entry["amount_minor"], currency), to_decimal(entry["balance_minor"], currency), currency,
            ]
            for entry in told["entries"]
        ]  # fmt: skip
        closing = to_decimal(told["closing_minor"], currency)
        rows.append([told["until"], _("Closing balance"), name, None, None, closing, currency])
    return csv_bytes(header, rows, language=language)
