"""From DuckDB's SQL to Spark's: SQLGlot does the work, these rules keep the results equal.

The SQL files use a subset both engines know (half-open ranges, whole numbers, a total order in every window). Where
the same words mean different things, the tree is changed here, never the file:

- ``raw.orders`` is the view ``raw_orders``: views of a session have no schema;
- ``(t AT TIME ZONE 'UTC') AT TIME ZONE zone`` is one conversion, and stays without a zone;
- ``date_diff('second', …)`` counts boundaries crossed in DuckDB, whole seconds passed in Spark;
- ``1.0`` is a double, as DuckDB makes of it in a division; Spark would round a decimal;
- several ``UNNEST`` side by side are one ``INLINE`` of their zipped arrays.
"""

from __future__ import annotations

from functools import cache

import sqlglot
from sqlglot import exp

#: Prefix of the views over handed-over tables.
RAW = "raw_"


@cache
def translated(sql: str, instants: frozenset[str] = frozenset()) -> str:
    """Return a DuckDB query in Spark's words; ``$name`` becomes ``:name`` and stays bound.

    Parameters
    ----------
    instants : frozenset of str
        Parameters that are bound as text and read as instants without a zone: Spark binds none of those itself.
    """

    def changed(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Placeholder) and node.name in instants:
            return exp.cast(node, "TIMESTAMPNTZ")
        return _node(node)

    return str(sqlglot.parse_one(sql, read="duckdb").transform(changed).sql("spark"))


def _node(node: exp.Expr) -> exp.Expr:
    """Return what stands for one node of the tree."""
    for rule in (_table, _zone, _seconds, _double, _unnested):
        changed = rule(node)
        if changed is not None:
            return changed
    return node


def _table(node: exp.Expr) -> exp.Expr | None:
    if isinstance(node, exp.Table) and node.db == "raw":
        return exp.Table(this=exp.to_identifier(RAW + node.name), alias=node.args.get("alias"))
    return None


def _zone(node: exp.Expr) -> exp.Expr | None:
    """Read an instant of UTC on a zone's clock."""
    if not isinstance(node, exp.AtTimeZone):
        return None
    inner = node.this.unnest()
    if isinstance(inner, exp.AtTimeZone):
        return exp.func("CONVERT_TIMEZONE", inner.args["zone"], node.args["zone"], inner.this, dialect="spark")
    return None


def _seconds(node: exp.Expr) -> exp.Expr | None:
    """Subtract whole seconds since 1970."""
    if not (isinstance(node, exp.DateDiff) and str(node.args.get("unit")).upper() == "SECOND"):
        return None
    later, earlier = (
        exp.Anonymous(this="UNIX_SECONDS", expressions=[exp.cast(part.transform(_node), "TIMESTAMPLTZ")])
        for part in (node.this, node.expression)
    )
    return exp.paren(exp.Sub(this=later, expression=earlier))


def _double(node: exp.Expr) -> exp.Expr | None:
    if isinstance(node, exp.Literal) and not node.is_string and "." in node.this:
        return exp.Literal(this=f"{node.this}D", is_string=False)
    return None


def _unnested(node: exp.Expr) -> exp.Expr | None:
    """Turn ``SELECT UNNEST(a) AS x, UNNEST(b) AS y`` into rows of both."""
    if not isinstance(node, exp.Select) or node.args.get("from_") or len(node.expressions) < 2:
        return None
    if not all(isinstance(e, exp.Alias) and isinstance(e.this, exp.Explode) for e in node.expressions):
        return None
    zipped = exp.Anonymous(this="ARRAYS_ZIP", expressions=[e.this.this.copy() for e in node.expressions])
    names = [exp.to_identifier(e.alias) for e in node.expressions]
    return exp.select(exp.Aliases(this=exp.Anonymous(this="INLINE", expressions=[zipped]), expressions=names))
