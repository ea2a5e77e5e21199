"""The list of orders: one page of what a search finds, how much it is in all, and how many each view holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from analytics.warehouse import FOLDER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    import polars as pl

    from analytics.order_search import Found
    from analytics.replica import Replica

#: Order of the rows: name to its terms over ``o``.
SORTS = {
    "newest": "o.placed_at DESC, o.order_id DESC",
    "oldest": "o.ship_by_at ASC NULLS LAST, o.placed_at ASC, o.order_id ASC",
    "largest": "o.total_minor DESC, o.order_id DESC",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Which orders are looked at before anything is searched.

    Attributes
    ----------
    since, until : date
        Half-open business dates of placing; open orders are looked at whatever their date when
        `live` is set.
    channels, countries : tuple of str
        Codes; empty means all.
    now : datetime
        Shop time, naive UTC, as the replica keeps it.
    """

    since: date
    until: date
    now: datetime
    channels: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()

    def condition(self) -> str:
        """Return the scope as a condition over ``o``."""
        parts = ["o.order_date >= $since AND o.order_date < $until"]
        if self.channels:
            parts.append("o.channel IN (SELECT lower(unnest($channels)))")
        if self.countries:
            parts.append("o.country IN (SELECT unnest($countries))")
        return " AND ".join(parts)

    def params(self) -> dict[str, Any]:
        """Return the bound values of :meth:`condition`."""
        values: dict[str, Any] = {"since": self.since, "until": self.until, "now": self.now}
        if self.channels:
            values["channels"] = list(self.channels)
        if self.countries:
            values["countries"] = list(self.countries)
        return values


@cache
def _text(name: str) -> str:
    return (FOLDER / "pages" / f"{name}.sql").read_text(encoding="utf-8").rstrip().rstrip(";")


def page(replica: Replica, found: Found, scope: Scope, *, sort: str, limit: int, offset: int = 0) -> pl.DataFrame:
    """Return one page of the orders that match, with what holds each of them up."""
    sql = _text("order_page")
    sql = sql.replace("/*condition*/ TRUE", f"{scope.condition()} AND {found.sql}")
    sql = sql.replace("/*order*/ o.placed_at DESC, o.order_id DESC", SORTS.get(sort, SORTS["newest"]))
    body = sql[sql.index("WITH found AS") + len("WITH ") :]
    return replica.frame(
        f"WITH order_list AS (\n{_text('order_list')}\n),\n{body}",
        {**scope.params(), **found.params, "limit": limit, "offset": offset},
    )


def summary(replica: Replica, found: Found, scope: Scope) -> dict[str, Any]:
    """Return how many orders match, their money by currency, and when the oldest was due or placed."""
    sql = (
        f"WITH order_list AS (\n{_text('order_list')}\n) SELECT o.currency, count(*) AS orders,"
        " sum(o.total_minor)::BIGINT AS total_minor, min(o.placed_at) AS oldest_at"
        f" FROM order_list o WHERE {scope.condition()} AND {found.sql} GROUP BY o.currency ORDER BY orders DESC"
    )
    frame = replica.frame(sql, {**scope.params(), **found.params})
    return {
        "orders": int(frame["orders"].sum()),
        "totals": dict(zip(frame["currency"].to_list(), frame["total_minor"].to_list(), strict=True)),
        "oldest_at": frame["oldest_at"].min(),
    }


def counts(replica: Replica, views: Mapping[str, Found], scope: Scope) -> dict[str, int]:
    """Return how many orders each view holds; one query for all."""
    terms, params = [], scope.params()
    for n, (name, found) in enumerate(views.items()):
        renamed = found.sql
        for key, value in found.params.items():
            renamed = renamed.replace(f"${key}", f"$v{n}_{key}")
            params[f"v{n}_{key}"] = value
        terms.append(f"count(*) FILTER ({renamed}) AS {name}")
    sql = (
        f"WITH order_list AS (\n{_text('order_list')}\n) SELECT {', '.join(terms)}"
        f" FROM order_list o WHERE {scope.condition()}"
    )
    return {name: int(n) for name, n in replica.frame(sql, params).row(0, named=True).items()}
