"""The forms in which a purchase order leaves the house: one registry; a plug-in is one more line of it.

A form takes the order (`purchasing.queries.purchase_order_detail`), the shop and a language, and gives bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.i18n import LANGUAGES, N_
from oms_core.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from oms_core.kernel.settings import Shop

Order = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OrderFormat:
    """One form of a purchase order.

    Parameters
    ----------
    name : str
        As the command line and the API call it; also what `--out` files end in.
    label : str
        On buttons, translated where drawn.
    mime : str
        Media type, for downloads and mail.
    write : callable
        Order, shop and language to the bytes of the file.
    """

    name: str
    label: str
    mime: str
    icon: str
    write: Callable[[Order, Shop, str], bytes]

    @property
    def suffix(self) -> str:
        """End of the file's name."""
        return f".{self.name}"


def _pdf(order: Order, shop: Shop, language: str) -> bytes:
    from app.documents.purchase_order import pdf

    return pdf(order, shop, language=language)


def _csv(order: Order, _shop: Shop, language: str) -> bytes:
    from app.documents.purchase_order import csv

    return csv(order, language=language)


def _xlsx(order: Order, shop: Shop, language: str) -> bytes:
    from app.documents.purchase_order_book import xlsx

    return xlsx(order, shop, language=language)


def _edi(order: Order, shop: Shop, _language: str) -> bytes:
    from app.documents.edifact import orders_d96a

    return orders_d96a(order, shop)


FORMATS: dict[str, OrderFormat] = {
    one.name: one
    for one in (
        OrderFormat("pdf", N_("Download PDF"), "application/pdf", "picture_as_pdf", _pdf),
        OrderFormat("csv", N_("CSV"), "text/csv", "table", _csv),
        OrderFormat(
            "xlsx", N_("XLSX"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "grid_on", _xlsx
        ),
        OrderFormat("edi", N_("EDI"), "application/EDIFACT", "swap_horiz", _edi),
    )
}


def write(name: str, order: Order, shop: Shop, *, language: str | None = None) -> bytes:
    """Return an order in one of the :data:`FORMATS`.

    Raises
    ------
    InvalidInput
        ``out.invalid``: a form nobody writes, named with those there are; a language we do not speak.
    """
    spoken = language or shop.language
    if spoken not in LANGUAGES:
        raise InvalidInput("language", spoken, f"one of {', '.join(LANGUAGES)}")
    known = FORMATS.get(name.lower().removeprefix("."))
    if known is None:
        raise InvalidInput(
            "out", name, f"a purchase order is written as {', '.join(f'.{n}' for n in FORMATS)}",
            "Name the file order.pdf.",
        )  # fmt: skip
    return known.write(order, shop, spoken)
