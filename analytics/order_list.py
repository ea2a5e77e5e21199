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

#: Order of the rows: name to the columns that sort them, each with whether the greatest comes first.
SORTS: dict[str, tuple[tuple[str, bool], ...]] = {
    "newest": (("o.placed_at", True), ("o.order_id", True)),
    "oldest": (
        ("coalesce(o.ship_by_at, TIMESTAMP '9999-01-01')", False),
        ("o.placed_at", False),
        ("o.order_id", False),
    ),
    "largest": (("o.total_minor", True), ("o.order_id", True)),
}
#: Where a page ends: the values of its sort, to begin the next one after. An offset would sort all before it.
Cursor = tuple[Any, ...]


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
    only : tuple of int, optional
        Ids of the only orders looked at, such as those of a work queue.
    within : str
        An expression the orders fulfil besides what is searched for, such as a view's and its filters'.
    """

    since: date
    until: date
    now: datetime
    channels: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    only: tuple[int, ...] | None = None
    within: str = ""

    def condition(self) -> str:
        """Return the scope as a condition over ``o``."""
        parts = ["o.order_date >= $since AND o.order_date < $until"]
        if self.channels:
            parts.append(
                "o.channel_id IN (SELECT id FROM raw.channels WHERE lower(code) IN (SELECT lower(unnest($channels))))"
            )
        if self.countries:
            parts.append("o.country IN (SELECT unnest($countries))")
        if self.only is not None:
            parts.append("o.order_id IN (SELECT unnest($only))")
        return " AND ".join(parts)

    def params(self) -> dict[str, Any]:
        """Return the bound values of :meth:`condition`."""
        values: dict[str, Any] = {"since": self.since, "until": self.until, "now": self.now}
        if self.channels:
            values["channels"] = list(self.channels)
        if self.countries:
            values["countries"] = list(self.countries)
        if self.only is not None:
            values["only"] = list(self.only)
        return values


@cache
def _text(name: str) -> str:
    return (FOLDER / "pages" / f"{name}.sql").read_text(encoding="utf-8").rstrip().rstrip(";")


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page and where the next one begins; None on the last page."""

    rows: pl.DataFrame
    after: Cursor | None


def page(replica: Replica, found: Found, scope: Scope, *, sort: str, limit: int, after: Cursor | None = None) -> Page:
    """Return one page of the orders that match, with what holds each of them up.

    The page is found first, by the few columns it is searched and sorted by, then its rows are filled
    in: a million orders cost what their sorting columns cost to read.
    """
    terms = SORTS.get(sort, SORTS["newest"])
    keys = _keys(replica, found, scope, terms, limit + 1, after)
    shown = keys.head(limit)
    rows = _filled(replica, scope, shown["key"].to_list())
    last = shown.row(-1)[:-1] if keys.height > limit else None
    return Page(rows, last)


def _keys(
    replica: Replica, found: Found, scope: Scope, terms: tuple[tuple[str, bool], ...], limit: int, after: Cursor | None
) -> pl.DataFrame:
    """Return the sorting columns and the id (``key``) of one page."""
    columns = ", ".join(f"{term} AS k{n}" for n, (term, _down) in enumerate(terms))
    order = ", ".join(f"{term} {'DESC' if down else 'ASC'}" for term, down in terms)
    begins, bound = _after(terms, after)
    sql = (
        f"WITH order_list AS (\n{_text('order_list')}\n) SELECT {columns}, o.order_id AS key FROM order_list o"
        f" WHERE {scope.condition()} AND {found.sql}{begins} ORDER BY {order} LIMIT $limit"
    )
    return replica.frame(sql, {**scope.params(), **found.params, **bound, "limit": limit})


def _after(terms: tuple[tuple[str, bool], ...], after: Cursor | None) -> tuple[str, dict[str, Any]]:
    """Return the condition that begins a page after a cursor, and its values.

    The first column is compared once more by itself: blocks of rows that lie wholly before the page are
    then skipped unread.
    """
    if after is None:
        return "", {}
    columns = ", ".join(term for term, _down in terms)
    values = ", ".join(f"$a{n}" for n in range(len(terms)))
    sign = "<" if terms[0][1] else ">"
    bound = {f"a{n}": value for n, value in enumerate(after)}
    return f" AND {terms[0][0]} {sign}= $a0 AND ({columns}) {sign} ({values})", bound


def _filled(replica: Replica, scope: Scope, ids: list[int]) -> pl.DataFrame:
    """Return the rows of a page in the order of its ids."""
    import polars as pl

    sql = _text("order_page")
    body = sql[sql.index("WITH wanted AS") + len("WITH ") :]
    rows = replica.frame(f"WITH order_list AS (\n{_text('order_list')}\n),\n{body}", {"now": scope.now, "ids": ids})
    order = pl.DataFrame({"order_id": ids}, schema={"order_id": rows.schema["order_id"]})
    return order.join(rows, on="order_id", how="left", maintain_order="left")


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
    parts, params = [], scope.params()
    for n, (name, found) in enumerate(views.items()):
        renamed = found.sql
        for key, value in found.params.items():
            renamed = renamed.replace(f"${key}", f"$v{n}_{key}")
            params[f"v{n}_{key}"] = value
        # one scan a view: a filter of one scan for all would ask every order for every view's other tables
        parts.append(
            f"SELECT '{name}' AS name, count(*) AS n FROM order_list o WHERE {scope.condition()} AND {renamed}"
        )
    if not parts:
        return {}
    sql = f"WITH order_list AS (\n{_text('order_list')}\n) {' UNION ALL '.join(parts)}"
    return {row["name"]: int(row["n"]) for row in replica.frame(sql, params).iter_rows(named=True)}
