"""The machines of review: an assessment and a suspected duplicate, each decided once by a person."""

from __future__ import annotations

from oms_core.kernel.states import Machine

ASSESSMENT = Machine(
    name="risk_assessment",
    start="open",
    moves={"open": ("approved", "rejected"), "approved": ("open", "rejected"), "rejected": ()},
    colours={"open": "yellow", "approved": "green", "rejected": "red"},
)

SUSPICION = Machine(
    name="duplicate_suspicion",
    start="open",
    moves={"open": ("confirmed", "dismissed"), "confirmed": (), "dismissed": ("confirmed",)},
    colours={"open": "yellow", "confirmed": "red", "dismissed": "gray"},
)
