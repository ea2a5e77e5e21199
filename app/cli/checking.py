"""Verify every law."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from app.cli.door import Door, command

LawOption = Annotated[list[str] | None, typer.Option("--law", help="Only this law; may be given more than once.")]
ExplainOption = Annotated[bool, typer.Option("--explain", help="Say what each law means instead of checking.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    command(app, "check", help="Verify every law of the shop; exit status 1 if any is broken.")(check)


def check(
    door: Door, law: LawOption = None, *, explain: ExplainOption = False
) -> dict[str, Any] | list[dict[str, Any]]:
    """Return the laws with what was checked and what is broken; JSON has them under ``laws``."""
    from app.jobs.check import check as verify
    from oms_core.audit.laws import LAWS

    if explain:
        return [{"name": one.name, "says": one.says} for one in LAWS]
    begun = time.perf_counter()
    found = verify(door.workspace(), law or ())
    seconds = round(time.perf_counter() - begun, 2)
    broken = sum(row["broken"] > 0 for row in found)
    door.status = 1 if broken else 0
    door.say(f"{len(found)} laws checked in {seconds} s, {broken or 'none'} broken")
    if door.format != "json":
        return found
    return {"laws": found, "broken": broken, "seconds": seconds}
