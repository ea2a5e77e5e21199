"""Rows of texts against a sheet: what can be written, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.errors import InvalidInput, NotFound, OmsError
from oms_core.kernel.rows import core, packed, table_of, unpacked
from oms_core.master_data.cells import CURRENCY, Row, read_cell

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.master_data.sheets import Column, Sheet

#: Written into a cell, it empties what was there; an empty cell leaves it as it is.
EMPTY = "-"
#: Names looked through for what was meant by an unknown one.
NEAR = 20_000
#: Values by column; only those whose cell was filled.
Values = dict[str, Any]
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken: its number from 1, its texts, and why."""

    number: int
    row: Row
    fault: OmsError

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON, or as a line of a file that can be mended and handed in again."""
        return {**self.row, "row": self.number, "code": self.fault.code, "why": f"{self.fault} {self.fault.hint}"}


@dataclass(frozen=True, slots=True)
class Filled:
    """A row that can be written: its number, its texts, its values by column and its key."""

    number: int
    row: Row
    values: Values
    key: Key


def check_columns(sheet: Sheet, given: Iterable[str]) -> None:
    """Refuse columns the sheet does not have, and a sheet without the columns that name its rows.

    Raises
    ------
    NotFound
        ``column.not_found`` with near matches.
    InvalidInput
        ``input.columns``: the key is not there.
    """
    names = list(given)
    for name in names:
        if name not in sheet.names:
            raise NotFound("column", name, sheet.names, f"The sheet {sheet.name} has: {', '.join(sheet.names)}.")
    missing = [name for name in sheet.key if name not in names]
    if missing:
        raise InvalidInput("columns", ", ".join(names), f"{', '.join(missing)} must be there: it names a row")


def read(
    session: Session, sheet: Sheet, rows: Sequence[Mapping[str, object]], *, currency: str
) -> tuple[list[Filled], list[Rejected]]:
    """Read rows; what is wrong with one stops no other.

    Parameters
    ----------
    rows : sequence of mapping
        Cells by column as texts; numbers are taken as they are written, None is empty.
    currency : str
        The shop's, for rows that name none.
    """
    texts = [{name: _text(cell) for name, cell in row.items()} for row in rows]
    known = {c.name: _ids(session, c, {row.get(c.name, "") for row in texts}) for c in sheet.columns if c.points_to}
    filled, rejected, seen = list[Filled](), list[Rejected](), dict[Key, int]()
    for number, row in enumerate(texts, start=1):
        try:
            check_columns(sheet, row)
            values = _values(sheet, row, known, currency)
            key = tuple(values[name] for name in sheet.key)
            if key in seen:
                said = ", ".join(row[name] for name in sheet.key)
                raise InvalidInput("row", said, f"row {seen[key]} is the same; one of them was expected")
            seen[key] = number
        except OmsError as fault:
            rejected.append(Rejected(number, row, fault))
        else:
            filled.append(Filled(number, row, values, key))
    return filled, rejected


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return "" if cell is None else str(cell).strip()


def _values(sheet: Sheet, row: Row, known: Mapping[str, Mapping[str, int]], currency: str) -> Values:
    own = row.get(sheet.currency, "") if sheet.currency else ""
    currency = read_cell(CURRENCY, sheet.currency, own, "") if own else currency
    return {
        name: _value(sheet.column(name), given, known.get(name), currency)
        for name, given in row.items()
        if given or name in sheet.key
    }


def _value(column: Column, given: str, known: Mapping[str, int] | None, currency: str) -> Any:
    if not given:
        raise InvalidInput(column.name, given, f"it names the row and must be filled, such as {column.example}")
    if given == EMPTY:
        if column.is_required:
            raise InvalidInput(column.name, given, "it cannot be emptied")
        return None if column.may_be_empty else column.default
    if known is not None:
        if given not in known:
            raise NotFound(column.name, given, known)
        return known[given]
    return read_cell(column.kind, column.name, given, currency)


def _ids(session: Session, column: Column, wanted: set[str]) -> dict[str, int]:
    """Return the ids of the rows a column's cells name; of all rows where some are unknown, for near matches."""
    if column.points_to is None:
        return {}
    names = sorted(wanted - {"", EMPTY})
    connection, of = core(session), table_of(column.points_to)
    batch = unpacked(connection.dialect.name, name=str)
    named = sa.select(of.c[column.by], of.c.id)
    query = named.join(batch, of.c[column.by] == batch.c.name)
    found = dict(connection.execute(query, {"batch": packed([(n,) for n in names])}).all())
    if len(found) == len(names):
        return found
    return dict(connection.execute(named.limit(NEAR)).all()) | found
