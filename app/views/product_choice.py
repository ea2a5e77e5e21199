"""What the reader of the Products page looks at: number, rows, columns; and what the registry answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from app.i18n import N_

ROWS = {"sku": N_("SKU"), "product": N_("Product"), "category": N_("Category")}
COLUMNS = {
    "country_channel": N_("Country and channel"), "region": N_("Region"), "country": N_("Country"),
    "channel": N_("Channel"), "month": N_("Month"), "week": N_("Week"),
}  # fmt: skip
#: Rows and columns of the matrix; what is beyond is one column, the rest.
MOST_ROWS, MOST_COLUMNS = 14, 8


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader looks at: number, rows, columns, and the row that is explained."""

    slug: str
    rows: str
    columns: str
    item: str | None = None

    @property
    def dims(self) -> tuple[str, ...]:
        """Dimensions of the columns."""
        return ("country", "channel") if self.columns == "country_channel" else (self.columns,)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the page asked the registry."""

    totals: pl.DataFrame
    items: pl.DataFrame
    columns: pl.DataFrame
    cells: pl.DataFrame
    titles: Mapping[str, str]


def ranked(items: pl.DataFrame, choice: Choice) -> pl.DataFrame:
    """Return the largest rows; ties by name."""
    order = items.filter(pl.col(choice.slug).is_not_null()).sort(choice.slug, choice.rows, descending=[True, False])
    return order.head(MOST_ROWS)
