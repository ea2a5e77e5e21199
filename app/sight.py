"""Whether this dashboard shows who people are.

A dashboard has no accounts: everybody who reaches it sees the same. Two are started where some may see less: one as it
is, one with ``ORDERSIGHT_PERSONAL_DATA=masked``. It masks e-mails, phones, names and streets, and makes no file of
people. When readers have accounts, their right is asked here and nowhere else.
"""

from __future__ import annotations

import os
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from oms_core.kernel.errors import Refused
from oms_core.privacy.masking import masked, masked_email, masked_name, masked_phone, masked_street

if TYPE_CHECKING:
    import polars as pl

ENVIRONMENT, MASKED = "ORDERSIGHT_PERSONAL_DATA", "masked"
_HOW = {"email": masked_email, "phone": masked_phone, "name": masked_name}


def sees_personal() -> bool:
    """Whether who looks may see who people are."""
    return os.environ.get(ENVIRONMENT, "") != MASKED


def require_personal() -> None:
    """Refuse what would show or hand out who people are.

    Raises
    ------
    Refused
        ``personal.not_allowed``.
    """
    if not sees_personal():
        raise Refused(
            "personal.not_allowed",
            "This dashboard does not show who people are.",
            "Use the one that may, or the command line.",
        )


def told(value: str | None, kind: str = "name") -> str:
    """Return an e-mail, phone or name as this dashboard may show it."""
    return (value or "") if sees_personal() else _HOW[kind](value or "")


#: Columns of page queries that tell who somebody is, and how each is masked.
_COLUMNS = {
    "email": masked_email, "phone": masked_phone, "customer": masked_name, "ship_name": masked_name,
    "bill_name": masked_name, "buyer": masked_name, "ship_line1": masked_street, "bill_line1": masked_street,
}  # fmt: skip


def rows_shown(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows of a page query as this dashboard may show them."""
    if sees_personal():
        return rows
    import polars as pl

    return rows.with_columns(
        pl.col(name).map_elements(how, return_dtype=pl.String)
        for name, how in _COLUMNS.items()
        if rows.schema.get(name) == pl.String
    )


def shown(customers: pl.DataFrame) -> pl.DataFrame:
    """Return customers as this dashboard may show them."""
    if sees_personal():
        return customers
    import polars as pl

    return customers.with_columns(
        pl.col(name).map_elements(how, return_dtype=pl.String)
        for name, how in _HOW.items()
        if name in customers.columns
    )


#: Keys of the pages' own records that hold a person's name; in answers of the API they hold a number.
_OWN_NAMES = frozenset({"customer"})


def record_shown(record: Any) -> Any:
    """Return records of the shop's database, however deep, as this dashboard may show them."""
    if sees_personal():
        return record
    if is_dataclass(record) and not isinstance(record, type):
        return replace(record, **{one.name: record_shown(getattr(record, one.name)) for one in fields(record)})
    return masked(record, names=_OWN_NAMES)
