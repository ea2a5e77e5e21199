"""What a token may do: a noun and whether it reads or writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oms_core.kernel.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The nouns of the API and what each covers.
NOUNS = {
    "orders": "orders, their payments, tags, notes, holds, changes and drafts",
    "stock": "levels, adjustments, transfers, counts, lots, reservations",
    "fulfilment": "fulfilment orders and shipments",
    "returns": "returns, exchanges, claims, withdrawals",
    "purchasing": "purchase orders and suppliers",
    "finance": "invoices, ledger, costs, store credit",
    "customers": "customers and segments",
    "planning": "forecasts",
    "metrics": "the registry of numbers and its answers",
    "events": "the journal",
    "setup": "settings, locations, channels, products, suppliers, opening stock",
}
#: Every scope: ``orders:read``, ``orders:write`` …; ``*`` is all of them, also those to come.
ALL = "*"
#: To see who people are: without it e-mails, phones, names and streets are read masked, whatever else may be read.
PERSONAL = "personal:read"
SCOPES = (*(f"{noun}:{mode}" for noun in NOUNS for mode in ("read", "write")), PERSONAL)


def read_scopes(given: Iterable[str]) -> list[str]:
    """Return scopes as a sorted list without repetition; commas separate too.

    Raises
    ------
    InvalidInput
        ``token.no_scopes`` when none is given.
    NotFound
        ``scope.not_found`` with near matches.
    """
    names = sorted({part.strip() for text in given for part in text.split(",") if part.strip()})
    if not names:
        raise InvalidInput(
            "scopes",
            "",
            "at least one scope",
            f"Known: {ALL} (everything), {', '.join(SCOPES)}.",
            code="token.no_scopes",
        )
    for name in names:
        if name != ALL and name not in SCOPES:
            raise NotFound("scope", name, SCOPES, f"Known: {ALL}, {', '.join(SCOPES)}.")
    return [ALL] if ALL in names else names


def allows(held: Iterable[str], wanted: str) -> bool:
    """Say whether scopes held allow the wanted one; writing a noun includes reading it."""
    scopes, (noun, _, mode) = set(held), wanted.partition(":")
    return ALL in scopes or wanted in scopes or (mode == "read" and f"{noun}:write" in scopes)
