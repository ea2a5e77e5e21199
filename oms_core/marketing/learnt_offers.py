"""What was learnt of offers at night: how their reasons are weighed, how well they foretold orders; the newest only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.journal import ShopSetting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

_KEY = "offers_learnt"


@dataclass(frozen=True, slots=True)
class Learnt:
    """What one night found.

    Attributes
    ----------
    on : date
        Business day it was learnt on.
    weights : mapping of str to float
        Of the reasons for an offer, by name.
    judged : mapping
        The judgement on orders that came later, days as ISO texts; empty where none was made.
    """

    on: date
    weights: Mapping[str, float]
    judged: Mapping[str, Any]


def keep(session: Session, found: Learnt) -> None:
    """Put what was learnt in place of what was learnt before."""
    value = {"on": found.on.isoformat(), "weights": dict(found.weights), "judged": dict(found.judged)}
    session.execute(sa.delete(ShopSetting).where(ShopSetting.key == _KEY))
    session.execute(sa.insert(ShopSetting).values(key=_KEY, value=value))


def learnt(session: Session) -> Learnt | None:
    """Return what was learnt last; None before the first night."""
    kept = session.scalar(sa.select(ShopSetting.value).where(ShopSetting.key == _KEY))
    return Learnt(date.fromisoformat(kept["on"]), kept["weights"], kept["judged"]) if kept else None
