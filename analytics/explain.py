"""Why sales changed: by volume, by mix and by price, item by item, exact to the minor unit.

With units q, sales v and sales a unit ``p = v ÷ q`` before (0) and now (1), over items i and in all (Q):

    volume_i = v0_i × (Q1 ÷ Q0 − 1)               as much of each item as before, times the growth of all units
    mix_i    = (q1_i − q0_i × Q1 ÷ Q0) × p0_i     more of some items and less of others than that
    price_i  = the rest of the item's change      another price a unit: ``q1_i × (p1_i − p0_i)``

An item that was not sold before has no earlier price: all of it is mix (volume, when nothing at all was sold). The
price effect of net sales is split once more: list price, discounts and returns, each a unit against before. Volume
and mix are rounded half even, price takes the rest, so that their sum is the change of every row and of the whole.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from analytics import periods
from analytics.metrics import dimension
from oms_core.kernel.errors import InvalidInput, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

#: What can be explained: metric to the parts of its price effect with their signs; the first is the rest.
EXPLAINED: dict[str, dict[str, int]] = {
    "net_sales": {"gross_sales": 1, "discounts": -1, "returns": -1},
    "gross_sales": {"gross_sales": 1},
}
#: Columns of an explanation after the dimensions.
EFFECTS = ("volume", "mix", "price", "list_price", "discounts", "returns")


def asked(slug: str, by: Sequence[str]) -> list[str]:
    """Return the metrics to ask for, split by `by` and compared, before `explained` is called.

    Raises
    ------
    Refused
        ``explain.not_explained`` for a metric that is not sales; ``explain.time`` for a split by time.
    InvalidInput
        Without any dimension: the mix is one of items.
    """
    if slug not in EXPLAINED:
        raise Refused(
            "explain.not_explained",
            f"{slug} cannot be explained by price, volume and mix.",
            f"These can: {', '.join(EXPLAINED)}.",
            metric=slug,
        )
    if not by:
        raise InvalidInput("by", "", "at least one dimension was expected", "Say which items: --by sku.")
    for name in by:
        if dimension(name).slug in periods.TIME or name == "minute":
            raise Refused(
                "explain.time",
                f"{name} is time, and two periods are compared already.",
                "Split by what was sold or to whom: --by sku.",
            )
    return ["units", *EXPLAINED[slug]]


def explained(frame: pl.DataFrame, slug: str) -> pl.DataFrame:
    """Explain the change of sales between two periods.

    Parameters
    ----------
    frame : polars.DataFrame
        Answer of `analytics.ask.ask` for the metrics of `asked`, compared with another period.
    slug : str
        One of `EXPLAINED`.

    Returns
    -------
    polars.DataFrame
        The dimensions; ``units_previous, units, before, now, change`` and the effects, in minor units. One row an item,
        the largest change (of either sign) first. ``volume + mix + price = change`` in every row;
        ``list_price + discounts + returns = price``. Currencies are explained apart, never summed.
    """
    import polars as pl

    dims = frame.columns[: frame.columns.index("units")]
    groups: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for row in frame.to_dicts():
        groups[row.get("currency")].append(row)
    rows = [found for group in groups.values() for found in _group(group, dims, EXPLAINED[slug])]
    rows.sort(key=lambda row: (-abs(row["change"]), [str(row[d]) for d in dims]))
    numbers = ("units_previous", "units", "before", "now", "change", *EFFECTS)
    schema = {d: frame.schema[d] for d in dims} | dict.fromkeys(numbers, pl.Int64)
    return pl.DataFrame(rows, schema=schema)


def total(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the sum of an explanation's rows; one row a currency when there are several."""
    import polars as pl

    numbers = pl.col("units_previous", "units", "before", "now", "change", *EFFECTS).sum()
    return (
        frame.group_by("currency").agg(numbers).sort("currency")
        if "currency" in frame.columns
        else frame.select(numbers)
    )


def _group(rows: Sequence[Mapping[str, Any]], dims: Sequence[str], parts: Mapping[str, int]) -> list[dict[str, Any]]:
    before, now = sum(row["units_previous"] for row in rows), sum(row["units"] for row in rows)
    return [{d: row[d] for d in dims} | _item(row, parts, before=before, now=now) for row in rows]


def _item(row: Mapping[str, Any], parts: Mapping[str, int], *, before: int, now: int) -> dict[str, int]:
    """Return one item's effects; `before` and `now` are the units of all items."""
    q0, q1 = row["units_previous"], row["units"]
    v0 = sum(sign * row[f"{part}_previous"] for part, sign in parts.items())
    v1 = sum(sign * row[part] for part, sign in parts.items())
    change = v1 - v0
    volume, mix = _amounts(q0, q1, v0, v1, before=before, now=now)
    price = change - volume - mix
    given = {part: sign * _unit_effect(row, part, q0, q1) for part, sign in parts.items() if sign < 0}
    return {
        "units_previous": q0, "units": q1, "before": v0, "now": v1, "change": change, "volume": volume, "mix": mix,
        "price": price, "list_price": price - sum(given.values()), "discounts": given.get("discounts", 0),
        "returns": given.get("returns", 0),
    }  # fmt: skip


def _amounts(q0: int, q1: int, v0: int, v1: int, *, before: int, now: int) -> tuple[int, int]:
    """Return an item's volume and mix effects in minor units."""
    if not before:
        return (v1, 0) if q1 else (0, 0)
    volume = _quotient((now - before) * v0, before)
    if q0:
        return volume, _quotient((q1 * before - q0 * now) * v0, before * q0)
    return volume, v1 if q1 else 0


def _unit_effect(row: Mapping[str, Any], part: str, q0: int, q1: int) -> int:
    """Return what another amount a unit did: ``v1 − q1 × v0 ÷ q0``; nothing for an item that is new or gone.

    Amounts that belong to no units in either period changed as they stand.
    """
    now, earlier = int(row[part]), int(row[f"{part}_previous"])
    if q0 and q1:
        return now - _quotient(q1 * earlier, q0)
    return 0 if q0 or q1 else now - earlier


def _quotient(top: int, below: int) -> int:
    """Return the whole number nearest to a quotient, halves to the even one."""
    if below < 0:
        top, below = -top, -below
    whole, rest = divmod(top, below)
    return whole + (2 * rest > below or (2 * rest == below and whole % 2 == 1))
