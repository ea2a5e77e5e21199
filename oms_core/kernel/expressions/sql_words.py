"""The two things the databases spell differently: lower case beyond ASCII, and a text within a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from oms_core.kernel.folding import AFTER, BEFORE, FOLD


class folded(FunctionElement[str]):  # noqa: N801 - a SQL function, named like the others
    """A text as it is compared: see :func:`oms_core.kernel.folding.fold`."""

    name = "folded"
    type = sa.Text()
    inherit_cache = True


class lowered(FunctionElement[str]):  # noqa: N801 - a SQL function, named like the others
    """A text in lower case, as far as a text without the letters that :func:`fold` treats apart is compared with it."""

    name = "lowered"
    type = sa.Text()
    inherit_cache = True


def low(column: sa.ColumnElement[Any], wanted: Sequence[str]) -> sa.ColumnElement[Any]:
    """Return a text as it is compared with `wanted` (folded): the plain lower case where that is enough."""
    apart = {BEFORE[1], AFTER[1]}
    return folded(column) if any(apart & set(text) for text in wanted) else lowered(column)


class contains(FunctionElement[bool]):  # noqa: N801 - a SQL function, named like the others
    """Whether the second text stands in the first."""

    name = "contains"
    type = sa.Boolean()
    inherit_cache = True


@compiles(folded)
def _folded(element: FunctionElement[Any], compiler: SQLCompiler, **kw: Any) -> str:
    inner = compiler.process(element.clauses, **kw)
    return f"replace(lower(replace({inner}, '{BEFORE[0]}', '{BEFORE[1]}')), '{AFTER[0]}', '{AFTER[1]}')"


@compiles(folded, "postgresql")
def _folded_postgresql(element: FunctionElement[Any], compiler: SQLCompiler, **kw: Any) -> str:
    # the collation of the server's own Unicode table: a database made with LC_CTYPE=C would lower ASCII only
    inner = compiler.process(element.clauses, **kw)
    lower = f"lower(replace({inner}, '{BEFORE[0]}', '{BEFORE[1]}') COLLATE \"und-x-icu\")"
    return f"replace({lower}, '{AFTER[0]}', '{AFTER[1]}')"


@compiles(folded, "sqlite")
def _folded_sqlite(element: FunctionElement[Any], compiler: SQLCompiler, **kw: Any) -> str:
    return f"{FOLD}({compiler.process(element.clauses, **kw)})"


@compiles(lowered)
def _lowered(element: FunctionElement[Any], compiler: SQLCompiler, **kw: Any) -> str:
    return f"lower({compiler.process(element.clauses, **kw)})"


@compiles(lowered, "postgresql")
def _lowered_postgresql(element: FunctionElement[Any], compiler: SQLCompiler, **kw: Any) -> str:
    return f'lower({compiler.process(element.clauses, **kw)} COLLATE "und-x-icu")'


@compiles(lowered, "sqlite")
def _lowered_sqlite(element: FunctionElement[Any], compiler: SQLCompiler, **kw: Any) -> str:
    return _folded_sqlite(element, compiler, **kw)


@compiles(contains)
def _contains(element: FunctionElement[Any], compiler: SQLCompiler, **kw: Any) -> str:
    where, what = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"(instr({where}, {what}) > 0)"


@compiles(contains, "postgresql")
def _contains_postgresql(element: FunctionElement[Any], compiler: SQLCompiler, **kw: Any) -> str:
    where, what = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"(strpos({where}, {what}) > 0)"
