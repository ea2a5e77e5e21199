"""One supplier of a SKU is the preferred one: who was named last takes the place of the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import SupplierItem
from oms_core.kernel.rows import core, packed, table_of, unpacked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

_ITEM = table_of(SupplierItem)


def one_preferred(session: Session, written: Sequence[tuple[int, dict[str, Any]]]) -> None:
    """Let the items written last be the only preferred ones of their SKUs.

    Parameters
    ----------
    written : sequence of (id, values)
        Supplier items made or changed, in their order; those now preferred push others aside.
    """
    ids = [key for key, values in written if values.get("is_preferred")]
    connection = core(session)
    query = sa.select(_ITEM.c.variant_id, _ITEM.c.id).where(_ITEM.c.id.in_(ids))
    variants = {key: variant for variant, key in connection.execute(query)}
    last = {variants[key]: key for key in ids}
    batch = unpacked(connection.dialect.name, variant=int, item=int)
    others = sa.select(_ITEM.c.id).join(batch, _ITEM.c.variant_id == batch.c.variant).where(_ITEM.c.id != batch.c.item)
    statement = sa.update(_ITEM).where(_ITEM.c.id.in_(others), _ITEM.c.is_preferred).values(is_preferred=False)
    connection.execute(statement, {"batch": packed(sorted(last.items()))})
