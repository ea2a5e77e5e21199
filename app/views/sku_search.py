"""Find a product by SKU or words, and say how many of it and at what price."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import streamlit as st

from app import desk
from app import format as fmt
from app.i18n import _

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: Products offered for one search.
MOST = 20


def find(session: Session, text: str, *, most: int = MOST) -> list[dict[str, Any]]:
    """Return active variants whose SKU begins with, or whose title holds, a text; the exact SKU first."""
    from oms_core.catalog.tables import Variant

    words = text.strip()
    exact = sa.case((sa.func.lower(Variant.sku) == words.lower(), 0), else_=1)
    named = sa.or_(Variant.sku.istartswith(words, autoescape=True), Variant.title.icontains(words, autoescape=True))
    columns = (Variant.id, Variant.sku, Variant.title, Variant.price_minor, Variant.currency)
    rows = session.execute(sa.select(*columns).where(Variant.is_active, named).order_by(exact, Variant.sku).limit(most))
    return [dict(row) for row in rows.mappings()]


def sku_choice(*, key: str, label: str = "") -> dict[str, Any] | None:
    """Draw a search for a product and return the one that is chosen."""
    text = st.text_input(label or _("SKU or name"), key=f"{key}_text", type="search", placeholder=_("SKU or name"))
    if not (text or "").strip():
        return None
    found = desk.read(lambda session: find(session, text))
    if not found:
        st.caption(_("No product has this SKU or these words."))
        return None
    chosen: dict[str, Any] | None = st.selectbox(
        _("Product"), found, key=f"{key}_sku",
        format_func=lambda one: f"{one['sku']} · {fmt.product(one['title'])} · "
        + fmt.money(one["price_minor"], one["currency"]),
    )  # fmt: skip
    return chosen


def sku_search(*, key: str, currency: str) -> tuple[str, int, int] | None:
    """Draw a search with quantity and price; return SKU, units and price in minor units, or None."""
    from app.views.order_money import amount

    chosen = sku_choice(key=key)
    if chosen is None:
        return None
    left, right = st.columns(2)
    units = left.number_input(_("Units"), min_value=1, value=1, step=1, key=f"{key}_units")
    with right:
        usual = chosen["price_minor"] if chosen["currency"] == currency else 0
        price = amount(_("Price"), usual, currency, key=f"{key}_price_{chosen['sku']}")
    return str(chosen["sku"]), int(units), price
