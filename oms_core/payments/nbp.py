"""Exchange rates as the National Bank of Poland publishes them: table A (mid rates) and C (buying and selling).

Read are the answers of its Web API (JSON and XML, whole tables or one currency), the older XML files
(``a025z100205.xml``) and the yearly archive (``archiwum_tab_a_2024.csv``). Rates are złoty for one unit; where a table
quotes a hundred (``100HUF``) they are divided, exactly. Of table C the mid of both rates is taken.
"""

from __future__ import annotations

import csv
import json
import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from oms_core.kernel.errors import InvalidInput
from oms_core.payments.rates import NewRate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: What every rate is quoted in.
QUOTE = "PLN"
_COLUMN = re.compile(r"(\d+)\s*([A-Z]{3})")


def rates_of(data: bytes, name: str) -> list[NewRate] | None:
    """Read a file of the bank; None when it is none of its formats (then it may be a plain list of rates).

    Raises
    ------
    InvalidInput
        ``input.rates_file`` when it is one, but is cut off, or holds something that is no rate.
    """
    text = _text(data)
    start = text.lstrip("\ufeff \r\n\t")
    try:
        if start.startswith(("{", "[")):
            return list(_json(json.loads(start)))
        if start.startswith("<"):
            return list(_xml(start))
        if start.startswith(("data;", "Data;")):
            return list(_archive(start))
    except (ValueError, KeyError, TypeError, InvalidOperation, ET.ParseError) as error:
        raise InvalidInput(
            "file", name, f"rates as the bank publishes them ({error})", code="input.rates_file"
        ) from error
    return None


def _text(data: bytes) -> str:
    """Return the text; the API speaks UTF-8, the archive Windows-1250, older XML names ISO 8859-2 (ASCII in rates)."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1250", errors="replace")


def _rate(code: str, on: date, quoted: Decimal, units: int = 1) -> NewRate:
    if not quoted.is_finite() or quoted <= 0 or units < 1:
        raise ValueError(f"{code} of {on}: {quoted} for {units}")
    return NewRate(code, QUOTE, on, format((quoted / units).normalize(), "f"))


def _quoted(row: Mapping[str, Any]) -> Decimal:
    """Return the mid rate of an API row: `mid`, or the mid of `bid` and `ask`."""
    if row.get("mid") is not None:
        return Decimal(str(row["mid"]))
    return (Decimal(str(row["bid"])) + Decimal(str(row["ask"]))) / 2


def _json(found: Any) -> Iterator[NewRate]:
    for table in found if isinstance(found, list) else [found]:
        for row in table["rates"]:
            on = date.fromisoformat(row.get("effectiveDate") or table["effectiveDate"])
            yield _rate(row.get("code") or table["code"], on, _quoted(row))


def _xml(text: str) -> Iterator[NewRate]:
    if "<!DOCTYPE" in text[:2000] or "<!ENTITY" in text:
        raise ValueError("a document type is not expected")
    # what a declaration says of bytes is no longer true of text
    root = ET.fromstring(re.sub(r"^<\?xml[^>]*\?>", "", text))  # noqa: S314 - entities are refused above
    for element in root.iter():
        element.tag = element.tag.rsplit("}", 1)[-1]
    if root.tag == "tabela_kursow":
        yield from _table_of_old(root)
        return
    for table in [root] if root.tag in ("ExchangeRatesTable", "ExchangeRatesSeries") else list(root):
        whole = {child.tag: child.text or "" for child in table}
        for rate in table.iter("Rate"):
            row = {child.tag: child.text for child in rate}
            on = date.fromisoformat(row.get("EffectiveDate") or whole["EffectiveDate"])
            values = {"mid": row.get("Mid"), "bid": row.get("Bid"), "ask": row.get("Ask")}
            yield _rate(row.get("Code") or whole["Code"], on, _quoted(values))


def _table_of_old(root: ET.Element) -> Iterator[NewRate]:
    on = date.fromisoformat(root.findtext("data_publikacji") or "")
    for row in root.iter("pozycja"):
        values = {
            "mid": _decimal(row.findtext("kurs_sredni")),
            "bid": _decimal(row.findtext("kurs_kupna")),
            "ask": _decimal(row.findtext("kurs_sprzedazy")),
        }
        yield _rate(row.findtext("kod_waluty") or "", on, _quoted(values), int(row.findtext("przelicznik") or "1"))


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text.strip().replace(",", ".")) if text and text.strip() else None


def _archive(text: str) -> Iterator[NewRate]:
    """Read the yearly archive: a column a currency (``1USD``, ``100HUF``), a row a day, words above and below."""
    rows = csv.reader(text.splitlines(), delimiter=";")
    heads = [_COLUMN.fullmatch(cell.strip()) for cell in next(rows)]
    if not any(heads):
        raise ValueError("no column names a currency, such as 1USD")
    for row in rows:
        if not row or not re.fullmatch(r"\d{8}", row[0].strip()):
            continue
        on = datetime.strptime(row[0].strip(), "%Y%m%d").date()  # noqa: DTZ007 - a day, no instant
        for head, cell in zip(heads, row, strict=False):
            value = _decimal(cell) if head else None
            if head and value is not None:
                yield _rate(head[2], on, value, int(head[1]))
