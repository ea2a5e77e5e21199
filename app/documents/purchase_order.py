"""A purchase order as a supplier receives it: PDF to read, CSV to load; the other forms are in `order_formats`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from babel import Locale
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Spacer, Table, TableStyle

from app import format as shown
from app.documents.paper import ACCENT, LINE, MUTED, TINT, WIDTH, Sheet, build, style, words
from app.documents.table_file import csv_bytes
from app.i18n import _, locale, ngettext, speaking
from oms_core.kernel.clock import business_date
from oms_core.kernel.money import to_decimal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from oms_core.kernel.settings import Shop

#: Widths of the line table: position, our SKU, supplier's code, product, units, unit cost, value.
COLUMNS = (9 * mm, 22 * mm, 24 * mm, WIDTH - 121 * mm, 18 * mm, 22 * mm, 26 * mm)
_NOT_SENT = ("draft", "pending_approval", "approved")


def pdf(order: Mapping[str, Any], shop: Shop, *, language: str) -> bytes:
    """Return the purchase order as PDF.

    Parameters
    ----------
    order : mapping
        As `purchasing.queries.purchase_order_detail` gives it.
    shop : Shop
        The buyer: name, zone of the dates.
    language : str
        ``en`` or ``pl``.
    """
    with speaking(language):
        sheet = Sheet(_("Purchase order {number}").format(number=order["number"]), shop.name, _warning(order))
        return build(sheet, lambda: _story(order, shop), language=language)


def csv(order: Mapping[str, Any], *, language: str) -> bytes:
    """Return the lines as CSV in the language's separator and decimal sign; amounts beside their currency."""
    with speaking(language):
        header = csv_header()
        rows = [csv_row(order, line) for line in order["lines"]]
    return csv_bytes(header, rows, language=language)


def csv_header() -> list[str]:
    """Return the names of the columns of the order's lines, in the language spoken now."""
    return [
        _("Order number"), _("Line"), _("SKU"), _("Your code"), _("Barcode"), _("Product"), _("Units"),
        _("Unit cost"), _("Value"), _("Currency"), _("Due"),
    ]  # fmt: skip


def csv_row(order: Mapping[str, Any], line: Mapping[str, Any]) -> list[object]:
    """Return one line of the order, column by column; amounts as decimals."""
    currency = order["currency"]
    return [
        order["number"], line["position"], line["sku"], line["supplier_sku"], line["barcode"], line["title"],
        line["quantity"], to_decimal(line["unit_cost_minor"], currency), to_decimal(line["value_minor"], currency),
        currency, order["expected_on"],
    ]  # fmt: skip


def _warning(order: Mapping[str, Any]) -> str:
    """Return what must be said on every page: not sent yet, called off, simulated."""
    said = []
    if order["state"] in _NOT_SENT:
        said.append(_("Draft: not an order yet"))
    if order["state"] == "cancelled":
        said.append(_("Cancelled: do not deliver"))
    if order["is_simulated"]:
        said.append(_("Simulated: supplier, costs and quantities are invented"))
    return " · ".join(said)


def _story(order: Mapping[str, Any], shop: Shop) -> list[Any]:
    return [
        _head(order, shop),
        Spacer(0, 7 * mm),
        _parties(order, shop),
        Spacer(0, 7 * mm),
        _lines(order),
        Spacer(0, 3 * mm),
        KeepTogether([_total(order), Spacer(0, 8 * mm), *_close(order, shop)]),
    ]


def _plain(rows: list[list[Any]], widths: Sequence[float], *commands: tuple[Any, ...]) -> Table:
    """Return a table without padding or lines of its own."""
    base: list[tuple[Any, ...]] = [("VALIGN", (0, 0), (-1, -1), "TOP")]
    base += [(f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]
    return Table(rows, widths, style=TableStyle([*base, *commands]))


def _head(order: Mapping[str, Any], shop: Shop) -> Table:
    left = words(shop.name, style(12, bold=True, colour=ACCENT))
    right = [
        words(_("Purchase order"), style(10, colour=MUTED, right=True)),
        words(order["number"], style(20, bold=True, right=True)),
    ]
    half = WIDTH / 2
    return _plain([[left, right]], (half, half), ("LINEBELOW", (0, 0), (-1, 0), 1.2, ACCENT),
                  ("BOTTOMPADDING", (0, 0), (-1, -1), 8))  # fmt: skip


def _parties(order: Mapping[str, Any], shop: Shop) -> Table:
    """Return the three blocks: supplier, delivery, facts."""
    supplier, location = order["supplier"], order["location"]
    town = " ".join(x for x in (location["postal_code"], location["city"]) if x)
    blocks = [
        _block(_("Supplier"), [supplier["name"], _country(supplier["country"]), supplier["email"]]),
        _block(_("Delivery address"), [shop.name, location["name"], town, _country(location["country"])]),
        _facts(order, shop),
    ]
    return _plain([blocks], (WIDTH * 0.32, WIDTH * 0.3, WIDTH * 0.38), ("RIGHTPADDING", (0, 0), (1, 0), 10))


def _block(label: str, told: Sequence[str]) -> list[Any]:
    first, *rest = [line for line in dict.fromkeys(told) if line]
    return [
        words(label, style(8, colour=MUTED)),
        Spacer(0, 1 * mm),
        words(first, style(10, bold=True)),
        *(words(line, style(9)) for line in rest),
    ]


def _facts(order: Mapping[str, Any], shop: Shop) -> Table:
    days = order["supplier"]["payment_days"]
    facts = [
        (_("Order date"), _day_of(order["sent_at"] or order["created_at"], shop.zone)),
        (_("Delivery by"), _day(order["expected_on"])),
        (_("Payment"), ngettext("{n} day from invoice", "{n} days from invoice", days).format(n=days)),
        (_("Currency"), order["currency"]),
    ]
    rows = [[words(k, style(9, colour=MUTED)), words(v, style(9, bold=True, right=True))] for k, v in facts]
    width = WIDTH * 0.38
    return _plain(rows, (width * 0.42, width * 0.58), ("LINEBELOW", (0, 0), (-1, -2), 0.5, LINE),
                  ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 3))  # fmt: skip


def _lines(order: Mapping[str, Any]) -> Table:
    """Return the table of lines; its header is repeated on every page."""
    heads = (_("No."), _("SKU"), _("Your code"), _("Product"), _("Units"), _("Unit cost"), _("Value"))
    rows = [[words(text, style(8, colour=MUTED, right=i > 3)) for i, text in enumerate(heads)]]
    rows += [_line(line, order["currency"]) for line in order["lines"]]
    pad = [("TOPPADDING", (0, 0), (-1, -1), 4), ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
           ("LEFTPADDING", (0, 0), (-1, -1), 4), ("RIGHTPADDING", (0, 0), (-1, -1), 4)]  # fmt: skip
    look = [("BACKGROUND", (0, 0), (-1, 0), TINT), ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP")]  # fmt: skip
    return Table(rows, COLUMNS, repeatRows=1, style=TableStyle([*pad, *look]))


def _line(line: Mapping[str, Any], currency: str) -> list[Any]:
    text, amount = style(8.5), style(8.5, right=True)
    units = [words(shown.count(line["quantity"]), amount)]
    packs, rest = divmod(line["quantity"], line["pack_qty"])
    if line["pack_qty"] > 1 and rest == 0:
        told = _("{packs} × {pack}").format(packs=shown.count(packs), pack=shown.count(line["pack_qty"]))
        units.append(words(told, style(7, colour=MUTED, right=True)))
    product = [words(line["title"], text)]
    if line["barcode"]:
        product.append(words(_("EAN {code}").format(code=line["barcode"]), style(7, colour=MUTED)))
    return [
        words(line["position"], style(8.5, colour=MUTED)), words(line["sku"], text), words(line["supplier_sku"], text),
        product, units, words(shown.money(line["unit_cost_minor"], currency), amount),
        words(shown.money(line["value_minor"], currency), amount),
    ]  # fmt: skip


def _total(order: Mapping[str, Any]) -> Table:
    """Return the sum, with the count of lines and units it is made of."""
    lines, units = len(order["lines"]), sum(line["quantity"] for line in order["lines"])
    made_of = " · ".join(
        (
            ngettext("{n} line", "{n} lines", lines).format(n=shown.count(lines)),
            ngettext("{n} unit", "{n} units", units).format(n=shown.count(units)),
        )
    )
    rows = [
        [
            words(made_of, style(9, colour=MUTED)),
            words(_("Total without tax"), style(10, right=True)),
            words(shown.money(order["total_minor"], order["currency"]), style(13, bold=True, right=True)),
        ]
    ]
    return _plain(rows, (WIDTH * 0.4, WIDTH * 0.3, WIDTH * 0.3), ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                  ("LEFTPADDING", (0, 0), (0, 0), 4), ("RIGHTPADDING", (2, 0), (2, 0), 4))  # fmt: skip


def _close(order: Mapping[str, Any], shop: Shop) -> list[Any]:
    """Return the note and the request, in words a supplier can act on."""
    ask = _(
        "Please confirm this order and its delivery day. Quote {number} on the delivery note and the invoice; "
        "tell {shop} before you ship if a quantity, a price or the day changes."
    ).format(number=order["number"], shop=shop.name)
    note = [words(_("Note"), style(8, colour=MUTED)), words(order["note"], style(9)), Spacer(0, 4 * mm)]
    return [*(note if order["note"] else []), words(ask, style(8.5, colour=MUTED))]


def _country(code: str) -> str:
    return str(Locale.parse(locale()).territories.get(code, code))


def _day(day: date | None) -> str:
    return shown.day(day, year=True) if day else _("to be agreed")


def _day_of(at: datetime, zone: str) -> str:
    return _day(business_date(at, zone))
