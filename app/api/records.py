"""A row of a table as a record, and what requests name money by."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.errors import InvalidInput
from oms_core.kernel.money import exponent, to_decimal, to_minor

if TYPE_CHECKING:
    from oms_core.kernel.database import Base


def columns(row: Base, *left_out: str) -> dict[str, Any]:
    """Return every column of a row by name."""
    return {c.key: getattr(row, c.key) for c in sa.inspect(type(row)).columns if c.key not in left_out}


def minor(amount: Decimal, currency: str, field: str = "amount") -> int:
    """Return an amount in minor units; one finer than the currency is refused, not rounded.

    Raises
    ------
    InvalidInput
        ``input.<field>``.
    """
    found = to_minor(amount, currency)
    if to_decimal(found, currency) != amount:
        raise InvalidInput(field, str(amount), f"at most {exponent(currency)} decimals ({currency})")
    return found


def maybe_minor(amount: Decimal | None, currency: str, field: str = "amount") -> int | None:
    """Return :func:`minor` of an amount that may be left out."""
    return None if amount is None else minor(amount, currency, field)
