"""Which orders, returns, customers and products the rows of a tick touch, before the change and after it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

#: Of each table: the column that holds a key, and what kind of key it is (`analytics.stored` says what each leads to).
KINDS: dict[str, tuple[tuple[str, str], ...]] = {
    "orders": (("id", "orders"), ("id", "heads"), ("customer_id", "customers")),
    "order_lines": (("order_id", "orders"), ("id", "lines")),
    "order_adjustments": (("order_id", "orders"),),
    "order_change_entries": (("order_id", "orders"),),
    "returns": (("id", "returns"), ("order_id", "orders")),
    "return_lines": (("return_id", "returns"),),
    "return_adjustments": (("return_id", "returns"),),
    "variants": (("id", "variants"),),
    "products": (("id", "products"),),
    "supplier_items": (("variant_id", "variants"),),
    "suppliers": (("id", "suppliers"),),
}
#: A variant's cost: when it changes, lines without a cost of their own are restated (kind ``costs``).
COST = ("id", "cost_minor", "currency")


class Touched:
    """Keys by kind, gathered table by table while a tick is written."""

    def __init__(self) -> None:
        self._keys: dict[str, set[int]] = defaultdict(set)
        #: A table was read whole: every stored table is built anew.
        self.everything = False

    @staticmethod
    def columns(table: str) -> tuple[str, ...]:
        """Return the columns that :meth:`note` has to see of a table's rows; none when it touches nothing."""
        return COST if table == "variants" else tuple(dict.fromkeys(column for column, _ in KINDS.get(table, ())))

    def whole(self, table: str) -> None:
        """Note that a table was read whole."""
        self.everything = self.everything or table in KINDS

    def note(self, table: str, gone: pa.Table, come: pa.Table) -> None:
        """Note the rows taken out of a table and those put in."""
        for column, kind in KINDS[table]:
            for rows in (gone, come):
                self._keys[kind].update(key for key in rows[column].to_pylist() if key is not None)
        if table == "variants":
            before, after = (set(zip(*(rows[c].to_pylist() for c in COST), strict=True)) for rows in (gone, come))
            self._keys["costs"].update(row[0] for row in before ^ after)

    def kinds(self) -> set[str]:
        """Return the kinds of which any key was touched."""
        return {kind for kind, keys in self._keys.items() if keys}

    def keys(self) -> pa.Table:
        """Return what was touched as ``kind, id``."""
        import pyarrow as pa

        rows = [(kind, key) for kind, keys in self._keys.items() for key in keys]
        return pa.table({
            "kind": pa.array([kind for kind, _ in rows], pa.string()),
            "id": pa.array([key for _, key in rows], pa.int64()),
        })  # fmt: skip
