"""A plain Excel workbook: texts are texts, whatever they begin with."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

from segmentation.destinations import plain
from segmentation.destinations.model import Cell, Destination, Sheet
from segmentation.destinations.writing import neutral

#: Nothing typed by a customer may become a formula, a link or a number.
_OPTIONS = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd",
}  # fmt: skip


def _write(sheet: Sheet) -> bytes:
    """Return a workbook of two sheets: customers, and what the columns mean."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        # The day instead of the second: the same people give the same file and the same hash.
        book.set_properties({"created": datetime.combine(sheet.as_of, datetime.min.time())})
        bold = book.add_format({"bold": True})
        people, meanings = book.add_worksheet("customers"), book.add_worksheet("columns")
        for position, column in enumerate(sheet.columns):
            people.write_string(0, position, column.name, bold)
            meanings.write_string(position, 0, column.name, bold)
            meanings.write_string(position, 1, column.meaning)
        for line, row in enumerate(sheet.rows, start=1):
            for position, cell in enumerate(row):
                _write_cell(people, line, position, cell)
        people.freeze_panes(1, 0)
        people.set_column(0, len(sheet.columns) - 1, 18)
        meanings.set_column(0, 1, 40)
    return buffer.getvalue()


def _write_cell(page: Any, line: int, position: int, cell: Cell) -> None:
    if cell is None:
        return
    if isinstance(cell, str):
        # Also with an apostrophe: the workbook may be saved as CSV, where a text has no type.
        page.write_string(line, position, neutral(cell) or "")
    elif isinstance(cell, date):
        page.write_datetime(line, position, datetime.combine(cell, datetime.min.time()))
    else:
        page.write_number(line, position, cell)


DESTINATION = Destination(
    name="xlsx",
    title="Excel",
    suffix=".xlsx",
    media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    about={
        "en": "The same columns as CSV in a workbook, dates and amounts typed, with a sheet of what the columns mean.",
        "pl": "Te same kolumny co CSV w skoroszycie, daty i kwoty z typem, z arkuszem znaczenia kolumn.",
    },
    purposes=("email", "sms", "ads"),
    version=1,
    columns=plain.COLUMNS,
    row=plain.row,
    carries=plain.CARRIES,
    write=_write,
)
