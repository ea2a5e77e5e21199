"""An answer in words and files: headings in the reader's language, cells for people, CSV, XLSX and PDF."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from app import format as fmt
from app.i18n import N_, _, language, speaking

if TYPE_CHECKING:
    import polars as pl

    from analytics.inquiry import Inquiry
    from app.exports import Sheet
    from app.jobs.questions import Answer, Column

#: Codes of periods in words; the custom one says its days.
PERIODS = {
    "yesterday": N_("Yesterday"), "last_week": N_("Last week"), "last_month": N_("Last month"),
    "last_quarter": N_("Last quarter"), "7d": N_("7 days"), "28d": N_("28 days"), "90d": N_("90 days"),
    "12m": N_("12 months"), "mtd": N_("This month"), "ytd": N_("This year"), "all": N_("Everything"),
    "custom": N_("Custom"),
}  # fmt: skip
COMPARES = {
    "": N_("nothing"), "previous": N_("the period before"), "year": N_("the year before"),
    "weekdays": N_("the same weekdays a year before"),
}  # fmt: skip
_ROLES = {"previous": N_("{name}, before"), "change": N_("{name}, change"), "share": N_("{name}, share")}
#: Rows of a PDF; more are read in a spreadsheet.
MOST_PDF_ROWS = 1_000


def heading(column: Column) -> str:
    """Return a column's heading in the reader's language."""
    name = _(column.label)
    return _(_ROLES[column.role]).format(name=name) if column.role in _ROLES else name


def title(asked: Inquiry) -> str:
    """Return a question as a title: ``Net sales, Orders by Channel, Country``."""
    from analytics.metrics import dimension, metric

    what = ", ".join(_(metric(slug).label) for slug in asked.metrics)
    if not asked.by:
        return what
    by = ", ".join(_(dimension(name).label).lower() for name in asked.by)
    return _("{what} by {by}").format(what=what, by=by)


def facts(answer: Answer) -> dict[str, str]:
    """Return what was asked besides metrics and dimensions: period, filter, comparison, rows."""
    asked, last = answer.asked, answer.until - timedelta(days=1)
    days = fmt.span(answer.since, answer.until) if answer.since else _("up to {day}").format(
        day=fmt.day(last, year=True)
    )  # fmt: skip
    told = {_("Period"): days if asked.period == "custom" else f"{_(PERIODS[asked.period])}: {days}"}
    if asked.where:
        told[_("Only where")] = asked.where
    if asked.compare:
        told[_("Compared with")] = _(COMPARES[asked.compare])
    if asked.top:
        told[_("Largest")] = fmt.count(asked.top)
    return told


def shown(column: Column, value: Any, currency: str) -> str:
    """Return one cell for people."""
    if value is None:
        return _("–")
    writers: dict[str, Callable[[Any], str]] = {
        "money": lambda v: fmt.money(int(v), currency),
        "ratio": lambda v: fmt.percent(float(v), 1),
        "share": lambda v: fmt.percent(float(v), 1),
        "change": lambda v: fmt.change(float(v)),
        "days": lambda v: fmt.number(float(v), 1),
        "hours": lambda v: fmt.number(float(v), 1),
        "date": lambda v: fmt.day(v, year=True),
        "text": str,
    }
    return writers.get(column.kind, lambda v: fmt.count(v) if float(v).is_integer() else fmt.number(float(v), 2))(value)


def tile(slug: str, value: Any, currency: str) -> str:
    """Return a metric's value as a tile shows it."""
    from analytics.metrics import metric
    from app.tiles import value_text

    return value_text(metric(slug).unit, value, currency)


def sheet(answer: Answer, name: str) -> Sheet:
    """Return the answer as typed columns with definitions and facts, for XLSX and Parquet."""
    import polars as pl

    from analytics.metrics import metric
    from app.exports import Sheet

    taken: dict[str, int] = {}
    columns = []
    for column in answer.columns:
        said = heading(column)
        taken[said] = taken.get(said, 0) + 1
        said = said if taken[said] == 1 else f"{said} ({column.name})"
        if column.kind == "money" and "currency" not in answer.frame.columns:
            said = f"{said}, {answer.currency}"
        columns.append(_typed(column, answer).alias(said))
    meant = {_(metric(slug).label): _(metric(slug).help) for slug in answer.asked.metrics}
    return Sheet(stem(name), answer.frame.select(columns) if columns else pl.DataFrame(), meant, facts(answer))


def _typed(column: Column, answer: Answer) -> pl.Expr:
    """Return a column as numbers a spreadsheet calculates with: money in major units of its own currency."""
    import polars as pl

    from oms_core.kernel.money import exponent

    value = pl.col(column.name)
    if column.kind != "money":
        return value
    if "currency" not in answer.frame.columns:
        digits_of = exponent(answer.currency)
        major: pl.Expr = (value / 10**digits_of).round(digits_of)
        return major
    known = answer.frame["currency"].drop_nulls().unique().to_list()
    digits = {code: exponent(code) for code in known}
    scale = pl.col("currency").replace_strict(
        {c: 10.0**d for c, d in digits.items()}, default=10.0 ** exponent(answer.currency), return_dtype=pl.Float64
    )
    amount: pl.Expr = (value / scale).round(max(digits.values(), default=2))
    return amount


def csv(answer: Answer) -> bytes:
    """Return the answer as CSV in the reader's separator and decimal sign; text is made safe for spreadsheets."""
    from decimal import Decimal

    from app.documents.table_file import csv_bytes
    from oms_core.kernel.money import to_decimal

    money = "currency" in answer.frame.columns

    def cell(column: Column, row: Mapping[str, Any]) -> object:
        value = row[column.name]
        if value is None or column.kind in {"text", "date"}:
            return value
        if column.kind == "money":
            return to_decimal(value, (row["currency"] if money else None) or answer.currency)
        return Decimal(repr(value)) if isinstance(value, float) else value

    header = [heading(column) for column in answer.columns]
    header += [] if money else [_("Currency")] if _has_money(answer.columns) else []
    rows = ([cell(c, row) for c in answer.columns] + _own(answer, header) for row in answer.frame.iter_rows(named=True))
    return csv_bytes(header, rows, language=language())


def _has_money(columns: Sequence[Column]) -> bool:
    return any(column.kind == "money" for column in columns)


def _own(answer: Answer, header: Sequence[str]) -> list[object]:
    return [answer.currency] if len(header) > len(answer.columns) else []


def written(answer: Answer, name: str, *, kind: str, sender: str, speaks: str) -> tuple[str, bytes]:
    """Return the answer as a file of a kind in a language: its name and its bytes.

    Parameters
    ----------
    name : str
        What people call the question; the file is named after it.
    kind : str
        ``csv``, ``xlsx`` or ``pdf``.
    sender : str
        Name of the shop, for the PDF.
    """
    from app import exports
    from app.documents import report

    with speaking(speaks):
        writers: dict[str, Callable[[], bytes]] = {
            "csv": lambda: csv(answer),
            "xlsx": lambda: exports.xlsx(sheet(answer, name)),
            "pdf": lambda: report.pdf(answer, name, sender=sender),
        }
        data = writers[kind]()
    return file_name(name, kind, answer.since, answer.until), data


def stem(name: str) -> str:
    """Return a name as part of a file name: ASCII letters, digits and hyphens; Polish ł is l."""
    plain = unicodedata.normalize("NFKD", name.translate(str.maketrans("łŁ", "lL"))).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60] or "report"


def file_name(name: str, kind: str, since: date | None, until: date) -> str:
    """Return ``net-sales_2026-11-01_2026-11-30.csv``, both days included."""
    first = f"_{since.isoformat()}" if since else ""
    return f"{stem(name)}{first}_{(until - timedelta(days=1)).isoformat()}.{kind}"
