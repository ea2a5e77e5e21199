"""Which orders, returns, customers and products the rows of a tick touch, before the change and after it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    #: Rows as values by column.
    Rows = Mapping[str, Sequence[Any]]

#: Of each table: the column that holds a key, and what kind of key it is (`analytics.stored` says what each leads to).
KINDS: dict[str, tuple[tuple[str, str], ...]] = {
    "orders": (("id", "orders"), ("id", "heads"), ("customer_id", "customers")),
    "order_lines": (("order_id", "orders"), ("id", "lines")),
    "order_adjustments": (("order_id", "orders"), ("order_id", "adjusted")),
    "order_change_entries": (("order_id", "orders"), ("order_id", "edits")),
    "returns": (("id", "returns"), ("order_id", "orders")),
    "return_lines": (("return_id", "returns"),),
    "return_adjustments": (("return_id", "returns"),),
    "variants": (("id", "variants"),),
    "products": (("id", "products"),),
    "supplier_items": (("variant_id", "variants"),),
    "suppliers": (("id", "suppliers"),),
}
#: Kinds of which only rows that were there before count: what refers to a new one came with it.
HELD = frozenset({"lines"})
#: A variant's cost: when it changes, lines without a cost of their own are restated (kind ``costs``).
COST = ("id", "cost_minor", "currency")


class Touched:
    """Keys by kind, gathered table by table while a tick is written."""

    def __init__(self) -> None:
        self._keys: dict[str, set[int]] = defaultdict(set)
        self._new_orders: set[int] = set()
        #: A table was read whole: every stored table is built anew.
        self.everything = False
        #: Plans over the replica's tables are worn out: something was made anew, or registered, under them.
        self.is_remade = False

    @staticmethod
    def columns(table: str) -> tuple[str, ...]:
        """Return the columns that :meth:`note` has to see of a table's rows; none when it touches nothing."""
        return COST if table == "variants" else tuple(dict.fromkeys(column for column, _ in KINDS.get(table, ())))

    def whole(self, table: str) -> None:
        """Note that a table was read whole."""
        self.is_remade = True
        self.everything = self.everything or table in KINDS

    def note(self, table: str, gone: Rows, come: Rows) -> None:
        """Note the rows taken out of a table and those put in: values by column, each of :meth:`columns`."""
        for column, kind in KINDS[table]:
            for rows in (gone,) if kind in HELD else (gone, come):
                self._keys[kind].update(key for key in rows[column] if key is not None)
        if table == "orders":
            self._new_orders.update({*come["id"]}.difference(gone["id"]))
        if table == "variants":
            before, after = (set(zip(*(rows[c] for c in COST), strict=True)) for rows in (gone, come))
            self._keys["costs"].update(row[0] for row in before ^ after)

    def kinds(self) -> set[str]:
        """Return the kinds of which any key was touched; ``held`` when an order was that had been there before."""
        found = {kind for kind, keys in self._keys.items() if keys}
        if found & {"lines", "returns", "costs"} or not self._keys["orders"] <= self._new_orders:
            found.add("held")
        return found

    def keys(self) -> list[tuple[str, int]]:
        """Return what was touched as (kind, key)."""
        return [(kind, key) for kind, keys in self._keys.items() for key in keys]
