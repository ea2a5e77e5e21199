"""The machine of drafts and quotes; a draft promises no stock until it is completed."""

from __future__ import annotations

from oms_core.kernel.states import Machine

DRAFT = Machine(
    name="draft",
    start="open",
    moves={
        "open": ("invoice_sent", "completed", "expired", "cancelled"),
        "invoice_sent": ("open", "completed", "expired", "cancelled"),
        "expired": ("open", "cancelled"),
        "completed": (),
        "cancelled": (),
    },
    colours={"open": "blue", "invoice_sent": "yellow", "expired": "gray", "completed": "green", "cancelled": "gray"},
)
