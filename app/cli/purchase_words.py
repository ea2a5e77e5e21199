"""What the purchase-order commands read and answer: lines as words, money as decimal text, the paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from sqlalchemy.orm import Session

    from oms_core.inventory.lots import NewLot
    from oms_core.kernel.settings import Shop
    from oms_core.purchasing.commands import Remark


def wish(text: str, currency: str) -> tuple[str, int, int | None]:
    """Read ``SKU=UNITS`` or ``SKU=UNITS@COST``; a SKU may itself hold an equals sign."""
    from oms_core.kernel.errors import InvalidInput
    from oms_core.kernel.money import to_minor

    sku, separator, rest = text.rpartition("=")
    units, _, cost = rest.partition("@")
    if not (separator and sku and units.lstrip("-").isdecimal()):
        raise InvalidInput("line", text, "SKU=UNITS was expected", "For example: 22114=48 or 22114=48@2.53")
    return sku, int(units), to_minor(cost, currency) if cost else None


def head(session: Session, purchase_order_id: int) -> dict[str, Any]:
    """Return what every command answers: the order in one row."""
    from oms_core.purchasing import queries

    detail = queries.purchase_order_detail(session, purchase_order_id)
    keys = ("number", "state", "total_minor", "currency", "expected_on", "sent_at")
    head = {key: detail[key] for key in keys} | {"supplier": detail["supplier"]["name"], "lines": len(detail["lines"])}
    return decimal_money(head, detail["currency"])


def decimal_money(row: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """Return a row whose minor units became decimal text: ``total_minor`` is shown as ``total``."""
    from oms_core.kernel.money import to_decimal

    told: dict[str, Any] = {}
    for key, value in row.items():
        if key.endswith("_minor") and isinstance(value, int):
            told[key.removesuffix("_minor")] = str(to_decimal(value, currency))
        elif isinstance(value, dict):
            told[key] = decimal_money(value, currency)
        else:
            told[key] = _rows(value, currency) if isinstance(value, list) else value
    return told


def _rows(values: Sequence[Any], currency: str) -> list[Any]:
    return [decimal_money(value, currency) if isinstance(value, dict) else value for value in values]


def write_paper(
    session: Session, purchase_order_id: int, shop: Shop, out: Path | None, language: str | None
) -> dict[str, Any]:
    """Write the order's paper to `out`; its suffix says which."""
    if out is None:
        return {}
    from app.documents import order_formats
    from app.documents.saving import save
    from oms_core.purchasing import queries

    detail = queries.purchase_order_detail(session, purchase_order_id)
    data = order_formats.write(out.suffix, detail, shop, language=language)
    return {"file": str(out), "bytes": save(out, data)}


def day_of(field: str, text: str) -> date:
    """Read a day written as ISO 8601."""
    from datetime import date

    from oms_core.kernel.errors import InvalidInput

    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(field, text, "a date such as 2010-12-20 was expected") from error


def new_lots(session: Session, purchase_order_id: int, texts: Sequence[str]) -> dict[int, list[NewLot]]:
    """Read ``SKU=LOT:EXPIRES:UNITS`` (no date: never expires) and return the lots by purchase-order line."""
    from oms_core.inventory.lots import NewLot
    from oms_core.kernel.errors import InvalidInput
    from oms_core.purchasing import names

    found: dict[int, list[NewLot]] = {}
    for text in texts:
        sku, _, rest = text.rpartition("=")
        number, _, tail = rest.partition(":")
        expires, _, units = tail.rpartition(":")
        if not (sku and number and units.isdecimal()):
            raise InvalidInput("lot", text, "SKU=LOT:EXPIRES:UNITS was expected", "For example: 22114=A7:2026-12-31:48")
        (line,) = names.arrived_lines(session, purchase_order_id, {sku: 1})
        lot = NewLot(number, day_of("lot", expires) if expires else None, int(units))
        found.setdefault(line, []).append(lot)
    return found


def amount_of(field: str, text: str, currency: str) -> int:
    """Read an amount of zero or more, such as ``2500`` or ``2500.50``, as minor units."""
    import re

    from oms_core.kernel.errors import InvalidInput
    from oms_core.kernel.money import to_minor

    if not re.fullmatch(r"\d{1,15}(\.\d+)?", text.strip()):
        raise InvalidInput(field, text, "an amount of zero or more, such as 2500 or 2500.50, was expected")
    return to_minor(text.strip(), currency)


def new_remarks(session: Session, purchase_order_id: int, kind: str, texts: Sequence[str]) -> list[Remark]:
    """Read ``SKU=UNITS:REASON`` for deliveries that differ."""
    from oms_core.kernel.errors import InvalidInput
    from oms_core.purchasing import names
    from oms_core.purchasing.commands import Remark

    found = []
    for text in texts:
        sku, _, rest = text.partition("=")
        units, _, reason = rest.partition(":")
        if not (sku and units.isdecimal() and reason.strip()):
            raise InvalidInput(kind, text, "SKU=UNITS:REASON was expected", f"For example: --{kind} '22114=2:wet box'")
        (line,) = names.arrived_lines(session, purchase_order_id, {sku: int(units)})
        found.append(Remark(line, kind, int(units), reason))
    return found
