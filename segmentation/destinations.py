"""Where a segment can go. Adding a destination is one entry in `DESTINATIONS` with its own writer.

A destination turns the chosen members into the bytes of one file; never one shared normaliser,
because every platform wants addresses written differently.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from oms_core.kernel.errors import NotFound, Refused
from oms_core.kernel.money import to_decimal
from segmentation.exporting import Selection

_BYTE_ORDER_MARK = "\ufeff".encode()
#: What a spreadsheet would run as a formula; plain numbers such as +48 600 700 800 or -12.50 are none.
_FORMULA, _NUMBER = re.compile(r"^\s*[=+\-@\t\r]"), re.compile(r"^[+\-]?[0-9][0-9 .]*$")


@dataclass(frozen=True, slots=True)
class Destination:
    """One kind of file; `suffix` is what its name should end in."""

    name: str
    suffix: str
    write: Callable[[Selection], bytes]


def columns(selection: Selection) -> pl.DataFrame:
    """Return the columns of the plain files: address first, money as decimals with their currency."""
    address = "email" if selection.purpose == "email" else "phone"
    chosen = selection.chosen
    money = [
        str(to_decimal(minor, currency)) for minor, currency in chosen.select("spent_minor", "currency").iter_rows()
    ]
    shown = chosen.select(
        pl.col("address").alias(address if selection.purpose != "ads" else "address"),
        pl.col("number").alias("customer_number"),
        "name", "language", "country", "city", "rfm_group", "orders", "last_order_on",
    )  # fmt: skip
    return shown.with_columns(pl.Series("amount_spent", money, dtype=pl.Utf8), chosen.get_column("currency"))


def neutral(text: str | None) -> str | None:
    """Return a text no spreadsheet takes for a formula: an apostrophe before what would be one."""
    if text and _FORMULA.match(text) and not _NUMBER.match(text):
        return "'" + text
    return text


def _harmless(frame: pl.DataFrame) -> pl.DataFrame:
    texts = [name for name, kind in frame.schema.items() if kind == pl.Utf8]
    return frame.with_columns(
        pl.Series(name, [neutral(value) for value in frame.get_column(name)], dtype=pl.Utf8) for name in texts
    )


def _csv(selection: Selection) -> bytes:
    """UTF-8 with a byte order mark, so that Excel reads Polish letters."""
    return _BYTE_ORDER_MARK + _harmless(columns(selection)).write_csv().encode()


def _xlsx(selection: Selection) -> bytes:
    buffer = io.BytesIO()
    _harmless(columns(selection)).write_excel(buffer, worksheet="customers", autofit=True)
    return buffer.getvalue()


DESTINATIONS = {d.name: d for d in (Destination("csv", ".csv", _csv), Destination("xlsx", ".xlsx", _xlsx))}
#: Named in the interface, with no writer yet: each platform's normaliser is its own.
ANNOUNCED = ("mailchimp", "klaviyo", "meta", "google", "tiktok")


def destination(name: str) -> Destination:
    """Return a destination.

    Raises
    ------
    Refused
        ``export.destination_not_available`` for a platform without a writer.
    NotFound
        For any other name.
    """
    if name in DESTINATIONS:
        return DESTINATIONS[name]
    if name in ANNOUNCED:
        raise Refused(
            "export.destination_not_available",
            f"Files for {name} cannot be written by this version.",
            f"Export to {' or '.join(DESTINATIONS)} and upload that.",
        )
    raise NotFound("destination", name, [*DESTINATIONS, *ANNOUNCED])
