"""What a simulated carrier will say about one parcel: a plan that is a function of its number alone.

Because the plan is not stored, the replay, the live feeder and a feeder restarted after a kill all
see the same future for the same parcel.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.demo.chance import dice
from app.demo.places import Carrier


@dataclass(frozen=True, slots=True)
class Odds:
    """Shares of parcels that go wrong; the rest arrives by the promise. `held` is why one is delayed."""

    delayed: float
    failed: float
    lost: float
    sent_back: float
    held: str = "Held at a depot"


USUAL = Odds(delayed=0.045, failed=0.02, lost=0.002, sent_back=0.004, held="Held at a depot: snow")
#: Share of parcels whose driver scans them at the start of the round.
ROUNDS_SCANNED = 0.4


@dataclass(frozen=True, slots=True)
class Event:
    """One thing a carrier will report."""

    at: datetime
    state: str
    message: str


def working_days_after(at: datetime, days: int) -> datetime:
    """Return the same time `days` working days (Monday to Friday) later."""
    while days > 0:
        at += timedelta(days=1)
        days -= at.weekday() < 5
    return at


def at_hour(at: datetime, hour: float, zone: str) -> datetime:
    """Return the instant of a local hour on the day of `at`."""
    local = at.astimezone(ZoneInfo(zone))
    midnight = datetime.combine(local.date(), time(), tzinfo=ZoneInfo(zone))
    return midnight + timedelta(hours=hour)


def promise(shipped_at: datetime, carrier: Carrier, zone: str) -> datetime:
    """Return when the carrier promises delivery: 18:00 local on its last working day."""
    return at_hour(working_days_after(shipped_at, carrier.promised_days), 18, zone)


def plan(
    number: str, shipped_at: datetime, promised_at: datetime, *, seed: int, zone: str, odds: Odds = USUAL
) -> list[Event]:
    """Return every event of a parcel in time order, up to its end.

    Parameters
    ----------
    number : str
        The shipment's number; with `seed` it decides the outcome.
    shipped_at, promised_at : datetime
        Aware instants.
    """
    roll = dice(seed, "parcel", number)
    fate = roll.random()
    events = [Event(shipped_at + timedelta(hours=roll.uniform(1, 5)), "in_transit", "Left the sender's depot")]
    if fate < odds.lost:
        return [*events, Event(promised_at + timedelta(hours=roll.uniform(30, 60)), "lost", "Not found after a search")]
    if fate < odds.lost + odds.delayed:
        return _delayed(events, promised_at, roll.uniform(1, 3), zone, odds.held)
    round_at = at_hour(promised_at, roll.uniform(7.2, 9.5), zone)
    round_at = max(round_at, events[0].at + timedelta(hours=2))
    handed_at = round_at + timedelta(hours=roll.uniform(0.5, 7.0))
    if roll.random() < ROUNDS_SCANNED:
        events.append(Event(round_at, "out_for_delivery", "On the round"))
    if fate < odds.lost + odds.delayed + odds.sent_back:
        return [*events, Event(handed_at, "return_to_sender", "Refused by the recipient")]
    if fate < odds.lost + odds.delayed + odds.sent_back + odds.failed:
        return [*events, Event(handed_at, "failed", "Nobody at the address"), *_again(handed_at, zone)]
    return [*events, Event(handed_at, "delivered", "Handed over")]


def _delayed(events: list[Event], promised_at: datetime, days: float, zone: str, why: str) -> list[Event]:
    told_at = at_hour(promised_at, 6.5, zone)
    round_at = at_hour(working_days_after(promised_at, max(1, round(days))), 8.5, zone)
    return [
        *events,
        Event(max(told_at, events[0].at + timedelta(hours=1)), "delayed", why),
        Event(round_at, "out_for_delivery", "On the round"),
        Event(round_at + timedelta(hours=4), "delivered", "Handed over"),
    ]


def _again(failed_at: datetime, zone: str) -> list[Event]:
    round_at = at_hour(working_days_after(failed_at, 2), 8.5, zone)
    return [
        Event(round_at, "out_for_delivery", "Second attempt"),
        Event(round_at + timedelta(hours=3), "delivered", "Handed over"),
    ]
