"""One request of a customer: the session, the shop, their order, their language, where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.i18n import LANGUAGES
from oms_core.kernel import clock
from oms_core.portal.links import ROOT

__all__ = ["ROOT", "Visit", "spoken"]

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from oms_core.kernel.settings import Shop
    from oms_core.orders.tables import Order


@dataclass(frozen=True, slots=True)
class Visit:
    """A customer on a page.

    Attributes
    ----------
    token : str
        What let them in to `order`; empty on the first page.
    path : str
        Path of the page, for the language switch and forms.
    """

    session: Session
    shop: Shop
    secret: bytes
    language: str
    path: str
    token: str = ""
    entered: Order | None = None

    @property
    def order(self) -> Order:
        """The order of this visit."""
        if self.entered is None:
            msg = "this page is shown to customers of an order only"
            raise AssertionError(msg)
        return self.entered

    @property
    def today(self) -> date:
        """The shop's day."""
        return clock.business_date(clock.now(), self.shop.zone)

    def at(self, *parts: str) -> str:
        """Return the path of a page of this visit's order."""
        return "/".join((ROOT, self.token, *parts))


def spoken(asked: str, kept: str, accepted: str, shop: str) -> str:
    """Return the language of a page: asked for in the address, kept from before, the browser's, the shop's.

    Parameters
    ----------
    accepted : str
        The header ``Accept-Language``.
    """
    for code in (asked, kept):
        if code in LANGUAGES:
            return code
    wished = sorted(enumerate(accepted[:200].split(",")), key=lambda one: (-_weight(one[1]), one[0]))
    found = (text.partition(";")[0].strip().lower()[:2] for _n, text in wished)
    return next((code for code in found if code in LANGUAGES), shop if shop in LANGUAGES else "en")


def _weight(text: str) -> float:
    told = text.partition("q=")[2].strip()
    try:
        return float(told) if told else 1.0
    except ValueError:
        return 0.0
