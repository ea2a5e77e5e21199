"""Write master data: rows that are new are made, rows that differ are changed, equal ones stay untouched."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput
from oms_core.kernel.money import exponent
from oms_core.kernel.rows import core, packed, table_of, unpacked
from oms_core.locations.geography import locate
from oms_core.master_data.grouping import products_of
from oms_core.master_data.preferring import one_preferred
from oms_core.master_data.reading import Filled, Rejected, read
from oms_core.master_data.sheets import PRODUCTS, SUPPLIER_ITEMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from oms_core.master_data.reading import Key, Values
    from oms_core.master_data.sheets import Sheet

Stored = dict["Key", dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a hand-in did: rows made, changed, left as they were, and not taken."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        counts = {name: getattr(self, name) for name in ("created", "changed", "unchanged")}
        return {**counts, "rejected": [row.as_dict() for row in self.rejected]}


def put(
    session: Session, sheet: Sheet, rows: Sequence[Mapping[str, object]], *, currency: str, actor: str = "system"
) -> Outcome:
    """Make or change rows of a sheet.

    Parameters
    ----------
    rows : sequence of mapping
        Cells by column, as texts. An empty cell leaves what is there, or takes the column's default; ``-`` empties.
    currency : str
        The shop's: of amounts whose row names none.

    Returns
    -------
    Outcome
        Rows that cannot be taken are told and hinder no other.
    """
    filled, rejected = read(session, sheet, rows, currency=currency)
    there = _stored(session, sheet, [row.key for row in filled])
    good, faulty = _lawful(session, sheet, filled, there, currency=currency)
    fields = _fields(session, sheet, good, there, currency=currency)
    new = [values for row, values in zip(good, fields, strict=True) if row.key not in there]
    moved = [_difference(there[row.key], values) for row, values in zip(good, fields, strict=True) if row.key in there]
    changes = [change for change in moved if change is not None]
    created = _insert(session, sheet, new)
    _update(session, sheet, changes)
    events = [(f"{sheet.noun}.created", key, _told(values)) for key, values in created]
    events += [(f"{sheet.noun}.changed", key, {"before": _told(a), "after": _told(b)}) for key, a, b in changes]
    journal.record_all(session, sheet.noun, events, actor=actor)
    if sheet is SUPPLIER_ITEMS:
        one_preferred(session, [(key, values) for key, values in [*created, *((k, b) for k, _, b in changes)]])
    left = sorted([*rejected, *faulty], key=lambda row: row.number)
    return Outcome(len(created), len(changes), len(moved) - len(changes), left)


def _stored(session: Session, sheet: Sheet, keys: Iterable[Key]) -> Stored:
    """Return the rows that are there by key, locked until the transaction ends."""
    connection, table = core(session), table_of(sheet.table)
    columns = [sheet.column(name) for name in sheet.key]
    kinds = {f"k{n}": int if column.points_to else str for n, column in enumerate(columns)}
    batch = unpacked(connection.dialect.name, **kinds)
    same = [table.c[column.field] == batch.c[f"k{n}"] for n, column in enumerate(columns)]
    query = sa.select(table).join(batch, sa.and_(*same)).order_by(table.c.id).with_for_update(key_share=True, of=table)
    found = connection.execute(query, {"batch": packed(sorted(keys))}).mappings()
    return {tuple(row[column.field] for column in columns): dict(row) for row in found}


def _lawful(
    session: Session, sheet: Sheet, filled: Sequence[Filled], there: Stored, *, currency: str
) -> tuple[list[Filled], list[Rejected]]:
    """Part the rows the tables would take from those they would not."""
    taken = {name: _owners(session, sheet, name, filled) for name in sheet.unique}
    good, faulty = list[Filled](), list[Rejected]()
    for row in filled:
        try:
            _check(sheet, row, there.get(row.key), taken, currency)
        except InvalidInput as fault:
            faulty.append(Rejected(row.number, row.row, fault))
        else:
            good.append(row)
    return good, faulty


def _check(
    sheet: Sheet, row: Filled, stored: Mapping[str, Any] | None, taken: dict[str, dict[Any, Key]], currency: str
) -> None:
    """Refuse a new row with holes, a value that is another's, an amount without its currency."""
    for column in sheet.columns:
        if stored is None and column.is_required and column.name not in row.values:
            raise InvalidInput(column.name, "", f"a new row needs it, such as {column.example}")
    for name, owners in taken.items():
        value = row.values.get(name)
        if value is not None and owners.setdefault(value, row.key) != row.key:
            raise InvalidInput(name, value, f"it belongs to {owners[value][0]} already")
    if stored and sheet.currency and sheet.currency not in row.values:
        kept = str(stored[sheet.currency])
        if exponent(kept) != exponent(currency):
            raise InvalidInput(sheet.currency, "", f"the amounts of this row are in {kept}; name it")


def _owners(session: Session, sheet: Sheet, name: str, rows: Iterable[Filled]) -> dict[Any, Key]:
    """Return whose a value of a column is that may belong to one row only."""
    connection, table = core(session), table_of(sheet.table)
    values = sorted({str(row.values[name]) for row in rows if row.values.get(name) is not None})
    batch = unpacked(connection.dialect.name, name=str)
    keys = [table.c[sheet.column(key).field] for key in sheet.key]
    query = sa.select(table.c[name], *keys).join(batch, table.c[sheet.column(name).field] == batch.c.name)
    found = connection.execute(query, {"batch": packed([(value,) for value in values])})
    return {value: tuple(key) for value, *key in found}


def _fields(
    session: Session, sheet: Sheet, rows: Sequence[Filled], there: Stored, *, currency: str
) -> list[dict[str, Any]]:
    """Return what each row writes, by column of the table."""
    products = products_of(session, rows, there) if sheet is PRODUCTS else [0] * len(rows)
    written = []
    for row, product in zip(rows, products, strict=True):
        fields = {sheet.column(n).field: v for n, v in row.values.items() if sheet.column(n).field}
        if row.key not in there:
            fields = {**_defaults(sheet, currency), **fields}
        if sheet is PRODUCTS:
            fields["product_id"] = product
        written.append({**fields, **_place(sheet, there.get(row.key, {}), fields)})
    return written


def _defaults(sheet: Sheet, currency: str) -> Values:
    given = {column.field: column.default for column in sheet.columns if column.field and not column.is_required}
    if sheet.currency:
        given[sheet.currency] = currency
    return {**given, "created_at": clock.now(), "cost_is_simulated": False} if sheet is PRODUCTS else given


def _place(sheet: Sheet, stored: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return where a row's address is, if the sheet's rows have one and it was given."""
    if not sheet.is_located or not {"country", "postal_code"} & set(fields):
        return {}
    now = {**stored, **fields}
    point = locate(str(now["country"]), str(now.get("postal_code") or ""))
    return {"latitude": point.latitude, "longitude": point.longitude} if point else {}


def _difference(stored: dict[str, Any], fields: Mapping[str, Any]) -> tuple[int, dict[str, Any], dict[str, Any]] | None:
    """Return id, before and after of what differs; None when nothing does."""
    after = {name: value for name, value in fields.items() if stored[name] != value}
    return (stored["id"], {name: stored[name] for name in after}, after) if after else None


def _insert(session: Session, sheet: Sheet, rows: Sequence[dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    if not rows:
        return []
    table = table_of(sheet.table)
    statement = sa.insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return list(zip(core(session).execute(statement, list(rows)).scalars(), rows, strict=True))


def _update(session: Session, sheet: Sheet, changes: Iterable[tuple[int, Any, dict[str, Any]]]) -> None:
    table = table_of(sheet.table)
    for key, _, after in changes:
        core(session).execute(sa.update(table).where(table.c.id == key).values(**after))


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as a journal keeps them."""
    return {name: value for name, value in values.items() if name != "created_at"}
