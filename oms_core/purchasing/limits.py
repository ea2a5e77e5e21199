"""How much each buyer may order alone, and who may for a given sum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.kernel.exchange import rate_on
from oms_core.kernel.settings import stored_shop
from oms_core.purchasing.control_tables import BuyingLimit

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.purchasing.tables import PurchaseOrder

#: Stands for every buyer who is not named.
EVERYBODY = "*"


def set_limit(session: Session, *, buyer: str, amount_minor: int, actor: str) -> BuyingLimit:
    """Set the most a buyer may send or approve alone, minor units of the shop's currency.

    As soon as one limit is set, who has none may order nothing alone, unless ``*`` has one.

    Raises
    ------
    InvalidInput
        No name, or an amount below zero.
    """
    name = buyer.strip()
    if not name:
        raise InvalidInput("buyer", buyer, "the name of a person or a role, or * for everybody else")
    if amount_minor < 0:
        raise InvalidInput("amount", amount_minor, "an amount of zero or more was expected")
    found = session.scalars(sa.select(BuyingLimit).where(BuyingLimit.buyer == name).with_for_update()).one_or_none()
    before = found.amount_minor if found else None
    limit = found or BuyingLimit(buyer=name)
    limit.amount_minor, limit.set_by, limit.set_at = amount_minor, actor, clock.now()
    session.add(limit)
    session.flush()
    journal.record(
        session, "buying_limit.set", "buying_limit", limit.id, actor=actor, buyer=name, before=before,
        amount_minor=amount_minor,
    )  # fmt: skip
    return limit


def drop_limit(session: Session, *, buyer: str, actor: str) -> None:
    """Take a buyer's limit back; without any limit nobody needs an approval.

    Raises
    ------
    NotFound
        The buyer has no limit; near matches are offered.
    """
    found = session.scalars(sa.select(BuyingLimit).where(BuyingLimit.buyer == buyer)).one_or_none()
    if found is None:
        raise NotFound("buying limit", buyer, session.scalars(sa.select(BuyingLimit.buyer)).all())
    journal.record(
        session, "buying_limit.dropped", "buying_limit", found.id, actor=actor, buyer=buyer, before=found.amount_minor
    )
    session.delete(found)
    session.flush()


def limits(session: Session) -> list[dict[str, Any]]:
    """Return every limit, the highest first: ``buyer, amount_minor, currency, set_by, set_at``."""
    currency = stored_shop(session).currency
    found = session.scalars(sa.select(BuyingLimit).order_by(BuyingLimit.amount_minor.desc(), BuyingLimit.buyer))
    return [
        {
            "buyer": x.buyer, "amount_minor": x.amount_minor, "currency": currency, "set_by": x.set_by,
            "set_at": x.set_at,
        }
        for x in found
    ]  # fmt: skip


def covers(session: Session, order: PurchaseOrder, buyer: str) -> bool:
    """Tell whether a buyer may answer for an order alone: no limits at all, or one that reaches its value.

    A simulated order asks nobody.
    """
    known = _known(session)
    if not known or order.is_simulated:
        return True
    return known.get(buyer, known.get(EVERYBODY, -1)) >= in_shop_currency(session, order)


def may_approve(session: Session, order: PurchaseOrder) -> list[str]:
    """Return who may approve an order: a limit that reaches its value, and neither its author nor its last editor."""
    value = in_shop_currency(session, order)
    hands = {order.drafted_by, order.edited_by}
    return [name for name, most in sorted(_known(session).items()) if most >= value and name not in hands]


def in_shop_currency(session: Session, order: PurchaseOrder) -> int:
    """Return an order's value in minor units of the shop's currency, at the last published rate.

    Raises
    ------
    Refused
        ``purchase_order.no_rate``: no rate is known, so no limit can be compared.
    """
    shop = stored_shop(session)
    if order.currency == shop.currency:
        return order.total_minor
    rate = rate_on(session, order.currency, shop.currency, clock.business_date(clock.now(), shop.zone))
    if rate is None:
        raise Refused(
            "purchase_order.no_rate",
            f"{order.number} is in {order.currency}; without a rate to {shop.currency} its limit cannot be told.",
            f"Import a rate: ordersight rates add {order.currency}/{shop.currency} RATE",
        )
    return rate.convert(order.total_minor, order.currency, shop.currency)


def _known(session: Session) -> dict[str, int]:
    return {
        row.buyer: row.amount_minor for row in session.execute(sa.select(BuyingLimit.buyer, BuyingLimit.amount_minor))
    }
