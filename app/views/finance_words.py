"""Words the sides of the Finance page share: kinds of documents, differences of bills, money inside Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from app import format as fmt
from app import tables
from app.i18n import DEFAULT, N_, _, language
from oms_core.kernel.money import to_decimal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from oms_core.finance.three_way import Difference

KINDS = {
    "invoice": N_("Invoice"), "correction": N_("Correction"), "payment": N_("Payment"), "refund": N_("Refund"),
    "supplier_invoice": N_("Supplier's bill"), "supplier_payment": N_("Payment"),
}  # fmt: skip
_DIFFERENCES = {
    "price": N_("{sku}: another price than ordered, {money}"),
    "not_ordered": N_("{sku}: more units than ordered, {money}"),
    "not_received": N_("{sku}: billed units have not arrived, {money}"),
}


def kind(code: str) -> str:
    """Return a kind of ledger document in words."""
    return _(KINDS.get(code, code))


def major(row: Mapping[str, Any], name: str) -> float:
    """Return an amount of a row in its currency's major unit, for display only."""
    return float(to_decimal(row[f"{name}_minor"], row["currency"]))


def money_columns(rows: Sequence[Mapping[str, Any]], labels: Mapping[str, str], width: int = 105) -> dict[str, Any]:
    """Return number columns of money: the currency in the header, or in a column of its own where there are several."""
    currencies = {row["currency"] for row in rows}
    if len(currencies) == 1:
        (one,) = currencies
        return {name: tables.money(label, one, width + 15) for name, label in labels.items()}
    column = st.column_config.NumberColumn
    found = {name: column(label, width=width, format="localized", step=0.01) for name, label in labels.items()}
    return {**found, "currency": tables.text(_("Currency"), 80)}


def plain(text: str) -> str:
    """Return text in which Markdown sees no formula between two dollar signs."""
    return text.replace("$", "\\$")


def difference(found: Difference, currency: str) -> str:
    """Name a difference between a bill and its order: the core's sentence, or its facts in another language."""
    if language() == DEFAULT:
        return found.sentence
    return _(_DIFFERENCES[found.kind]).format(sku=found.sku, money=fmt.money(found.amount_minor, currency))
