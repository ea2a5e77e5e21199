"""What was matched with what in an account, and taking a match back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.finance.ledger_tables import LedgerEntry, LedgerMatch
from oms_core.kernel import journal
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.kernel.rows import core, table_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_ENTRY, _MATCH = table_of(LedgerEntry), table_of(LedgerMatch)


def matches_of(session: Session, entry_id: int) -> list[dict[str, Any]]:
    """Return the matches a ledger entry is part of, oldest first.

    Returns
    -------
    list of dict
        ``id, claim_id, claim`` (document), ``settling_id, settling, amount_minor, currency, at, actor``.

    Raises
    ------
    NotFound
        An unknown entry.
    """
    if session.get(LedgerEntry, entry_id) is None:
        raise NotFound("ledger entry", entry_id, hint="See: ordersight ledger open")
    either = sa.or_(_MATCH.c.claim_id == entry_id, _MATCH.c.settling_id == entry_id)
    return [dict(row) for row in core(session).execute(_told().where(either)).mappings()]


def match_record(session: Session, match_id: int) -> dict[str, Any]:
    """Return one match as :func:`matches_of` tells it."""
    row = core(session).execute(_told().where(_MATCH.c.id == match_id)).mappings().one_or_none()
    if row is None:
        raise _unknown(match_id)
    return dict(row)


def newest_between(session: Session, claim_id: int, settling_id: int) -> dict[str, Any]:
    """Return the latest match of two entries."""
    same = sa.and_(_MATCH.c.claim_id == claim_id, _MATCH.c.settling_id == settling_id)
    key = core(session).execute(sa.select(sa.func.max(_MATCH.c.id)).where(same)).scalar_one()
    return match_record(session, key)


def unmatch(session: Session, match_id: int, *, reason: str, actor: str = "system") -> dict[str, Any]:
    """Take a match back: both entries are open again by its amount. Returns the match as it was.

    The journal keeps it. Whatever settles the order's account next (a payment, a correction) matches
    what is open then, oldest first: match what was meant before that.

    Raises
    ------
    NotFound
        ``match.not_found``: unknown, or taken back before.
    InvalidInput
        No reason.
    """
    if not reason.strip():
        raise InvalidInput("reason", reason, "why the match is taken back", code="ledger.no_reason")
    connection, was = core(session), match_record(session, match_id)
    keys = (was["claim_id"], was["settling_id"])
    # entries in id order, as every match locks them; whoever comes second finds the match gone
    connection.execute(
        sa.select(_ENTRY.c.id).where(_ENTRY.c.id.in_(keys)).order_by(_ENTRY.c.id).with_for_update(key_share=True)
    )
    gone = connection.execute(sa.delete(_MATCH).where(_MATCH.c.id == match_id))
    if not gone.rowcount:
        raise _unknown(match_id)
    facts = {name: was[name] for name in ("claim", "settling", "amount_minor", "currency")}
    journal.record(
        session, "ledger.unmatched", "ledger_entry", was["claim_id"], actor=actor, reason=reason.strip(),
        match_id=match_id, **facts,
    )  # fmt: skip
    return was


def _told() -> sa.Select[Any]:
    claim, settling = _ENTRY.alias("claim"), _ENTRY.alias("settling")
    return (
        sa.select(
            _MATCH.c.id, _MATCH.c.claim_id, claim.c.document.label("claim"), _MATCH.c.settling_id,
            settling.c.document.label("settling"), _MATCH.c.amount_minor, claim.c.currency, _MATCH.c.at,
            _MATCH.c.actor,
        )
        .join(claim, claim.c.id == _MATCH.c.claim_id)
        .join(settling, settling.c.id == _MATCH.c.settling_id)
        .order_by(_MATCH.c.id)
    )  # fmt: skip


def _unknown(match_id: int) -> NotFound:
    return NotFound("match", match_id, hint="It may have been taken back; list the entry's matches.")
