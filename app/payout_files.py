"""Payout statements as channels and gateways hand them out: a CSV whose columns go by many names; read at the edge."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from app import csv_reading
from oms_core.kernel.errors import InvalidInput
from oms_core.payments.payouts import Stated

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What is read, and the names its column goes by (own files, Shopify Payments, Stripe, PayPal, Allegro exports).
COLUMNS: dict[str, tuple[str, ...]] = {
    "order": (
        "order", "order number", "order_id", "order id", "order name", "payment", "source", "reference", "zamówienie",
    ),
    "type": ("kind", "type", "transaction type", "reporting_category", "typ"),
    "amount": ("amount", "gross", "gross amount", "kwota"),
    "fee": ("fee", "fees", "commission", "opłata", "prowizja"),
    "net": ("net", "net amount", "netto"),
    "date": ("date", "transaction date", "created", "on", "data"),
    "currency": ("currency", "waluta"),
}  # fmt: skip
_KINDS = {
    "sale": ("sale", "charge", "payment", "order", "capture", "sprzedaż"),
    "refund": ("refund", "payment_refund", "chargeback", "return", "zwrot"),
    "fee": ("fee", "commission", "stripe_fee", "application_fee", "opłata", "prowizja"),
    "": ("payout", "transfer", "wypłata"),  # the money leaving for our account: what the whole statement is about
}


def read(data: bytes, name: str, currency: str) -> tuple[str, list[Stated]]:
    """Return a statement's currency and rows; rows that are the bank transfer itself are left out.

    Parameters
    ----------
    currency : str
        The one of rows that name none.

    Raises
    ------
    InvalidInput
        No UTF-8, no column of amounts, an amount or day that is none, several currencies, a net amount that is
        neither amount - fee nor amount + fee; names the row.
    """
    table = csv_reading.rows_of(csv_reading.text_of(data, name), name, [])
    known = _columns(table, name)
    currencies = {row.get(known.get("currency", ""), "").upper() or currency for row in table} or {currency}
    if len(currencies) > 1:
        words = "one currency a statement"
        raise InvalidInput("currency", ", ".join(sorted(currencies)), words, code="payout.currencies")
    (own,) = currencies
    found = [_row({k: row.get(column, "") for k, column in known.items()}, n, own) for n, row in enumerate(table, 2)]
    return own, [row for row in found if row is not None]


def _columns(table: list[dict[str, str]], name: str) -> dict[str, str]:
    has = list(table[0]) if table else []
    known = {what: next((alias for alias in names if alias in has), "") for what, names in COLUMNS.items()}
    if not known["amount"]:
        words = f"a column amount or gross (it has {', '.join(has) or 'no rows'})"
        raise InvalidInput("file", name, words, "Columns: order, amount, fee; also kind, net, date, currency.")
    return {what: column for what, column in known.items() if column}


def _row(row: Mapping[str, str], n: int, currency: str) -> Stated | None:
    """Return one row, or None when it is the transfer itself."""
    try:
        amount = csv_reading.amount(row["amount"], currency) if row["amount"] else 0
        given = csv_reading.amount(row["fee"], currency) if row.get("fee") else 0
        net = csv_reading.amount(row["net"], currency) if row.get("net") else None
        on = date.fromisoformat(row["date"][:10]) if row.get("date") else None
    except InvalidInput as error:
        raise InvalidInput(f"row {n}", error.facts.get("value", ""), "amounts such as 12.30") from error
    except ValueError as error:
        raise InvalidInput(f"date in row {n}", row["date"], "a day such as 2026-03-31") from error
    name = row.get("order", "").lstrip("#")
    kind = _kind(row.get("type", ""), amount, name)
    if kind == "":
        return None
    if kind == "fee":  # what is kept is written as an amount below zero, and no customer paid it
        return Stated("fee", name, 0, given - amount, on)
    return Stated(kind, name, amount, _fee(amount, given, net, n, row), on)


def _kind(word: str, amount: int, name: str) -> str:
    for kind, words in _KINDS.items():
        if word.strip().lower() in words:
            return kind
    if not name or word:
        return "other"
    return "sale" if amount >= 0 else "refund"


def _fee(amount: int, given: int, net: int | None, n: int, row: Mapping[str, str]) -> int:
    """Return the fee as a cost: some files write what was kept as 1.20, some as -1.20; the net tells which."""
    if net is None:
        return abs(given) if amount >= 0 else given
    if net not in {amount - given, amount + given}:
        words = f"the amount less the fee ({row['amount']} and {row.get('fee') or '0'})"
        raise InvalidInput(f"net in row {n}", row["net"], words, code="payout.net")
    return amount - net
