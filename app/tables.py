"""Column configurations of tables: one function a kind of column, so that every table looks alike.

Money reaches a table as decimals of the major unit, already rounded, with the currency in the
header; digits then follow the browser's language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import format as fmt
from app.i18n import _
from oms_core.kernel.money import exponent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Column = Any
#: Pixels of a table at a phone's width, of the boxes that check its rows, the narrowest and widest its words may get
#: there, and the widest its numbers may: a long head is cut, the digits are not.
PHONE, BOXES, NARROW, WIDE, DIGITS = 356, 44, 88, 210, 112


def text(label: str, width: int | None = None, *, help: str | None = None) -> Column:  # noqa: A002 - Streamlit's word
    """Return a column of words; leave the width of the last column open."""
    return st.column_config.TextColumn(label, width=width, help=help)


def words_right(label: str, width: int | None = None, *, help: str | None = None) -> Column:  # noqa: A002
    """Return a column of numbers that had to be written out, such as amounts of several currencies."""
    return st.column_config.TextColumn(label, width=width, help=help, alignment="right")


def change(label: str, width: int = 80, *, help: str | None = None) -> Column:  # noqa: A002 - Streamlit's word
    """Return a column of relative changes in percent, with their sign: sorted as numbers, ``+68%``."""
    return st.column_config.NumberColumn(label, width=width, format="%+.0f%%", help=help)


def count(label: str, width: int = 65, *, help: str | None = None) -> Column:  # noqa: A002 - Streamlit's word
    """Return a column of whole numbers."""
    return st.column_config.NumberColumn(label, width=width, format="localized", help=help)


def number(label: str, width: int = 80, *, help: str | None = None) -> Column:  # noqa: A002 - Streamlit's word
    """Return a column of numbers with one decimal."""
    return st.column_config.NumberColumn(label, width=width, format="localized", step=0.1, help=help)


def money(label: str, currency: str, width: int = 95, *, help: str | None = None) -> Column:  # noqa: A002
    """Return a column of money: two fixed decimals, the currency in the header."""
    return st.column_config.NumberColumn(
        f"{label}, {currency}", width=width, format="localized", step=10.0 ** -exponent(currency), help=help
    )


def amounts(
    label: str, minor: Sequence[int | None], currencies: Sequence[str], width: int = 110
) -> tuple[pl.Series, Column]:
    """Return a column's values and its configuration: decimals where all rows share a currency, else written out."""
    known = sorted({code for code, value in zip(currencies, minor, strict=True) if value is not None})
    if len(known) == 1:
        scale = 10 ** exponent(known[0])
        values: list[Any] = [None if value is None else round(value / scale, exponent(known[0])) for value in minor]
        return pl.Series(values, dtype=pl.Float64), money(label, known[0], width)
    texts = [None if v is None else fmt.money(v, code) for v, code in zip(minor, currencies, strict=True)]
    return pl.Series(texts, dtype=pl.String), words_right(label, width)


def at_phone_width(columns: Mapping[str, Column], first: Sequence[str] = (), *, room: int = PHONE) -> dict[str, Column]:
    """Return a table's columns for a phone: what answers the question fits without pushing, the rest follows.

    Badges keep their width: a state that is cut says nothing.

    Parameters
    ----------
    first : sequence of str
        Columns to see at once; the first of words among them takes the room the others leave.
    room : int
        Pixels there are.
    """
    named = [name for name in first if name in columns]
    ordered = {name: dict(columns[name]) for name in (*named, *(n for n in columns if n not in named))}
    kinds = {name: (ordered[name].get("type_config") or {}).get("type") for name in ordered}
    words = [name for name, kind in kinds.items() if kind == "text"]
    for name, column in ordered.items():
        if name in words or (column.get("width") and kinds[name] != "multiselect"):
            column["width"] = min(column.get("width") or WIDE, WIDE if name in words else DIGITS)
    taken = next((name for name in named if name in words), None)
    if taken:
        rest = sum(ordered[name].get("width") or NARROW for name in named if name != taken)
        ordered[taken]["width"] = min(max(room - rest, NARROW), WIDE)
    return ordered


def day(label: str, width: int = 95) -> Column:
    """Return a column of dates in the browser's language."""
    return st.column_config.DateColumn(label, width=width, format="localized")


def badge(label: str, colours: Mapping[str, str], width: int = 115, *, help: str | None = None) -> Column:  # noqa: A002
    """Return a column of one-element lists drawn as coloured badges.

    Parameters
    ----------
    colours : mapping of str to str
        Every word that may occur to its colour role (``red`` … ``gray``).
    """
    return st.column_config.MultiselectColumn(
        label, width=width, options=list(colours), color=list(colours.values()), help=help
    )


def progress(label: str, width: int = 120, *, help: str | None = None) -> Column:  # noqa: A002 - Streamlit's word
    """Return a column of shares from 0 to 100 as bars."""
    return st.column_config.ProgressColumn(label, width=width, min_value=0, max_value=100, format="%.0f%%", help=help)


def trend(label: str, width: int = 140) -> Column:
    """Return a column of small lines from a zero baseline."""
    return st.column_config.LineChartColumn(label, width=width, y_min=0)


def major(minor: pl.Expr, currency: str) -> pl.Expr:
    """Turn minor units into decimals of the major unit, rounded, for display only."""
    digits = exponent(currency)
    decimals: pl.Expr = (minor / 10**digits).round(digits)
    return decimals


def badges(column: pl.Expr, words: Mapping[str, str]) -> pl.Expr:
    """Turn codes into one-element lists of translated words for :func:`badge`."""
    cells: pl.Expr = (
        column.replace_strict(dict(words), default=column, return_dtype=pl.String)
        .cast(pl.String)
        .reshape((-1, 1))
        .arr.to_list()
    )
    return cells


def product(column: pl.Expr) -> pl.Expr:
    """Turn product titles into what people read: sentence case where the source shouts."""
    return column.map_elements(fmt.product, return_dtype=pl.String)


def share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Return a share as 0 to 100, empty where the whole is zero."""
    return pl.when(whole > 0).then(part * 100.0 / whole)


def nothing() -> str:
    """Return the word of an empty cell."""
    return _("–")
