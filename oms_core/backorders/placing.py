"""Promise the stock of orders just placed: what the till holds, what lies on the shelf, what is to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from oms_core.backorders.promising import Calendar, promise
from oms_core.kernel import clock
from oms_core.kernel.errors import OmsError
from oms_core.routing.commands import Request, allocate
from oms_core.routing.reserved import convert

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Answer:
    """What the buyer is told beyond the allocations; keys are there only when there is something to say."""

    told: dict[str, Any] = field(default_factory=dict)


def promise_orders(
    session: Session,
    order_ids: Sequence[int],
    *,
    reservations: Mapping[int, str] | None = None,
    zone: str,
    actor: str = "system",
) -> list[Answer | OmsError]:
    """Promise every unit of orders placed in this transaction.

    Parameters
    ----------
    reservations : mapping of int to str, optional
        Token of the reservation an order comes from, by order: what it holds is the order's, without a
        race; the rest is routed. One that is too old is let go, and the order is served like any other.

    Returns
    -------
    list of Answer or OmsError
        ``reservation`` (``converted``, ``expired`` …) and ``backorders`` (what waits, with its day),
        or every shortage of an order that gets nothing.
    """
    held = convert(session, reservations, zone=zone, actor=actor) if reservations else {}
    calendar = Calendar(clock.business_date(clock.now(), zone))
    requests = [Request(key) for key in order_ids]
    answers = list[Answer | OmsError]()
    promised = allocate(session, requests, zone=zone, actor=actor, placing=True, beyond=calendar.beyond)
    for key, said in zip(order_ids, promised, strict=True):
        if isinstance(said, OmsError):
            answers.append(said)
            continue
        told: dict[str, Any] = {"reservation": held[key]} if key in held else {}
        if said.waiting:
            promises = promise(session, key, said.waiting, zone=zone, actor=actor)
            told["backorders"] = [{**one, "promised_on": _iso(one["promised_on"])} for one in promises]
        answers.append(Answer(told))
    return answers


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
