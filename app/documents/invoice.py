"""An invoice or correction as the buyer receives it: PDF to read, CSV to load."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from babel import Locale
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Spacer, Table, TableStyle

from app import format as shown
from app.documents.paper import ACCENT, LINE, MUTED, TINT, WIDTH, Sheet, build, style, words
from app.documents.table_file import csv_bytes
from app.i18n import LANGUAGES, _, locale, speaking
from oms_core.kernel.errors import InvalidInput
from oms_core.kernel.money import to_decimal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from oms_core.kernel.settings import Shop

#: Widths of the line table: position, product, units, net, rate, tax, gross.
COLUMNS = (9 * mm, WIDTH - 118 * mm, 15 * mm, 26 * mm, 16 * mm, 24 * mm, 28 * mm)


def render(invoice: Mapping[str, Any], shop: Shop, *, suffix: str, language: str | None = None) -> bytes:
    """Return the paper that a file name asks for, in the given or the shop's language.

    Raises
    ------
    InvalidInput
        A suffix other than ``.pdf`` or ``.csv``, or a language we do not speak.
    """
    spoken = language or shop.language
    if spoken not in LANGUAGES:
        raise InvalidInput("language", spoken, f"one of {', '.join(LANGUAGES)}")
    if suffix.lower() == ".pdf":
        return pdf(invoice, language=spoken)
    if suffix.lower() == ".csv":
        return csv(invoice, language=spoken)
    raise InvalidInput("out", suffix, "an invoice is written as .pdf or .csv", "Name the file invoice.pdf.")


def pdf(invoice: Mapping[str, Any], *, language: str) -> bytes:
    """Return the invoice as PDF.

    Parameters
    ----------
    invoice : mapping
        As `finance.queries.invoice_detail` gives it.
    language : str
        ``en`` or ``pl``.
    """
    with speaking(language):
        title = f"{_name(invoice)} {invoice['number'] or ''}".strip()
        sheet = Sheet(title, invoice["seller_name"], _warning(invoice))
        return build(sheet, lambda: _story(invoice), language=language)


def csv(invoice: Mapping[str, Any], *, language: str) -> bytes:
    """Return the lines as CSV in the language's separator and decimal sign: before, after, difference."""
    with speaking(language):
        header = [
            _("Invoice number"), _("Line"), _("SKU"), _("Product"), _("Tax rate, %"), _("Units before"),
            _("Units after"), _("Units"), _("Net"), _("Tax"), _("Gross"), _("Currency"),
        ]  # fmt: skip
        rows = [_csv_row(invoice, line) for line in invoice["lines"]]
    return csv_bytes(header, rows, language=language)


def _csv_row(invoice: Mapping[str, Any], line: Mapping[str, Any]) -> list[object]:
    currency = invoice["currency"]
    rate = None if line["tax_bp"] is None else to_decimal(line["tax_bp"], "EUR")
    money = [to_decimal(line[f"{name}_minor"], currency) for name in ("net", "tax", "gross")]
    return [
        invoice["number"], line["position"], line["sku"], line["title"], rate, line["before_qty"], line["after_qty"],
        line["quantity"], *money, currency,
    ]  # fmt: skip


def _name(invoice: Mapping[str, Any]) -> str:
    return _("Correction invoice") if invoice["kind"] == "correction" else _("Invoice")


def _warning(invoice: Mapping[str, Any]) -> str:
    """Return what must be said on every page: not issued yet, simulated."""
    said = []
    if invoice["state"] == "draft":
        said.append(_("Draft: not an invoice yet"))
    if invoice["is_simulated"]:
        said.append(_("Simulated: this sale is invented"))
    return " · ".join(said)


def _story(invoice: Mapping[str, Any]) -> list[Any]:
    corrects = invoice["kind"] == "correction"
    lines = _corrected(invoice) if corrects else [_table(invoice, invoice["lines"], "")]
    return [
        _head(invoice),
        Spacer(0, 7 * mm),
        _parties(invoice),
        Spacer(0, 7 * mm),
        *lines,
        Spacer(0, 4 * mm),
        KeepTogether([_rates(invoice), Spacer(0, 4 * mm), _total(invoice), Spacer(0, 6 * mm), *_close(invoice)]),
    ]


def _plain(rows: list[list[Any]], widths: Sequence[float], *commands: tuple[Any, ...]) -> Table:
    """Return a table without padding or lines of its own."""
    base: list[tuple[Any, ...]] = [("VALIGN", (0, 0), (-1, -1), "TOP")]
    base += [(f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]
    return Table(rows, widths, style=TableStyle([*base, *commands]))


def _head(invoice: Mapping[str, Any]) -> Table:
    left = words(invoice["seller_name"], style(12, bold=True, colour=ACCENT))
    right = [
        words(_name(invoice), style(10, colour=MUTED, right=True)),
        words(invoice["number"] or "–", style(18, bold=True, right=True)),
    ]
    half = WIDTH / 2
    return _plain([[left, right]], (half, half), ("LINEBELOW", (0, 0), (-1, 0), 1.2, ACCENT),
                  ("BOTTOMPADDING", (0, 0), (-1, -1), 8))  # fmt: skip


def _parties(invoice: Mapping[str, Any]) -> Table:
    """Return the three blocks: seller, buyer, facts."""
    blocks = [
        _block(_("Seller"), [invoice["seller_name"], invoice["seller_address"], _tax_id(invoice["seller_tax_id"])]),
        _block(_("Buyer"), [
            invoice["buyer_name"] or _("Private person"), invoice["buyer_address"], _country(invoice["buyer_country"]),
            _tax_id(invoice["buyer_tax_id"]),
        ]),
        _facts(invoice),
    ]  # fmt: skip
    return _plain([blocks], (WIDTH * 0.31, WIDTH * 0.31, WIDTH * 0.38), ("RIGHTPADDING", (0, 0), (1, 0), 10))


def _tax_id(text: str) -> str:
    return _("Tax ID {number}").format(number=text) if text else ""


def _block(label: str, told: Sequence[str]) -> list[Any]:
    first, *rest = [line for line in dict.fromkeys(told) if line] or ["–"]
    return [
        words(label, style(8, colour=MUTED)),
        Spacer(0, 1 * mm),
        words(first, style(10, bold=True)),
        *(words(line, style(9)) for line in rest),
    ]


def _facts(invoice: Mapping[str, Any]) -> Table:
    facts = [
        (_("Issued on"), _day(invoice["issued_on"])),
        (_("Sold on"), _day(invoice["sold_on"])),
        (_("Due on"), _day(invoice["due_on"])),
        (_("Order"), invoice["order"]),
    ]
    if invoice["corrects"]:
        facts.insert(0, (_("Corrects"), f"{invoice['corrects']}, {_day(invoice['corrects_issued_on'])}"))
    rows = [[words(k, style(9, colour=MUTED)), words(v, style(9, bold=True, right=True))] for k, v in facts]
    width = WIDTH * 0.38
    return _plain(rows, (width * 0.46, width * 0.54), ("LINEBELOW", (0, 0), (-1, -2), 0.5, LINE),
                  ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 3))  # fmt: skip


def _corrected(invoice: Mapping[str, Any]) -> list[Any]:
    """Return the three tables of a correction: before, after, difference."""
    told = [words(_("Reason: {reason}").format(reason=invoice["reason"]), style(9)), Spacer(0, 3 * mm)]
    for label, prefix in ((_("Before"), "before_"), (_("After"), "after_"), (_("Difference"), "")):
        told += [words(label, style(9, bold=True)), Spacer(0, 1 * mm)]
        told += [_table(invoice, invoice["lines"], prefix), Spacer(0, 4 * mm)]
    return told


def _table(invoice: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], prefix: str) -> Table:
    """Return a table of lines; its header is repeated on every page."""
    heads = (_("No."), _("Product"), _("Units"), _("Net"), _("Tax rate"), _("Tax"), _("Gross"))
    rows = [[words(text, style(8, colour=MUTED, right=i > 1)) for i, text in enumerate(heads)]]
    rows += [_line(line, invoice["currency"], prefix) for line in lines]
    pad = [("TOPPADDING", (0, 0), (-1, -1), 3), ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
           ("LEFTPADDING", (0, 0), (-1, -1), 4), ("RIGHTPADDING", (0, 0), (-1, -1), 4)]  # fmt: skip
    look = [("BACKGROUND", (0, 0), (-1, 0), TINT), ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP")]  # fmt: skip
    return Table(rows, COLUMNS, repeatRows=1, style=TableStyle([*pad, *look]))


def _line(line: Mapping[str, Any], currency: str, prefix: str) -> list[Any]:
    text, right = style(8.5), style(8.5, right=True)
    units = line[f"{prefix}qty"] if prefix else line["quantity"]
    net, tax = line[f"{prefix}net_minor"], line[f"{prefix}tax_minor"]
    product = [words(_title(line), text)]
    if line["sku"]:
        product.append(words(line["sku"], style(7, colour=MUTED)))
    return [
        words(line["position"], style(8.5, colour=MUTED)), product, words(shown.count(units), right),
        words(shown.money(net, currency), right), words(_rate(line["tax_bp"]), right),
        words(shown.money(tax, currency), right), words(shown.money(net + tax, currency), right),
    ]  # fmt: skip


def _title(line: Mapping[str, Any]) -> str:
    """Return a line's title; those that are no product are said in the reader's language."""
    plain = {"shipping": _("Carriage"), "discount": _("Discount"), "fee": _("Fee"), "gift_card": _("Gift card")}
    return str(plain.get(line["title"], line["title"])) if line["kind"] != "goods" else str(line["title"])


def _rate(bp: int | None) -> str:
    return "–" if bp is None else shown.percent(bp / 10_000, 2 if bp % 100 else 0)


def _rates(invoice: Mapping[str, Any]) -> Table:
    """Return the sums by tax rate."""
    heads = (_("Tax rate"), _("Net"), _("Tax"), _("Gross"))
    currency = invoice["currency"]
    rows = [[words(text, style(8, colour=MUTED, right=True)) for text in heads]]
    for row in invoice["rates"]:
        money = [
            words(shown.money(row[f"{n}_minor"], currency), style(8.5, right=True)) for n in ("net", "tax", "gross")
        ]
        rows.append([words(_rate(row["tax_bp"]), style(8.5, right=True)), *money])
    table = _plain(rows, (18 * mm, 28 * mm, 26 * mm, 28 * mm), ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
                   ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 3))  # fmt: skip
    table.hAlign = "RIGHT"
    return table


def _total(invoice: Mapping[str, Any]) -> Table:
    """Return what is to be paid, or given back."""
    back = invoice["gross_minor"] < 0
    label = _("To be given back") if back else _("Total to pay")
    value = shown.money(abs(invoice["gross_minor"]), invoice["currency"])
    rows = [[words(label, style(10, right=True)), words(value, style(14, bold=True, right=True))]]
    return _plain(rows, (WIDTH * 0.65, WIDTH * 0.35), ("VALIGN", (0, 0), (-1, -1), "MIDDLE"))


def _close(invoice: Mapping[str, Any]) -> list[Any]:
    """Return the account to pay to, and the tax in the shop's money where the invoice is in another."""
    told = []
    if invoice["seller_account"] and invoice["gross_minor"] > 0:
        told.append(_("Account {account}, reference {number}").format(
            account=invoice["seller_account"], number=invoice["number"] or "–"
        ))  # fmt: skip
    own = invoice["shop_currency"]
    if own and own != invoice["currency"]:
        told.append(_("Tax {amount} at {rate} ({currency}) of {day}").format(
            amount=shown.money(invoice["shop_tax_minor"], own), rate=invoice["shop_rate"], currency=own,
            day=_day(invoice["shop_rate_on"]),
        ))  # fmt: skip
    return [words(text, style(8.5, colour=MUTED)) for text in told]


def _country(code: str) -> str:
    return str(Locale.parse(locale()).territories.get(code, code)) if code else ""


def _day(day: date | None) -> str:
    return shown.day(day, year=True) if day else "–"
