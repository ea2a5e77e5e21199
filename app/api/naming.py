"""From the names that requests use (SKU, codes) to the keys that commands take."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.inventory.queries import location_of
from oms_core.kernel.errors import NotFound
from oms_core.locations.tables import Channel

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class SkuUnits(Protocol):
    """A line that names a SKU and its units."""

    sku: str
    quantity: int


def variants(session: Session, skus: Iterable[str]) -> dict[str, int]:
    """Return the variant ids of SKUs; the first unknown one is refused with near matches."""
    wanted = list(dict.fromkeys(skus))
    rows = session.execute(sa.select(Variant.sku, Variant.id).where(Variant.sku.in_(wanted)))
    known = {row.sku: int(row.id) for row in rows}
    for sku in wanted:
        if sku not in known:
            raise NotFound("variant", sku, near(session, Variant.sku, sku))
    return known


def near(session: Session, column: sa.SQLColumnExpression[str], name: str) -> list[str]:
    """Return the names close to one that does not exist."""
    return difflib.get_close_matches(name, session.scalars(sa.select(column).limit(20_000)), n=3, cutoff=0.5)


def units(session: Session, lines: Iterable[SkuUnits]) -> dict[int, int]:
    """Return units by variant id; lines of the same SKU add up."""
    asked = list(lines)
    known = variants(session, (line.sku for line in asked))
    found: dict[int, int] = {}
    for line in asked:
        found[known[line.sku]] = found.get(known[line.sku], 0) + line.quantity
    return found


def place(session: Session, code: str | None) -> int | None:
    """Return the id of a location's code, None for none."""
    return None if code is None else location_of(session, code).id


def channel(session: Session, code: str) -> int:
    """Return the id of a channel's code; near matches are offered when there is none."""
    found = session.scalar(sa.select(Channel.id).where(Channel.code == code))
    if found is None:
        raise NotFound("channel", code, session.scalars(sa.select(Channel.code)))
    return int(found)


def with_codes(session: Session, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return rows whose ``variant_id`` and ``location_id`` became ``sku`` and ``location``."""
    from oms_core.locations.tables import Location

    held = [dict(row) for row in rows]
    ids = {row["variant_id"] for row in held}
    skus = {r.id: r.sku for r in session.execute(sa.select(Variant.id, Variant.sku).where(Variant.id.in_(ids)))}
    codes = {r.id: r.code for r in session.execute(sa.select(Location.id, Location.code))}
    return [
        {"sku": skus[row.pop("variant_id")], "location": codes.get(row.pop("location_id", None)), **row} for row in held
    ]
