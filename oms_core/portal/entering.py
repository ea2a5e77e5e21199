"""Find a customer's order by what they know: its number and their e-mail address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.orders.tables import Order
from oms_core.portal.links import email_of, same_email

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def order_by(session: Session, *, number: str, email: str) -> Order | None:
    """Return the order whose number (ours or the channel's) and e-mail address these are, else None.

    An unknown order and a wrong address give the same answer by the same work. Of two orders with
    the same number in two channels the one with this address is meant.
    """
    wanted = number.strip().lstrip("#").upper()
    if not wanted:
        return None
    rows = session.scalars(
        sa.select(Order)
        .where(sa.or_(Order.number == wanted, Order.external_id == number.strip().lstrip("#")))
        .order_by(Order.id.desc())
        .limit(20)
    ).all()
    fitting = [order for order in rows if same_email(email_of(session, order), email)]
    return fitting[0] if fitting else None
