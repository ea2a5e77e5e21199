"""Transfers before purchases: which goods lie at the wrong location, and where what is bought should go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from analytics import frames
from app.jobs.replenishment import told
from forecasting.transfers import dealt, moves, parts
from oms_core.inventory.commands import draft_transfer
from oms_core.inventory.transfer_queries import open_transfers
from oms_core.kernel import clock

if TYPE_CHECKING:
    from app.jobs.replenishment import Plan
    from app.workspace import Workspace

#: Days whose shipments say how demand is shared among locations.
SEEN_DAYS = 91


def advise(workspace: Workspace, suggested: pl.DataFrame) -> dict[int, dict[str, list[dict[str, Any]]]]:
    """Return by variant what to move between locations, and where to send what is ordered.

    Parameters
    ----------
    suggested : polars.DataFrame
        Lines of a plan, all or some.

    Returns
    -------
    dict
        Variant to ``transfers`` (``from, to, quantity`` and the ids of both) and ``deliver`` (``location, quantity``);
        only variants at two locations or more.
    """
    since = clock.business_date(clock.now(), workspace.shop.zone) - timedelta(days=SEEN_DAYS)
    shelves = frames.shelf_positions(workspace.replica, since)
    with workspace.reading() as session:
        moving = open_transfers(session)
    lines = {line["variant_id"]: line for line in suggested.iter_rows(named=True)}
    found = {}
    shelves = shelves.filter(pl.col("variant_id").is_in(list(lines)))
    for (variant,), own in shelves.group_by("variant_id", maintain_order=True):
        line = lines.get(variant)
        if line is not None and own.height > 1:
            found[int(variant)] = _advice(line, _after_moving(own, moving))
    return found


def told_with_moves(workspace: Workspace, found: Plan) -> list[dict[str, Any]]:
    """Return the lines of a plan with something to order, each with its receipt, its transfers and its deliveries."""
    advice = advise(workspace, found.lines)
    return [
        {**told(line, line["supplier_currency"]), **without_ids(advice.get(line["variant_id"]))}
        for line in found.ordered.iter_rows(named=True)
    ]


def without_ids(advice: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a line's transfers and deliveries without the ids of the locations."""
    if advice is None:
        return {"transfers": [], "deliver": []}
    moved = [{key: move[key] for key in ("from", "to", "quantity")} for move in advice["transfers"]]
    return {"transfers": moved, "deliver": advice["deliver"]}


def _after_moving(own: pl.DataFrame, moving: Sequence[tuple[int, int, int, str, int]]) -> pl.DataFrame:
    """Return the shelves with open transfers counted: drafted ones are taken from their source already."""
    taken: dict[int, int] = defaultdict(int)
    coming: dict[int, int] = defaultdict(int)
    for variant, source, target, state, units in moving:
        if variant == own["variant_id"][0]:
            coming[target] += units
            taken[source] += units if state == "draft" else 0
    place = own["location_id"].to_list()
    return own.with_columns(
        pl.Series("available", [max(a - taken[at], 0) for a, at in zip(own["available"], place, strict=True)]),
        pl.Series("incoming", [i + coming[at] for i, at in zip(own["incoming"], place, strict=True)]),
    )


def _advice(line: Mapping[str, Any], own: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    part = parts(own["shipped_units"].to_numpy().astype(np.float64))
    available, incoming = (own[name].to_numpy().astype(np.float64) for name in ("available", "incoming"))
    code, place = own["location"].to_list(), own["location_id"].to_list()
    wanted = moves(line, part=part, available=available, incoming=incoming)
    has = available + incoming
    for move in wanted:
        has[move.source] -= move.quantity
        has[move.target] += move.quantity
    units = dealt(line, part=part, has=has)
    return {
        "transfers": [
            {
                "from": code[m.source], "to": code[m.target], "quantity": m.quantity,
                "ids": (place[m.source], place[m.target]),
            }
            for m in wanted
        ],
        "deliver": [{"location": at, "quantity": int(n)} for at, n in zip(code, units, strict=True) if n],
    }  # fmt: skip


def draft_advised(
    workspace: Workspace, advice: Mapping[int, Mapping[str, Sequence[Mapping[str, Any]]]], *, actor: str
) -> list[str]:
    """Draft one transfer a pair of locations and return their numbers; a second run drafts nothing twice."""
    pairs: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for variant, one in advice.items():
        for move in one["transfers"]:
            pairs[move["ids"]][variant] = move["quantity"]
    with workspace.transaction() as session:
        drafted = [
            draft_transfer(session, from_location_id=source, to_location_id=target, lines=units, actor=actor)
            for (source, target), units in pairs.items()
        ]
        return [transfer.number for transfer in drafted]
