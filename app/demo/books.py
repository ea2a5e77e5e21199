"""Book what has no command because it is no act of the shop: stand-alone credits and charges of the source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.rows import core, next_ids
from oms_core.locations.tables import Channel
from oms_core.payments.tables import Charge
from oms_core.returns.tables import Return, ReturnAdjustment, ReturnLine

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.imports.documents import ChargeDocument, ReturnDocument

SOURCE = "online-retail"


def keep(session: Session, unmatched: Sequence[ReturnDocument], charges: Sequence[ChargeDocument]) -> None:
    """Write the documents as the import writes them: history that touches no stock."""
    channels: dict[str, int] = {row.code: row.id for row in session.execute(sa.select(Channel.code, Channel.id))}
    keys = next_ids(core(session), "returns", len(unmatched)) if unmatched else []
    for key, document in zip(keys, unmatched, strict=True):
        _credit(session, key, document, channels[document.channel])
    if charges:
        session.execute(sa.insert(Charge), [_charge(document, channels) for document in charges])


def _credit(session: Session, key: int, document: ReturnDocument, channel_id: int) -> None:
    goods = sum(line.amount_minor for line in document.lines)
    row = {
        "id": key, "number": document.external_id, "order_id": None, "channel_id": channel_id,
        "customer_id": document.customer_id, "external_id": document.external_id, "state": "closed",
        "currency": document.currency, "ship_country": document.ship_country, "requested_at": document.at,
        "business_date": document.business_date, "received_at": document.at, "closed_at": document.at,
        "goods_minor": goods, "other_minor": document.total_minor - goods, "total_minor": document.total_minor,
        "is_history": True,
    }  # fmt: skip
    session.execute(sa.insert(Return), row)
    lines = [
        {
            "return_id": key, "order_line_id": None, "variant_id": line.variant_id, "sku": line.sku,
            "title": line.title, "quantity": line.quantity, "received_qty": line.quantity,
            "amount_minor": line.amount_minor, "disposition": "restock",
        }
        for line in document.lines
    ]  # fmt: skip
    if lines:
        session.execute(sa.insert(ReturnLine), lines)
    extra = [
        {
            "return_id": key, "kind": entry.kind, "code": entry.code, "title": entry.title,
            "quantity": entry.quantity, "amount_minor": entry.amount_minor,
        }
        for entry in document.adjustments
    ]  # fmt: skip
    if extra:
        session.execute(sa.insert(ReturnAdjustment), extra)


def _charge(document: ChargeDocument, channels: dict[str, int]) -> dict[str, Any]:
    return {
        "kind": document.kind, "channel_id": channels.get(document.channel or ""),
        "customer_id": document.customer_id, "source": SOURCE, "external_id": document.external_id,
        "code": document.code, "title": document.title, "quantity": document.quantity,
        "amount_minor": document.amount_minor, "currency": document.currency, "at": document.at,
        "business_date": document.business_date,
    }  # fmt: skip
