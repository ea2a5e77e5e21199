"""Every attribute of every customer as one table: what the SQL back ends are asked of, and what snapshots remember."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from oms_core.kernel.expressions.sql_shape import BREAK
from segmentation.attributes import ENTRIES
from segmentation.compiling import folded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from segmentation.facts import Facts

PLACES = ("place_x", "place_y", "place_z")


def known(facts: Facts) -> list[str]:
    """Return the attributes that can be asked of these facts, by name."""
    return [name for name, entry in ENTRIES.items() if not entry.needs or entry.needs in facts.customers.columns]


def traits(facts: Facts, names: Iterable[str] | None = None) -> pl.DataFrame:
    """Return ``customer_id``, the attributes and ``place_x, place_y, place_z``, one row a customer.

    Parameters
    ----------
    names : iterable of str, optional
        Attributes wanted; all that can be asked when not given.

    Returns
    -------
    polars.DataFrame
        Money as integer minor units. A list is one text: its items folded, each between two
        :data:`~oms_core.kernel.expressions.sql_shape.BREAK`.
    """
    wanted = known(facts) if names is None else list(names)
    columns = [_column(facts, name).alias(name) for name in wanted]
    return pl.concat([facts.customers.select("customer_id", *columns), facts.places], how="horizontal")


def _column(facts: Facts, name: str) -> pl.Expr:
    entry = ENTRIES[name]
    it = entry.column(facts)
    if entry.attribute.kind != "list":
        return it
    joined = pl.lit(BREAK) + it.list.eval(folded(pl.element())).list.join(BREAK) + pl.lit(BREAK)
    return pl.when(it.is_null()).then(None).otherwise(joined)
