"""Who sells and who buys, as a document names them; tax numbers are checked, never corrected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stdnum import exceptions
from stdnum.eu import vat
from stdnum.pl import nip

from oms_core.customers.tables import Customer
from oms_core.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.kernel.settings import Shop
    from oms_core.orders.tables import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """A buyer as the invoice names it; empty fields are taken from the order."""

    name: str = ""
    tax_id: str = ""
    address: str = ""
    country: str = ""


def checked_tax_id(text: str) -> str:
    """Return a tax number in its plain form: a Polish NIP of ten digits, or another EU number with its country.

    Raises
    ------
    InvalidInput
        ``input.tax_id``: it has the wrong form or its check digit does not fit.
    """
    bare = text.strip().replace("-", "").replace(" ", "").upper()
    if not bare:
        return ""
    try:
        if bare[:2] == "PL" or bare[0].isdigit():
            return str(nip.validate(bare))
        return str(vat.validate(bare))
    except exceptions.ValidationError as error:
        raise InvalidInput(
            "tax_id",
            text,
            "a Polish NIP of ten digits, or an EU VAT number with its country, whose check digit fits",
            "Ask the buyer for it again, or leave it out for a private person.",
        ) from error


def seller_of(shop: Shop) -> dict[str, str]:
    """Return the seller's columns of an invoice, from the shop's settings.

    Raises
    ------
    InvalidInput
        The shop's own tax number does not fit its check digit.
    """
    return {
        "seller_name": shop.legal_name or shop.name,
        "seller_tax_id": checked_tax_id(shop.tax_id),
        "seller_address": shop.address,
        "seller_account": shop.bank_account,
    }


def buyer_of(session: Session, order: Order, given: Buyer | None) -> dict[str, str]:
    """Return the buyer's columns of an invoice: what is given, else the bill's or delivery's address."""
    buyer = given or Buyer()
    customer = session.get(Customer, order.customer_id) if order.customer_id is not None else None
    prefix = "bill" if getattr(order, "bill_line1", None) or getattr(order, "bill_city", None) else "ship"
    parts = {name: getattr(order, f"{prefix}_{name}", None) or "" for name in ("name", "line1", "city", "country")}
    town = f"{getattr(order, f'{prefix}_postal_code', None) or ''} {parts['city']}".strip()
    return {
        "buyer_name": buyer.name or parts["name"] or (customer.name if customer else "") or order.email or "",
        "buyer_tax_id": checked_tax_id(buyer.tax_id),
        "buyer_address": buyer.address or ", ".join(x for x in (parts["line1"], town) if x),
        "buyer_country": buyer.country or parts["country"],
    }
