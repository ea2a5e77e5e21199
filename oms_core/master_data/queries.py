"""Read master data as the same sheets it is written with: what is read can be handed in again and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Product, Variant
from oms_core.inventory.tables import ON_HAND_STATES, StockLevel
from oms_core.kernel.errors import NotFound
from oms_core.kernel.rows import core, table_of
from oms_core.locations.tables import Location
from oms_core.master_data.opening import STOCK
from oms_core.master_data.sheets import PRODUCTS, SHEETS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.master_data.sheets import Column, Sheet

_PRODUCT, _VARIANT, _LEVEL, _LOCATION = (table_of(model) for model in (Product, Variant, StockLevel, Location))


def sheet_named(name: str) -> Sheet:
    """Return a sheet by its name.

    Raises
    ------
    NotFound
        ``sheet.not_found`` with near matches.
    """
    if name not in SHEETS:
        known = [*SHEETS, STOCK.name]
        raise NotFound("sheet", name, known, f"Known: {', '.join(known)}.")
    return SHEETS[name]


def rows_of(
    session: Session, name: str, *, search: str = "", after: int = 0, limit: int | None = None
) -> list[dict[str, Any]]:
    """Return rows of any sheet by its name, ``stock`` too; see :func:`listing`."""
    if name == STOCK.name:
        return stock_listing(session, search=search, after=after, limit=limit)
    return listing(session, sheet_named(name), search=search, after=after, limit=limit)


def stock_listing(
    session: Session, *, search: str = "", after: int = 0, limit: int | None = None
) -> list[dict[str, Any]]:
    """Return units on hand by SKU and location, as the sheet ``stock`` takes them."""
    on_hand = sum((_LEVEL.c[state] for state in ON_HAND_STATES[1:]), _LEVEL.c[ON_HAND_STATES[0]])
    columns = _LEVEL.c.id, _VARIANT.c.sku, _LOCATION.c.code.label("location"), on_hand.label("on_hand")
    query = sa.select(*columns).join(_VARIANT, _VARIANT.c.id == _LEVEL.c.variant_id)
    query = query.join(_LOCATION, _LOCATION.c.id == _LEVEL.c.location_id)
    query = query.where(_LEVEL.c.id > after).order_by(_LEVEL.c.id).limit(limit)
    if search:
        query = query.where(sa.func.lower(_VARIANT.c.sku).contains(search.lower(), autoescape=True))
    return [{**row, "on_hand": str(row["on_hand"])} for row in core(session).execute(query).mappings()]


def listing(
    session: Session, sheet: Sheet, *, search: str = "", after: int = 0, limit: int | None = None
) -> list[dict[str, Any]]:
    """Return rows of a sheet as texts by column, with their ``id``, oldest first.

    Parameters
    ----------
    search : str
        Part of any text of the row, in any case; everything when empty.
    after : int
        Id the rows come after.
    """
    table = table_of(sheet.table)
    source, columns = table, list[Any]()
    if sheet is PRODUCTS:
        source = source.join(_PRODUCT, _PRODUCT.c.id == table.c.product_id)  # type: ignore[assignment]
    for column in sheet.columns:
        source, read = _read(source, table, column)
        columns.append(read.label(column.name))
    query = sa.select(table.c.id, *columns).select_from(source).where(table.c.id > after).order_by(table.c.id)
    if search:
        texts = [c for c in columns if isinstance(c.type, sa.String)]
        found = [sa.func.lower(c.element).contains(search.lower(), autoescape=True) for c in texts]
        query = query.where(sa.or_(*found))
    rows = core(session).execute(query.limit(limit)).mappings()
    return [{"id": row["id"], **_written(sheet, row)} for row in rows]


def _read(source: Any, table: sa.Table, column: Column) -> tuple[Any, Any]:
    """Return the tables a column is read from, and the column."""
    if column.points_to is not None:
        other = table_of(column.points_to).alias(column.name)
        return source.join(other, other.c.id == table.c[column.field]), other.c[column.by]
    if column.field:
        return source, table.c[column.field]
    return source, _PRODUCT.c.code if column.name == "product" else _PRODUCT.c[column.name]


def _written(sheet: Sheet, row: Any) -> dict[str, str]:
    currency = str(row[sheet.currency]) if sheet.currency else ""
    return {c.name: row[c.name] if c.points_to else c.kind.write(row[c.name], currency) for c in sheet.columns}
