"""What the API says of campaigns."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from app.api.forms import Record

CAMPAIGN: dict[str, Any] = {
    "id": 12, "name": "Spring letter", "segment": "europe", "version": 3, "destination": "klaviyo", "purpose": "email",
    "sent_at": "2026-05-01T10:00:00Z", "until": "2026-05-29", "window_days": 28, "sent": 900, "held": 100,
    "holdout": 0.1, "state": "running",
}  # fmt: skip
RESULT: dict[str, Any] = {
    **CAMPAIGN, "state": "finished", "currency": "GBP", "held_but_written_to": 2, "measures": [{
        "measure": "orders", "sent_mean": 0.31, "held_mean": 0.24, "effect": 0.06, "low": 0.01, "high": 0.11,
        "total": 54.0, "total_low": 9.0, "total_high": 99.0, "p_value": 0.018, "is_shaky": False, "verdict": "gain",
        "sentence": "Writing brought 54.0 more orders than silence would have; 95% sure it was 9.0 to 99.0.",
        "chance": "Chance alone would show a difference this large in 1.8% of campaigns that do nothing.",
    }],
}  # fmt: skip


class Campaign(Record):
    """An export that held somebody back."""

    id: int
    name: str
    segment: str
    version: int
    destination: str
    purpose: str
    sent_at: datetime
    until: date
    window_days: int
    sent: int
    held: int
    holdout: float
    state: str


class Campaigns(Record):
    """Campaigns, newest first."""

    items: list[Campaign]


class Effect(Record):
    """What a campaign did to one measure; money in major units. The totals are over all who got the message."""

    measure: str
    sent_mean: float
    held_mean: float
    effect: float
    low: float
    high: float
    total: float
    total_low: float
    total_high: float
    p_value: float | None
    is_shaky: bool
    verdict: str
    sentence: str
    chance: str


class CampaignResult(Campaign):
    """A campaign and what it brought by now."""

    currency: str
    held_but_written_to: int
    measures: list[Effect]
