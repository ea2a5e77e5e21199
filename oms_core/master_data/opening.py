"""What lies where, told as a sheet: units on hand by SKU and location, of a shop that starts or was counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.inventory.commands import Move, post
from oms_core.inventory.tables import ON_HAND_STATES, StockLevel
from oms_core.kernel.errors import InvalidInput, OmsError, Refused
from oms_core.kernel.rows import core, packed, table_of, unpacked
from oms_core.locations.tables import Location
from oms_core.master_data.cells import text, whole
from oms_core.master_data.reading import Rejected, read
from oms_core.master_data.sheets import Column, Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from oms_core.master_data.reading import Filled

#: The sheet; it has no table of its own: differences are posted to the ledger.
STOCK = Sheet(
    "stock", "stock_level", StockLevel, ("sku", "location"),
    (
        Column("sku", text(120), "variant_id", "MUG-RED", is_required=True, points_to=Variant, by="sku"),
        Column("location", text(120), "location_id", "WAW", is_required=True, points_to=Location),
        Column("on_hand", whole(), "available", "120", is_required=True),
    ),
)  # fmt: skip
_LEVEL, _VARIANT = table_of(StockLevel), table_of(Variant)


@dataclass(frozen=True, slots=True)
class Stocked:
    """What a hand-in did: levels opened, corrected, right already, and rows not taken; units that came and went."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    units_in: int = 0
    units_out: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        counts = {name: getattr(self, name) for name in ("created", "changed", "unchanged", "units_in", "units_out")}
        return {**counts, "rejected": [row.as_dict() for row in self.rejected]}


def put_stock(
    session: Session, rows: Sequence[Mapping[str, object]], *, reason: str, zone: str, actor: str = "system"
) -> Stocked:
    """Set units on hand by SKU and location; the difference is posted.

    Where nothing ever lay it is the opening balance (out of ``supplier``), elsewhere a correction (against ``loss``).

    Parameters
    ----------
    rows : sequence of mapping
        ``sku, location, on_hand`` as texts.
    reason : str
        Why, for the ledger.

    Returns
    -------
    Stocked
        Rows that cannot be taken (fewer than is promised, lots, services) are told and hinder no other.
    """
    if not reason.strip():
        raise InvalidInput("reason", reason, "a word on why stock changes", code="stock.no_reason")
    filled, rejected = read(session, STOCK, rows, currency="")
    levels, kinds = _levels(session, filled), _kinds(session, filled)
    moves, opened, unchanged = list[Move](), 0, 0
    for row in filled:
        try:
            difference = _difference(row, levels.get(row.key), kinds[row.key[0]])
        except OmsError as fault:
            rejected.append(Rejected(row.number, row.row, fault))
            continue
        opened += row.key not in levels and difference != 0
        unchanged += difference == 0
        moves += [_move(row, difference, is_new=row.key not in levels, reason=reason)] if difference else []
    post(session, moves, zone=zone, actor=actor)
    units_in = sum(move.quantity for move in moves if move.to_location_id is not None)
    units_out = sum(move.quantity for move in moves) - units_in
    left = sorted(rejected, key=lambda row: row.number)
    return Stocked(opened, len(moves) - opened, unchanged, left, units_in, units_out)


def _levels(session: Session, rows: Sequence[Filled]) -> dict[Any, dict[str, int]]:
    """Return the levels of the rows, locked in their order."""
    connection = core(session)
    batch = unpacked(connection.dialect.name, variant=int, place=int)
    same = sa.and_(_LEVEL.c.variant_id == batch.c.variant, _LEVEL.c.location_id == batch.c.place)
    states = [_LEVEL.c[state] for state in ON_HAND_STATES]
    query = sa.select(_LEVEL.c.variant_id, _LEVEL.c.location_id, *states).join(batch, same)
    query = query.order_by(_LEVEL.c.variant_id, _LEVEL.c.location_id).with_for_update(key_share=True, of=_LEVEL)
    found = connection.execute(query, {"batch": packed(sorted(row.key for row in rows))}).mappings()
    return {(row["variant_id"], row["location_id"]): dict(row) for row in found}


def _kinds(session: Session, rows: Sequence[Filled]) -> dict[int, tuple[str, bool]]:
    """Return how each SKU is stocked, and whether its lots are told apart."""
    connection = core(session)
    batch = unpacked(connection.dialect.name, variant=int)
    query = sa.select(_VARIANT.c.id, _VARIANT.c.stock_kind, _VARIANT.c.tracks_lots)
    query = query.join(batch, batch.c.variant == _VARIANT.c.id)
    found = connection.execute(query, {"batch": packed(sorted({(row.key[0],) for row in rows}))})
    return {key: (kind, lots) for key, kind, lots in found}


def _difference(row: Filled, level: Mapping[str, int] | None, kind: tuple[str, bool]) -> int:
    """Return the units to post to `available`, or refuse."""
    if kind[0] != "stocked":
        raise Refused("stock.not_stocked", f"{row.row['sku']} is {kind[0].replace('_', ' ')}: no stock is kept of it.")
    if "on_hand" not in row.values:
        raise InvalidInput("on_hand", "", "a whole number of 0 or more was expected")
    difference = int(row.values["on_hand"]) - sum(level[state] for state in ON_HAND_STATES) if level else 0
    difference = difference if level else int(row.values["on_hand"])
    if difference and kind[1]:
        raise Refused(
            "stock.lots", f"Lots of {row.row['sku']} are told apart: units alone do not say which.",
            "Use: ordersight stock adjust --lot",
        )  # fmt: skip
    if level and level["available"] + difference < min(level["available"], 0):
        bound = sum(level[state] for state in ON_HAND_STATES) - level["available"]
        raise Refused(
            "stock.promised", f"{row.row['sku']} at {row.row['location']} cannot be {row.values['on_hand']}: "
            f"{bound} units are promised, reserved or set aside there.",
            "Cancel or move those first, or count again.",
        )  # fmt: skip
    return difference


def _move(row: Filled, difference: int, *, is_new: bool, reason: str) -> Move:
    variant, place = row.key
    if is_new:
        return Move(variant, difference, "opening", None, "supplier", place, "available", reason=reason)
    if difference > 0:
        return Move(variant, difference, "adjusted", None, "loss", place, "available", reason=reason)
    return Move(variant, -difference, "adjusted", place, "available", None, "loss", reason=reason)
