"""Place, pay, allocate, ship, deliver, cancel, return orders; adjust and move stock."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
