"""Why somebody came into a segment or went out of it: the clauses that changed, from which value to which."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from oms_core.kernel.expressions import Call, Condition, Expression, Name, condition_text, conditions
from oms_core.kernel.expressions.formatting import subject_text
from oms_core.kernel.expressions.sql_shape import BREAK
from segmentation import attributes, functions
from segmentation.compiling import mask, tested, values
from segmentation.traits import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from segmentation.compiling import Lookup
    from segmentation.facts import Facts

#: Reasons that are no clause: a customer who was not known before, one who is gone, a new definition, a list.
NEW, GONE, DEFINITION, FROZEN = "new_customer", "gone", "definition", "frozen"
Reasons = list[dict[str, Any]]


@dataclass(frozen=True)
class Past:
    """What was known at the last snapshot.

    Attributes
    ----------
    traits : polars.DataFrame
        ``customer_id`` and the attributes by name, as `segmentation.traits.traits` gives them.
    """

    traits: pl.DataFrame
    day: date

    @classmethod
    def of(cls, day: date, rows: Sequence[tuple[int, dict[str, Any]]]) -> Past:
        """Return the past from stored rows; attributes that did not exist then are missing."""
        schema: dict[str, Any] = {"customer_id": pl.Int64}
        schema |= {name: _TYPES.get(entry.attribute.kind, pl.Float64) for name, entry in attributes.ENTRIES.items()}
        columns: dict[str, list[Any]] = {"customer_id": [key for key, _ in rows]}
        schema |= dict.fromkeys(PLACES, pl.Float64)
        columns |= {name: [body.get(name) for _, body in rows] for name in schema if name != "customer_id"}
        days = [name for name, kind in schema.items() if kind is pl.Date]
        frame = pl.DataFrame(columns, schema=schema | dict.fromkeys(days, pl.String), strict=False)
        return cls(frame.with_columns(pl.col(days).str.to_date("%Y-%m-%d")), day)


_TYPES = {"text": pl.String, "choice": pl.String, "list": pl.String, "date": pl.Date, "boolean": pl.Boolean}


def rows_to_keep(traits: pl.DataFrame) -> Iterable[tuple[int, dict[str, Any]]]:
    """Yield customer and attributes as JSON keeps them: days as text, missing ones left out."""
    days = [name for name, kind in traits.schema.items() if kind == pl.Date]
    plain = traits.with_columns(pl.col(days).dt.to_string("%Y-%m-%d"))
    for row in plain.iter_rows(named=True):
        key = row.pop("customer_id")
        yield key, {name: value for name, value in row.items() if value is not None}


def explain(
    expression: Expression, moved: Sequence[int], facts: Facts, past: Past | None, lookup: Lookup
) -> dict[int, Reasons]:
    """Return why each of some customers moved.

    Parameters
    ----------
    moved : sequence of int
        Customers who came or went between `past` and `facts`.

    Returns
    -------
    dict of int to list
        ``clause, subject, kind, was, is`` of each clause whose answer changed. Where none did, the definition did.
    """
    chosen = pl.Series("customer_id", moved, pl.Int64)
    here = facts.customers.filter(pl.col("customer_id").is_in(chosen.implode()))
    reasons: dict[int, Reasons] = {key: [special(GONE)] for key in moved}
    if past is None:
        return reasons | {key: [special(NEW)] for key in here["customer_id"].to_list()}
    before = past.traits.filter(pl.col("customer_id").is_in(here["customer_id"].implode()))
    reasons |= {key: [special(NEW)] for key in here["customer_id"].to_list()}
    reasons |= {key: [] for key in before["customer_id"].to_list()}
    now, then = _narrowed(facts, here, before), _then(facts, here, before, past.day)
    for node in _clauses(expression, lookup, frozenset()):
        for key, was, is_ in _changed(node, now, then, before, lookup):
            reasons[key].append(_reason(node, was, is_, facts))
    return {key: because or [special(DEFINITION)] for key, because in reasons.items()}


def _clauses(expression: Expression, lookup: Lookup, inside: frozenset[str]) -> Iterator[Condition]:
    """Yield the clauses that facts can change; in place of ``segment('name')`` the clauses of that segment."""
    for node in conditions(expression):
        name = str(node.subject.get("name")).lower() if _is_segment(node) else ""  # type: ignore[union-attr]  # a call
        if not name:
            yield node
        elif name not in inside:
            found = lookup(name)
            if not isinstance(found, pl.Series):
                yield from _clauses(found, lookup, inside | {name})


def _is_segment(node: Condition) -> bool:
    return isinstance(node.subject, Call) and node.subject.name == "segment"


def _narrowed(facts: Facts, here: pl.DataFrame, before: pl.DataFrame) -> Facts:
    """Return the facts of the customers known then and now, in the past's order."""
    both = before.select("customer_id").join(here, on="customer_id", maintain_order="left")
    return replace(facts, customers=both)


def _then(facts: Facts, here: pl.DataFrame, before: pl.DataFrame, day: date) -> Facts:
    """Return those facts as of the past: rows up to that day, days counted from it."""
    narrow = _narrowed(facts, here, before)
    return replace(
        narrow, today=day, known_places=before.select(PLACES),
        orders=facts.orders.filter(pl.col("business_date") <= day),
        read_lines=lambda: facts.lines.filter(pl.col("business_date") <= day),
    )  # fmt: skip


def _changed(
    node: Condition, now: Facts, then: Facts, before: pl.DataFrame, lookup: Lookup
) -> list[tuple[int, Any, Any]]:
    """Return customer, value then and value now of those for whom a clause's answer changed."""
    is_true = mask(node, now, lookup)
    is_value = values(node, now)
    if isinstance(node.subject, Name):
        kind = attributes.ATTRIBUTES[node.subject.name].kind
        was_value: pl.Series | None = before.get_column(node.subject.name)
        was_true = _tested_then(was_value, node, kind, then)
    else:
        was_value, was_true = values(node, then), mask(node, then, lookup)
    pairs = pl.DataFrame(
        {"key": now.customers["customer_id"], "was": was_true, "is": is_true}
    ).with_row_index("n").filter(pl.col("was") != pl.col("is"))  # fmt: skip
    return [
        (row["key"], _at(was_value, row["n"], row["was"]), _at(is_value, row["n"], row["is"]))
        for row in pairs.iter_rows(named=True)
    ]


def _tested_then(column: pl.Series | None, node: Condition, kind: str, then: Facts) -> pl.Series:
    assert column is not None  # noqa: S101 - a name always has a column
    if kind == "list":
        column = column.str.strip_chars(BREAK).str.split(BREAK)
    return tested(column, node, kind, then)


def _at(column: pl.Series | None, n: int, answer: bool) -> Any:  # noqa: FBT001 - a value, not a switch
    return answer if column is None else column[n]


def _reason(node: Condition, was: Any, is_: Any, facts: Facts) -> dict[str, Any]:
    if isinstance(node.subject, Name):
        kind = attributes.ATTRIBUTES[node.subject.name].kind
    else:
        entry = functions.ROWS.get(node.subject.name)
        kind = entry.function.returns[-1] if entry else "boolean"
    said = node.subject.name if isinstance(node.subject, Call) and node.subject.tests else subject_text(node.subject)
    return {
        "clause": condition_text(node), "subject": said, "kind": kind,
        "was": _plain(was, kind, facts), "is": _plain(is_, kind, facts),
    }  # fmt: skip


def _plain(value: Any, kind: str, facts: Facts) -> Any:
    """Return a value as JSON and people read it: money as a decimal, days in ISO, lists with commas."""
    if value is None or isinstance(value, bool):
        return value
    if kind == "money":
        return str((Decimal(int(value)) / facts.minor_units).quantize(Decimal(1) / facts.minor_units))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, pl.Series):
        return ", ".join(map(str, value.to_list()))
    if kind == "list":
        return str(value).strip(BREAK).replace(BREAK, ", ")
    return round(value, 4) if isinstance(value, float) else value


def special(reason: str, **more: Any) -> dict[str, Any]:
    """Return a reason that is no clause: :data:`NEW`, :data:`GONE`, :data:`DEFINITION` or :data:`FROZEN`."""
    return {"clause": "", "reason": reason, **more}
