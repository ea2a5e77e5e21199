"""A purchase order as a workbook: what is ordered with typed cells, and the head of the order beside it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from app.documents.purchase_order import csv_header, csv_row
from app.documents.table_file import safe
from app.i18n import _, speaking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oms_core.kernel.settings import Shop


def xlsx(order: Mapping[str, Any], shop: Shop, *, language: str) -> bytes:
    """Return the order as XLSX: the lines under a frozen header, then a sheet with supplier, address and terms."""
    import xlsxwriter

    buffer = io.BytesIO()
    options = {"in_memory": True, "default_date_format": "yyyy-mm-dd", "strings_to_formulas": False}
    with speaking(language), xlsxwriter.Workbook(buffer, options) as book:
        bold = book.add_format({"bold": True})
        page = book.add_worksheet(_("Lines"))
        for n, name in enumerate(csv_header()):
            page.write_string(0, n, name, bold)
        for row, line in enumerate(order["lines"], start=1):
            for n, value in enumerate(csv_row(order, line)):
                _cell(page, row, n, value)
        page.set_column(5, 5, 40)
        page.freeze_panes(1, 0)
        head = book.add_worksheet(_("Order"))
        for row, (name, value) in enumerate(_head(order, shop)):
            head.write_string(row, 0, name, bold)
            _cell(head, row, 1, value)
        head.set_column(0, 1, 28)
    return buffer.getvalue()


def _head(order: Mapping[str, Any], shop: Shop) -> list[tuple[str, object]]:
    supplier, location = order["supplier"], order["location"]
    town = " ".join(x for x in (location["postal_code"], location["city"], location["country"]) if x)
    return [
        (_("Order number"), order["number"]),
        (_("Buyer"), shop.name),
        (_("Supplier"), supplier["name"]),
        (_("Delivery address"), f"{location['name']}, {town}" if town else location["name"]),
        (_("Delivery by"), order["expected_on"]),
        (_("Payment, days"), supplier["payment_days"]),
        (_("Currency"), order["currency"]),
        (_("Note"), order["note"]),
    ]


def _cell(page: Any, row: int, column: int, value: object) -> None:
    if value is None:
        return
    if isinstance(value, str):
        page.write_string(row, column, safe(value))
    else:
        page.write(row, column, value)
