"""Consents when two customers become one: a refusal of either is a refusal of both."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.customers.tables import Consent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

#: States in which nobody may be written to, whatever the other record says.
REFUSALS = ("unsubscribed", "redacted", "invalid")
_COPIED = ("state", "source", "wording_version", "at")


def take_consents(session: Session, source: int, target: int) -> list[dict[str, Any]]:
    """Give the consents of `source` to `target`; where both have one the refusal wins, else the later.

    Returns
    -------
    list of dict
        What was done: ``moved`` (a row's id) or ``changed`` with what the row held ``before``.
    """
    rows = sa.select(Consent).where(Consent.customer_id.in_([source, target])).order_by(Consent.id)
    held: dict[tuple[str, str], dict[int, Consent]] = {}
    for row in session.scalars(rows.with_for_update()):
        held.setdefault((row.channel, row.purpose), {})[row.customer_id] = row
    done: list[dict[str, Any]] = []
    for both in held.values():
        theirs, ours = both.get(source), both.get(target)
        if theirs is not None and ours is None:
            theirs.customer_id = target
            done.append({"moved": theirs.id})
        elif theirs is not None and ours is not None and _wins(theirs, ours):
            before = {name: getattr(ours, name) for name in _COPIED}
            done.append({"changed": ours.id, "before": before | {"at": ours.at.isoformat()}, "to": theirs.state})
            for name in _COPIED:
                setattr(ours, name, getattr(theirs, name))
    session.flush()
    return done


def _wins(theirs: Consent, ours: Consent) -> bool:
    if (theirs.state in REFUSALS) != (ours.state in REFUSALS):
        return theirs.state in REFUSALS
    return theirs.at > ours.at


def give_back_consents(session: Session, done: Sequence[dict[str, Any]], *, kept_id: int, merged_id: int) -> None:
    """Undo :func:`take_consents`; a consent that was given or withdrawn since stays as it is now."""
    for step in done:
        row = session.get(Consent, step.get("moved") or step.get("changed"))
        if row is None or row.customer_id != kept_id:
            continue
        if "moved" in step:
            row.customer_id = merged_id
        elif row.state == step["to"]:
            before = step["before"]
            for name in _COPIED:
                setattr(row, name, datetime.fromisoformat(before[name]) if name == "at" else before[name])
    session.flush()
