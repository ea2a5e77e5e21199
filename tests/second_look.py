"""What review and holding do in a shop: an order held, one scheduled, one doubted, one rejected, two in one parcel."""

from __future__ import annotations

import sqlalchemy as sa
from small_shop import ZONE, SmallShop, sell
from sqlalchemy.orm import Session

from oms_core.fulfilment.commands import deliver, hold
from oms_core.fulfilment.tables import FulfillmentOrder
from oms_core.locations.tables import Channel
from oms_core.review import duplicates, risk
from oms_core.review.consolidation import consolidate
from oms_core.review.tables import RiskRule


def second_look(session: Session, shop: SmallShop) -> None:
    """Do all of it, through the commands."""
    kept = sell(session, shop, "kim", MUG=1)
    hold(session, kept.id, reason="address", owner="ben", actor="anna")
    session.execute(sa.update(Channel).values(service_window_minutes=30))
    sell(session, shop, "lea", MUG=1)
    session.execute(sa.update(Channel).values(service_window_minutes=0))
    session.add(RiskRule(kind="contact", points=80, params={"disposable": ["example.com"]}))
    session.flush()
    doubted, refused = sell(session, shop, "max", MUG=1), sell(session, shop, "ned", MUG=1)
    risk.assess(session, [doubted.id, refused.id])
    risk.reject(session, refused.id, zone=ZONE, actor="anna")
    first = sell(session, shop, "pol", MUG=1)
    second = sell(session, shop, "pol2", MUG=1)
    session.execute(
        sa.text("UPDATE orders SET customer_id = :c WHERE id = :o"), {"c": first.customer_id, "o": second.id}
    )
    (found,) = duplicates.find(session, [first.id, second.id])
    duplicates.dismiss(session, found, actor="anna")
    works = session.scalars(
        sa.select(FulfillmentOrder.id).where(FulfillmentOrder.order_id.in_([first.id, second.id]))
    ).all()
    parcel, _ = consolidate(session, sorted(works), carrier="dpd", tracking_number="TOGETHER", zone=ZONE)
    deliver(session, shipment_id=parcel)
