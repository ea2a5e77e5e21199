"""A plain CSV file, safe to open in a spreadsheet."""

from __future__ import annotations

from segmentation.destinations import plain
from segmentation.destinations.model import Destination
from segmentation.destinations.writing import CSV, comma_separated_for_excel

DESTINATION = Destination(
    name="csv",
    title="CSV",
    suffix=".csv",
    media_type=CSV,
    about={
        "en": "Address, name, place, group, orders and amount spent, readable and safe to open in a spreadsheet.",
        "pl": "Adres, nazwa, miejsce, grupa, zamówienia i kwota, czytelnie i bezpiecznie dla arkusza.",
    },
    purposes=("email", "sms", "ads"),
    version=1,
    columns=plain.COLUMNS,
    row=plain.row,
    carries=plain.CARRIES,
    write=comma_separated_for_excel,
)
