"""How simulated customers pay: one plan an order, fixed by its number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from app.demo.chance import dice
from oms_core.kernel.errors import OmsError
from oms_core.payments.commands import NewMoney, pay_all

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ACTOR = "payments (simulated)"


@dataclass(frozen=True, slots=True)
class Step:
    """One movement of the whole amount: when, what kind (see `payments`), through which gateway."""

    at: datetime
    kind: str
    gateway: str


@dataclass(frozen=True, slots=True)
class Terms:
    """The steps of an order's payment; `ships_unpaid` orders leave on account."""

    steps: tuple[Step, ...]
    ships_unpaid: bool


def payment_plan(external_id: str, placed_at: datetime, *, on_account: bool, seed: int) -> Terms:
    """Return how an order is paid.

    Parameters
    ----------
    on_account : bool
        Trade customers may pay by transfer some days after; others pay by card at once.
    """
    roll = dice(seed, "pay", external_id)
    turn, soon = roll.random(), placed_at + timedelta(minutes=roll.uniform(0.2, 3))
    if turn < 0.012:
        declined = (Step(soon, "authorize", "card"), Step(soon + timedelta(minutes=1), "void", "card"))
        again = Step(placed_at + timedelta(days=roll.uniform(1, 6)), "capture", "card")
        return Terms((*declined, again), ships_unpaid=False)
    if on_account and turn < 0.24:
        return Terms((Step(placed_at + timedelta(days=roll.uniform(1, 9)), "capture", "transfer"),), ships_unpaid=True)
    if turn < 0.30:
        caught = Step(placed_at + timedelta(hours=roll.uniform(2, 30)), "capture", "card")
        return Terms((Step(soon, "authorize", "card"), caught), ships_unpaid=True)
    return Terms((Step(soon, "capture", "card"),), ships_unpaid=False)


def movement(order_id: int, step: Step, index: int, *, amount_minor: int, name: str) -> NewMoney:
    """Return one step of an order's plan as the command's input; its id makes a repetition harmless."""
    return NewMoney(
        order_id=order_id,
        kind=step.kind,
        amount_minor=amount_minor,
        gateway=step.gateway,
        external_id=f"{name}-{index}",
    )


def take(session: Session, moved: Sequence[NewMoney], *, zone: str) -> None:
    """Book what gateways report; an order they are too late for is a refusal."""
    said = pay_all(session, moved, zone=zone, actor=ACTOR, simulated=True)
    refused = next((error for error in said if isinstance(error, OmsError)), None)
    if refused is not None:
        raise refused
