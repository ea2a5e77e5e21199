"""The statement a gateway would send for a demo shop's last week: nearly all of it fits the books, some of it does not.

Written from the payments in the books, then spoilt by numbers: one it forgot, one that is short, one nobody knows.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.kernel import clock
from oms_core.locations.tables import Channel
from oms_core.orders.tables import Order
from oms_core.payments.payouts import NewStatement, Stated, book_statement
from oms_core.payments.tables import Payment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from oms_core.kernel.settings import Shop

ACTOR = "office (simulated)"
GATEWAY = "card"
#: Days a statement speaks of, the rows it has at most, and the ones that are forgotten or short.
DAYS, MOST, FORGOTTEN, SHORT = 7, 400, 23, 37
#: What the gateway keeps of a payment: 1.4 % and a fixed part, minor units.
SHARE_BP, FIXED_MINOR = 140, 20


def state_last_week(session: Session, shop: Shop) -> None:
    """Keep the statement of the channel with the fewest card payments of the week, if there were any."""
    today = clock.business_date(clock.now(), shop.zone)
    last = today - timedelta(days=1)
    taken = (Payment.gateway == GATEWAY, Payment.kind == "capture", Payment.currency == shop.currency,
             Payment.business_date.between(last - timedelta(days=DAYS - 1), last))  # fmt: skip
    count = sa.func.count(Payment.id)
    channel = session.execute(
        sa.select(Order.channel_id).join(Payment, Payment.order_id == Order.id).where(*taken)
        .group_by(Order.channel_id).having(count >= FORGOTTEN).order_by(count, Order.channel_id).limit(1)
    ).scalar_one_or_none()  # fmt: skip
    if channel is None:
        return
    moved = session.execute(
        sa.select(Order.number, Payment.amount_minor, Payment.business_date)
        .join(Order, Order.id == Payment.order_id)
        .where(*taken, Order.channel_id == channel)
        .order_by(Payment.id)
        .limit(MOST)
    ).all()
    code = session.execute(sa.select(Channel.code).where(Channel.id == channel)).scalar_one()
    rows = _rows([(row.number, row.amount_minor, row.business_date) for row in moved], last)
    head = NewStatement(
        channel=code, reference=f"{last:%G-W%V}", currency=shop.currency, gateway=GATEWAY,
        received_minor=sum(row.amount_minor - row.fee_minor for row in rows),
    )  # fmt: skip
    book_statement(session, head, rows, zone=shop.zone, actor=ACTOR)


def _rows(moved: Sequence[tuple[str, int, date]], last: date) -> list[Stated]:
    """Turn captures into the statement's rows, a few of them wrong."""
    rows = []
    for n, (number, minor, on) in enumerate(moved, start=1):
        if n % FORGOTTEN == 0:
            continue
        told = minor - min(minor // 2, 100) if n % SHORT == 5 else minor
        rows.append(Stated("sale", number, told, told * SHARE_BP // 10_000 + FIXED_MINOR, on))
    return [*rows, Stated("sale", "M-90417", 1990, 48, last), Stated("fee", "", 0, 900, last)]
