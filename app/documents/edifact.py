"""A purchase order as UN/EDIFACT ORDERS, directory D.96A, message type EAN008: what suppliers' systems read.

Source: UN/EDIFACT D.96A ORDERS and the EANCOM 1997 guide (GS1). Syntax ISO 9735 version 3, character set UNOD
(ISO 8859-2: Polish letters); what it cannot hold is written without its accents, else as a blank. Parties are
named by mutually agreed codes (qualifier ZZ on the envelope, agency 92 in NAD): the shop by its tax number, the
supplier and the delivery place by our codes. An article is named by its EAN when it has one, by our SKU (PIA…IN)
and the supplier's own code (PIA…SA).

The test vector stands in ``docs/buying.md``.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from oms_core.kernel import clock
from oms_core.kernel.clock import business_date
from oms_core.kernel.money import to_decimal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from oms_core.kernel.settings import Shop

ENCODING = "iso8859-2"
#: Signs with a meaning in the syntax; a question mark before one takes it away.
_SIGNS = re.compile(r"([?'+:])")
#: Longest name of an article or a party in one data element.
LONGEST = 35


def orders_d96a(order: Mapping[str, Any], shop: Shop, *, at: datetime | None = None) -> bytes:
    """Return one interchange with one ORDERS message.

    Parameters
    ----------
    at : datetime, optional
        Moment of the interchange (aware); now when left out.
    """
    made = at or clock.now()
    body = [*_header(order, shop), *(s for line in order["lines"] for s in _line(line, order["currency"]))]
    total = sum((line["quantity"] - line["cancelled_qty"]) * line["unit_cost_minor"] for line in order["lines"])
    body += ["UNS+S", f"MOA+79:{_amount(total, order['currency'])}", f"CNT+2:{len(order['lines'])}"]
    message = ["UNH+1+ORDERS:D:96A:UN:EAN008", *body, f"UNT+{len(body) + 2}+1"]
    reference = text(order["number"])[:14]
    parties = f"{_party(shop.tax_id or shop.name)}:ZZ+{_party(order['supplier']['code'])}:ZZ"
    head = f"UNB+UNOD:3+{parties}+{made:%y%m%d}:{made:%H%M}+{reference}++ORDERS"
    segments = [head, *message, f"UNZ+1+{reference}"]
    return encoded("UNA:+.? '\n" + "".join(f"{s}'\n" for s in segments))


def _header(order: Mapping[str, Any], shop: Shop) -> list[str]:
    """Return who buys what from whom by when: the segments before the lines."""
    supplier, place = order["supplier"], order["location"]
    sent = business_date(order["sent_at"] or order["created_at"], shop.zone)
    segments = [f"BGM+220+{text(order['number'])}+9", f"DTM+137:{_day(sent)}:102"]
    if order["expected_on"]:
        segments.append(f"DTM+2:{_day(order['expected_on'])}:102")
    if order["note"]:
        segments.append(f"FTX+AAI+++{':'.join(_parts(order['note'], 70, 5))}")
    address = f"++{text(place['city'])}++{text(place['postal_code'])}+{text(place['country'])}"
    return [
        *segments,
        f"NAD+BY+{_party(shop.tax_id or shop.name)}::92++{_name(shop.legal_name or shop.name)}",
        f"NAD+SU+{_party(supplier['code'])}::92++{_name(supplier['name'])}",
        f"NAD+DP+{_party(place['code'])}::92++{_name(place['name'])}{address}".rstrip("+"),
        f"CUX+2:{order['currency']}:9",
        f"PAT+1++5:3:D:{int(supplier['payment_days'])}",
    ]


def _line(line: Mapping[str, Any], currency: str) -> list[str]:
    barcode = line["barcode"] or ""
    named = f"LIN+{line['position']}" + (f"++{text(barcode)}:EN" if barcode.isdecimal() else "")
    units = line["quantity"] - line["cancelled_qty"]
    theirs = [f"PIA+1+{text(line['supplier_sku'])}:SA"] if line["supplier_sku"] else []
    return [
        named,
        f"PIA+1+{text(line['sku'])}:IN",
        *theirs,
        f"IMD+F++:::{':'.join(_parts(line['title'], LONGEST, 2))}",
        f"QTY+21:{units}",
        f"MOA+203:{_amount(units * line['unit_cost_minor'], currency)}",
        f"PRI+AAA:{_amount(line['unit_cost_minor'], currency)}",
    ]


def text(value: str) -> str:
    """Return text with the signs of the syntax made harmless and line ends as blanks."""
    return _SIGNS.sub(r"?\1", " ".join(str(value).split()))


def encoded(segments: str) -> bytes:
    """Return the interchange in its character set; a letter it lacks loses its accent, else becomes a blank."""
    kept = []
    for sign in segments:
        plain = sign
        if not _fits(sign):
            bare = "".join(c for c in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(c))
            plain = bare if bare and _fits(bare) and not _SIGNS.search(bare) else " "
        kept.append(plain)
    return "".join(kept).encode(ENCODING)


def _fits(letters: str) -> bool:
    try:
        letters.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return True


def _parts(value: str, size: int, most: int) -> list[str]:
    """Return text in up to `most` elements of `size` signs (counted before they are made harmless)."""
    whole = " ".join(str(value).split())
    return [text(whole[n * size : (n + 1) * size]) for n in range(most) if whole[n * size :]] or [""]


def _name(value: str) -> str:
    return ":".join(_parts(value, LONGEST, 2))


def _party(code: str) -> str:
    """Return a party's code: at most 17 signs, as the directory allows."""
    return text(" ".join(str(code).split())[:17])


def _amount(minor: int, currency: str) -> str:
    return f"{to_decimal(minor, currency):f}"


def _day(day: date) -> str:
    return f"{day:%Y%m%d}"
