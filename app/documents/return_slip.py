"""The slip of a return: the address to stick on the parcel, and the list to put inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reportlab.graphics.barcode import code128, qr
from reportlab.graphics.shapes import Drawing
from reportlab.lib.units import mm
from reportlab.platypus import Spacer, Table, TableStyle

from app import format as shown
from app.documents.paper import INK, LINE, MUTED, TINT, WIDTH, Sheet, build, style, words
from app.i18n import LANGUAGES, _, speaking
from oms_core.kernel.errors import InvalidInput, Refused
from oms_core.orders.tables import Order
from oms_core.returns.queries import return_detail
from oms_core.returns.reasons import reasons

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from oms_core.kernel.settings import Shop

#: States of a return in which goods are to be sent or on their way.
SENDABLE = ("approved", "in_transit")
_QR = 30 * mm
_COLUMNS = (14 * mm, 40 * mm, WIDTH - 104 * mm, 50 * mm)


def of(
    session: Session, return_id: int, shop: Shop, *, suffix: str = ".pdf", language: str | None = None
) -> tuple[str, bytes]:
    """Return the number of a return and its slip, in the given or the shop's language.

    Raises
    ------
    InvalidInput
        A suffix other than ``.pdf``, or a language we do not speak.
    Refused
        ``return.no_slip``: nothing is to be sent (not approved, called off) or the goods are here.
    """
    spoken = language or shop.language
    if spoken not in LANGUAGES:
        raise InvalidInput("language", spoken, f"one of {', '.join(LANGUAGES)}")
    if suffix.lower() != ".pdf":
        raise InvalidInput("out", suffix, "a slip is written as .pdf", "Name the file slip.pdf.")
    detail = return_detail(session, return_id)
    if detail["state"] not in SENDABLE:
        raise Refused(
            "return.no_slip",
            f"{detail['number']} is {detail['state']}: there is nothing to send.",
            "A slip is printed between approval and arrival.",
        )
    order = session.get(Order, detail["order_id"]) if detail["order_id"] else None
    told = {code: one.label_pl if spoken == "pl" else one.label_en for code, one in reasons(session).items()}
    return detail["number"], pdf(detail, order.number if order else "", shop, reasons=told, language=spoken)


def pdf(detail: Mapping[str, Any], order: str, shop: Shop, *, reasons: Mapping[str, str], language: str) -> bytes:
    """Return the slip as PDF.

    Parameters
    ----------
    detail : mapping
        As `returns.queries.return_detail` gives a return.
    order : str
        Number of its order.
    reasons : mapping of str to str
        Words of the reasons in that language, by code.
    language : str
        ``en`` or ``pl``.
    """
    with speaking(language):
        sheet = Sheet(_("Return {number}").format(number=detail["number"]), shop.legal_name or shop.name)
        return build(sheet, lambda: _story(detail, order, shop, reasons), language=language)


def _story(detail: Mapping[str, Any], order: str, shop: Shop, reasons: Mapping[str, str]) -> list[Any]:
    day = shown.day(detail["requested_at"].date(), year=True)
    return [
        words(_("For the outside of the parcel"), style(9, colour=MUTED)),
        Spacer(1, 2 * mm),
        _label(detail, shop),
        Spacer(1, 4 * mm),
        words(_("Cut here"), style(8, colour=MUTED)),
        Spacer(1, 8 * mm),
        words(_("For the inside of the parcel"), style(9, colour=MUTED)),
        Spacer(1, 2 * mm),
        words(_("Return {number}").format(number=detail["number"]), style(18, bold=True)),
        Spacer(1, 1 * mm),
        words(_("Order {order}, asked for on {day}").format(order=order, day=day), style(10, colour=MUTED)),
        Spacer(1, 5 * mm),
        _lines(detail, reasons),
        Spacer(1, 6 * mm),
        words(_("Pack the goods well and keep the receipt of sending until your money is back."), style(10)),
    ]


def _label(detail: Mapping[str, Any], shop: Shop) -> Table:
    """Return the address with the number of the return as bars and as a square; neither names the customer."""
    address = detail["send_to_lines"] or shop.address or shop.name
    first, *rest = address.splitlines()
    left = [
        words(_("To"), style(9, colour=MUTED)),
        words(shop.legal_name or shop.name, style(11)),
        words(first, style(15, bold=True)),
        *(words(line, style(13)) for line in rest),
        Spacer(1, 5 * mm),
        code128.Code128(detail["number"], barHeight=14 * mm, barWidth=0.45 * mm, humanReadable=False, lquiet=0),
        Spacer(1, 1 * mm),
        words(detail["number"], style(12, bold=True)),
    ]
    table = Table([[left, _square(detail["number"])]], (WIDTH - _QR - 12 * mm, _QR + 12 * mm))
    table.setStyle(TableStyle([
        ("BOX", (0, 0), (-1, -1), 1.2, INK), ("VALIGN", (0, 0), (0, 0), "TOP"), ("VALIGN", (1, 0), (1, 0), "BOTTOM"),
        *((f"{side}PADDING", (0, 0), (-1, -1), 6 * mm) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")),
    ]))  # fmt: skip
    return table


def _square(text: str) -> Drawing:
    code = qr.QrCodeWidget(text, barLevel="M", barBorder=0)
    left, low, right, high = code.getBounds()
    scale = _QR / max(right - left, high - low)
    drawing = Drawing(_QR, _QR, transform=[scale, 0, 0, scale, 0, 0])
    drawing.add(code)
    return drawing


def _lines(detail: Mapping[str, Any], reasons: Mapping[str, str]) -> Table:
    head = [words(text, style(8, colour=MUTED)) for text in (_("Units"), _("SKU"), _("Product"), _("Reason"))]
    rows = [
        [
            words(line["quantity"], style(10, bold=True)),
            words(line["sku"], style(9)),
            words(shown.product(line["title"] or line["sku"]), style(10)),
            words(_reason(line["reason"] or detail["reason"], reasons), style(9)),
        ]
        for line in detail["lines"]
    ]
    table = Table([head, *rows], _COLUMNS, repeatRows=1)
    table.setStyle(TableStyle([
        ("BACKGROUND", (0, 0), (-1, 0), TINT), ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]))  # fmt: skip
    return table


def _reason(code: str, reasons: Mapping[str, str]) -> str:
    return reasons.get(code, code.replace("_", " "))
