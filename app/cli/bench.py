"""`ordersight bench`: us and a peer in turn, in one run, as ratios."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.door import Door, command
from oms_core.kernel.errors import NotFound


def register(app: typer.Typer) -> None:
    """Add this module's command to the tree."""
    command(app, "bench", help="Measure us and a peer side by side, as ratios.")(bench)


def bench(
    door: Door,
    name: Annotated[str | None, typer.Argument(help="Which benchmark; see --list.")] = None,
    *,
    list_: Annotated[bool, typer.Option("--list", help="Say what each benchmark compares.")] = False,
    all_: Annotated[bool, typer.Option("--all", help="Run every benchmark.")] = False,
    lines: Annotated[int | None, typer.Option(min=272, help="Order lines, for benchmarks that have a size.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Ten million order lines, as the goals say.")] = False,
) -> list[dict[str, Any]]:
    """Run one benchmark, or all, and return rows ``name, ours, peer, ratio, unit, n``."""
    from app.bench.registry import BENCHES, FULL_LINES, run

    if list_ or not (name or all_):
        return [{"name": b.name, "compares": b.compares} for b in BENCHES]
    known = [b.name for b in BENCHES]
    if name and name not in known:
        raise NotFound("benchmark", name, known, f"Known: {', '.join(known)}.")
    rows: list[dict[str, Any]] = []
    for one in [name] if name else known:
        door.say(f"Measuring {one} …")
        rows += run(one, lines=FULL_LINES if full else lines)
    return rows
