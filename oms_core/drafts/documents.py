"""A draft's document: an order as ``POST /v1/orders`` takes it, priced and checked before it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.intake.documents import kept as kept_json
from oms_core.intake.documents import order_from
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.kernel.money import to_decimal
from oms_core.locations.tables import Channel
from oms_core.orders.new import NewOrder, Totals, check

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: What the document may leave out: its name, until the draft has a number.
_UNNAMED = "draft"


def whole(session: Session, document: object) -> tuple[dict[str, Any], NewOrder, Totals]:
    """Return a document as it is kept, the order it describes and its totals.

    Lines without a price get the catalogue's, fixed from now on; amounts are kept as text.

    Raises
    ------
    InvalidInput
        The document is no order, or brings payments (money comes when the draft is completed).
    NotFound
        An unknown channel or SKU, with near matches.
    """
    if not isinstance(document, Mapping):
        raise InvalidInput("document", document, "an order as an object with named fields")
    if document.get("payments"):
        raise InvalidInput("payments", "…", "none: a draft is paid when it is completed")
    kept: dict[str, Any] = {**kept_json(document), "external_id": document.get("external_id") or _UNNAMED}
    variants = _known(session, kept)
    kept["lines"] = [_priced(line, variants, kept.get("currency")) for line in kept.get("lines") or []]
    new = order_from(kept)
    return kept, new, check(new)


def order_of(document: Mapping[str, Any], *, number: str) -> NewOrder:
    """Return the order of a kept document, named by the draft's number unless it has a name."""
    new = order_from(document)
    return replace(new, external_id=number) if new.external_id == _UNNAMED else new


def _known(session: Session, document: Mapping[str, Any]) -> Mapping[str, Variant]:
    """Return the document's variants by SKU; refuse a channel or SKU that does not exist."""
    channels = session.scalars(sa.select(Channel.code)).all()
    if document.get("channel") not in channels:
        raise NotFound("channel", document.get("channel"), channels)
    lines = document.get("lines")
    named = [line.get("sku") for line in lines if isinstance(line, Mapping)] if isinstance(lines, list) else []
    wanted = {sku for sku in named if isinstance(sku, str)}
    found = {row.sku: row for row in session.scalars(sa.select(Variant).where(Variant.sku.in_(sorted(wanted))))}
    missing = sorted(wanted - set(found))
    if missing:
        raise NotFound("variant", ", ".join(missing), session.scalars(sa.select(Variant.sku)).all())
    return found


def _priced(line: Any, variants: Mapping[str, Variant], currency: Any) -> Any:
    """Return a line with the catalogue's price when it has none of its own in this currency."""
    if not isinstance(line, Mapping) or line.get("unit_price") is not None:
        return line
    variant = variants.get(str(line.get("sku")))
    if variant is None or variant.currency != currency:
        return line
    return {**line, "unit_price": str(to_decimal(variant.price_minor, variant.currency))}
