"""Products behind variants: a sheet of SKUs names the product each belongs to, by its code or by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Product
from oms_core.kernel.rows import core, packed, table_of, unpacked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from oms_core.master_data.reading import Filled

_PRODUCT = table_of(Product)
_DEFAULTS = {"title": "", "category": ""}


def products_of(session: Session, rows: Sequence[Filled], existing: Mapping[Any, Mapping[str, Any]]) -> list[int]:
    """Return the product of each row, made where there is none; categories follow the rows.

    A new SKU without a product is one of its own; a SKU that is there keeps its product unless another is named.
    """
    by_id = _products(session, "id", {existing[row.key]["product_id"] for row in rows if row.key in existing})
    codes = [_code(row, existing, by_id) for row in rows]
    there = _products(session, "code", set(codes))
    for code, row in zip(codes, rows, strict=True):
        _keep(session, code, row, there)
    return [there[code]["id"] for code in codes]


def _code(row: Filled, existing: Mapping[Any, Mapping[str, Any]], by_id: Mapping[Any, Mapping[str, Any]]) -> str:
    named = row.values.get("product")
    if not named and row.key in existing:
        return str(by_id[existing[row.key]["product_id"]]["code"])
    return str(named or row.values["sku"])


def _keep(session: Session, code: str, row: Filled, there: dict[Any, dict[str, Any]]) -> None:
    """Make the product of a row, or change its category to the row's."""
    given = {"category": row.values["category"] or ""} if "category" in row.values else {}
    if code not in there:
        new = {**_DEFAULTS, "title": row.values.get("title") or code, **given, "code": code}
        key = core(session).execute(sa.insert(_PRODUCT).values(**new).returning(_PRODUCT.c.id)).scalar_one()
        there[code] = {**new, "id": key}
    elif given and there[code]["category"] != given["category"]:
        core(session).execute(sa.update(_PRODUCT).where(_PRODUCT.c.id == there[code]["id"]).values(**given))
        there[code] = {**there[code], **given}


def _products(session: Session, by: str, wanted: set[Any]) -> dict[Any, dict[str, Any]]:
    """Return products by one of their columns."""
    connection = core(session)
    batch = unpacked(connection.dialect.name, name=int if by == "id" else str)
    query = sa.select(_PRODUCT).join(batch, _PRODUCT.c[by] == batch.c.name)
    found = connection.execute(query, {"batch": packed([(name,) for name in sorted(wanted)])}).mappings()
    return {row[by]: dict(row) for row in found}
