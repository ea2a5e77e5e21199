"""Read bins: what lies where, what a pick bin should hold, worker's lists with their receipts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.inventory.bin_replenishing import lines_of, to_do
from oms_core.inventory.bin_tables import Bin, BinLevel, BinReplenishment, BinReplenishmentLine, BinRule
from oms_core.inventory.lot_tables import Lot
from oms_core.kernel.errors import NotFound
from oms_core.locations.tables import Location

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from oms_core.inventory.bin_rules import Proposal

_WHY = {
    "filled_up": "Filled up to what fits in whole increments.",
    "whole_increments": "Overstock has no more whole increments.",
    "last_units": "The last units of overstock, less than one increment.",
}
#: Kinds in the order in which a person reads a warehouse.
_KINDS = sa.case({"pick": 0, "default": 1, "overstock": 2}, value=Bin.kind)


def bins_of(session: Session, location_id: int) -> list[dict[str, Any]]:
    """Return the bins of a location: pick bins first; units and variants that lie in each."""
    held = (
        sa.select(
            BinLevel.bin_id, sa.func.sum(BinLevel.quantity).label("units"),
            sa.func.count(BinLevel.variant_id.distinct()).label("variants"),
        )
        .where(BinLevel.quantity > 0)
        .group_by(BinLevel.bin_id)
        .subquery()
    )  # fmt: skip
    rows = session.execute(
        sa.select(Bin.id, Bin.code, Bin.kind, Bin.position, held.c.units, held.c.variants)
        .outerjoin(held, held.c.bin_id == Bin.id)
        .where(Bin.location_id == location_id, Bin.retired_at.is_(None))
        .order_by(_KINDS, Bin.position, Bin.code)
    )
    return [{**row, "units": int(row["units"] or 0), "variants": row["variants"] or 0} for row in rows.mappings()]


def bin_contents(
    session: Session, *, location_id: int | None = None, variant_id: int | None = None, bin_id: int | None = None,
    limit: int | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return what lies in bins, by bin, SKU and lot (first to expire first), with the rule of a pick bin.

    A pick bin that should hold something and is empty is told with zero units.
    """
    level, rule = BinLevel, BinRule
    pairs = sa.union(
        sa.select(level.bin_id, level.variant_id).where(level.quantity > 0), sa.select(rule.bin_id, rule.variant_id)
    ).subquery()
    there = sa.and_(level.bin_id == pairs.c.bin_id, level.variant_id == pairs.c.variant_id, level.quantity > 0)
    ruled = sa.and_(rule.bin_id == pairs.c.bin_id, rule.variant_id == pairs.c.variant_id)
    statement = (
        sa.select(
            Location.code.label("location"), Bin.code.label("bin"), Bin.kind, Variant.sku, Variant.title,
            Lot.number.label("lot"), Lot.expires_on, sa.func.coalesce(level.quantity, 0).label("units"),
            rule.minimum_qty.label("minimum"), rule.maximum_qty.label("maximum"),
            rule.increment_qty.label("increment"),
        )
        .select_from(pairs)
        .join(Bin, Bin.id == pairs.c.bin_id)
        .join(Location, Location.id == Bin.location_id)
        .join(Variant, Variant.id == pairs.c.variant_id)
        .outerjoin(level, there)
        .outerjoin(Lot, Lot.id == level.lot_id)
        .outerjoin(rule, ruled)
        .order_by(Location.position, Location.id, _KINDS, Bin.position, Bin.code, Variant.sku)
        .order_by(Lot.expires_on.is_(None), Lot.expires_on, Lot.id)
        .limit(limit)
    )  # fmt: skip
    for column, key in ((Bin.location_id, location_id), (pairs.c.variant_id, variant_id), (Bin.id, bin_id)):
        if key is not None:
            statement = statement.where(column == key)
    return [dict(row) for row in session.execute(statement).mappings()]


def list_named(session: Session, number: str) -> BinReplenishment:
    """Return the worker's list of a number; near matches are offered when there is none."""
    found = session.scalars(sa.select(BinReplenishment).where(BinReplenishment.number == number)).one_or_none()
    if found is None:
        raise NotFound("bin replenishment", number, session.scalars(sa.select(BinReplenishment.number)))
    return found


def list_record(session: Session, found: BinReplenishment) -> dict[str, Any]:
    """Return a worker's list as a record: its lines with what is to do, and each with its receipt in a sentence."""
    names = _names(session, found)
    return {
        "id": found.id, "number": found.number, "state": found.state, "version": found.version,
        "location": session.scalar(sa.select(Location.code).where(Location.id == found.location_id)),
        "created_at": found.created_at, "created_by": found.created_by, "closed_at": found.closed_at,
        "lines": [_line(line, names) for line in lines_of(session, found.id)],
        "unmet": [
            {"bin": names[0][one["bin_id"]], "sku": names[1][one["variant_id"]], **_figures(one)}
            for one in found.unmet
        ],
    }  # fmt: skip


def _names(session: Session, found: BinReplenishment) -> tuple[dict[int, str], dict[int, str], dict[int, str]]:
    """Return codes of bins, SKUs and lot numbers that a list names, by id."""
    lines = sa.select(BinReplenishmentLine).where(BinReplenishmentLine.bin_replenishment_id == found.id).subquery()
    bins = session.execute(sa.select(Bin.id, Bin.code).where(Bin.location_id == found.location_id))
    wanted = sa.or_(
        Variant.id.in_(sa.select(lines.c.variant_id)), Variant.id.in_([one["variant_id"] for one in found.unmet])
    )
    variants = session.execute(sa.select(Variant.id, Variant.sku).where(wanted))
    lots = session.execute(sa.select(Lot.id, Lot.number).where(Lot.id.in_(sa.select(lines.c.lot_id))))
    return {r[0]: r[1] for r in bins}, {r[0]: r[1] for r in variants}, {r[0]: r[1] for r in lots}


def _line(line: BinReplenishmentLine, names: tuple[Mapping[int, str], ...]) -> dict[str, Any]:
    bins, skus, lots = names
    return {
        "id": line.id, "sku": skus[line.variant_id], "lot": lots.get(line.lot_id or 0),
        "from": bins[line.from_bin_id], "to": bins[line.to_bin_id], "quantity": line.quantity,
        "moved": line.moved_qty, "missing": line.missing_qty, "left": line.left_qty, "to_do": to_do(line),
        "reason": line.reason, "receipt": line.receipt,
        "why": sentence(line.receipt, bins[line.to_bin_id], bins[line.from_bin_id], lots.get(line.lot_id or 0)),
    }  # fmt: skip


def _figures(one: Mapping[str, Any]) -> dict[str, Any]:
    return {key: one[key] for key in ("in_bin", "minimum", "missing", "why", "not_put_away")}


def sentence(receipt: Mapping[str, Any], to_bin: str, from_bin: str, lot: str | None) -> str:
    """Tell a line's receipt: why this many units, and why out of this bin."""
    coming = f" and {receipt['coming']} on their way" if receipt["coming"] else ""
    said = (
        f"{to_bin} has {receipt['in_bin']}{coming}, below {receipt['minimum']}; {receipt['wanted']} fit up to"
        f" {receipt['maximum']} in steps of {receipt['increment']}; overstock has {receipt['overstock']}."
    )
    first = f" Lot {lot} in {from_bin} expires first ({receipt['expires_on']})." if receipt["expires_on"] else ""
    return f"{said} {_WHY[receipt['why']]}{first}"


def lists(session: Session, *, limit: int = 50) -> list[dict[str, Any]]:
    """Return the newest worker's lists: number, place, state, lines, units to carry and carried."""
    line = BinReplenishmentLine
    whole = {"units": line.quantity, "moved": line.moved_qty, "missing": line.missing_qty, "left": line.left_qty}
    sums = [sa.cast(sa.func.sum(column), sa.BigInteger).label(name) for name, column in whole.items()]
    rows = session.execute(
        sa.select(
            BinReplenishment.number, Location.code.label("location"), BinReplenishment.state,
            BinReplenishment.created_at, BinReplenishment.created_by, sa.func.count(line.id).label("lines"), *sums,
        )
        .join(Location, Location.id == BinReplenishment.location_id)
        .join(line, line.bin_replenishment_id == BinReplenishment.id)
        .group_by(BinReplenishment.id, Location.code)
        .order_by(BinReplenishment.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [dict(row) for row in rows.mappings()]


def proposal_rows(session: Session, found: Proposal) -> list[dict[str, Any]]:
    """Return a proposal nobody has written down yet: what would be carried and what stays short."""
    bins = {row[0]: row[1] for row in session.execute(sa.select(Bin.id, Bin.code))}
    keys = {c.need.variant_id for c in found.carries} | {need.variant_id for need, _, _ in found.unmet}
    skus = {r[0]: r[1] for r in session.execute(sa.select(Variant.id, Variant.sku).where(Variant.id.in_(keys)))}
    rows = [
        {
            "sku": skus[c.need.variant_id], "from": bins[c.source.bin_id], "to": bins[c.need.bin_id],
            "quantity": c.quantity, "missing": 0, "why": c.why,
            "not_put_away": found.not_put_away.get(c.need.variant_id, 0),
        }
        for c in found.carries
    ]  # fmt: skip
    return rows + [
        {
            "sku": skus[n.variant_id],
            "from": None,
            "to": bins[n.bin_id],
            "quantity": 0,
            "missing": missing,
            "why": why,
            "not_put_away": found.not_put_away.get(n.variant_id, 0),
        }
        for n, missing, why in found.unmet
    ]
