"""What people at desks do in a demo shop's last days: invoices, drafts, suppliers' bills, transfers, payouts.

Everything goes through the commands a person would use; who gets one is fixed by numbers and the seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.demo.agenda import Agenda
from app.demo.chance import share
from app.demo.paying_out import state_last_week
from oms_core.customers.tables import Customer
from oms_core.drafts import commands as drafts
from oms_core.finance.commands import issue_invoice, settle
from oms_core.finance.supplier_invoices import (
    BilledLine,
    approve_supplier_invoice,
    dispute_supplier_invoice,
    enter_supplier_invoice,
    find_differences,
    pay_supplier_invoice,
)
from oms_core.finance.tables import Invoice
from oms_core.inventory.tables import StockLevel
from oms_core.inventory.transfers import draft_transfer, receive_transfer, ship_transfer
from oms_core.kernel import clock
from oms_core.orders.tables import Order
from oms_core.purchasing.tables import PurchaseOrder, PurchaseOrderLine

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.kernel.settings import Shop

ACTOR = "office (simulated)"
#: Invoices issued at the end of a day, bills entered in all, drafts open in the end.
INVOICES_A_DAY, BILLS, DRAFTS = 6, 14, 5
#: Share of bills whose price is not the one ordered, and by how much it is higher.
PRICED_UP, PRICE_FACTOR = 0.2, 1.04
#: Lines and units of a transfer.
MOVED_LINES, MOVED_UNITS = 4, 6


@dataclass
class DeskWork:
    """Plans the office's acts between the cut and the end of the agenda."""

    agenda: Agenda
    shop: Shop
    seed: int

    def plan(self, begins: datetime) -> None:
        """Plan everything; `begins` is the first instant of the replay."""
        end = self.agenda.until
        day = begins + timedelta(hours=17)
        while day < end:
            self.agenda.add(day, self._invoice)
            day += timedelta(days=1)
        for number in range(DRAFTS):
            self.agenda.add(
                max(begins, end - timedelta(hours=3 + 3 * (number % 3) + 24 * (number // 3))),
                partial(self._draft, number),
            )
        self.agenda.add(max(begins, end - timedelta(hours=30)), self._bills)
        self.agenda.add(max(begins, end - timedelta(hours=28)), partial(self._transfer, "received"))
        self.agenda.add(max(begins, end - timedelta(hours=8)), partial(self._transfer, "in_transit"))
        self.agenda.add(end - timedelta(hours=2), partial(self._transfer, "draft"))
        self.agenda.add(end - timedelta(hours=1), self._payout)
        self.agenda.add(end, self._settle)

    def _invoice(self, session: Session) -> None:
        """Issue invoices of goods that have left: what is not paid first, then those of firms."""
        is_owed = Order.payment_status == "none"
        has_one = sa.exists().where(Invoice.order_id == Order.id)
        rows = session.scalars(
            sa.select(Order.id)
            .join(Customer, Customer.id == Order.customer_id)
            .where(
                sa.not_(Order.is_history), Order.state != "cancelled", sa.or_(Customer.kind == "business", is_owed),
                Order.fulfillment_status == "fulfilled", Order.total_minor > 0, sa.not_(has_one),
            )
            .order_by(is_owed.desc(), Order.id)
            .limit(INVOICES_A_DAY)
        )  # fmt: skip
        for order_id in rows.all():
            days = (7, 14, 30)[int(share(self.seed, "terms", order_id) * 3)]
            issue_invoice(session, self.shop, order_id=order_id, due_days=days, actor=ACTOR)

    def _payout(self, session: Session) -> None:
        state_last_week(session, self.shop)

    def _settle(self, session: Session) -> None:
        settle(session, actor=ACTOR)

    def _draft(self, number: int, session: Session) -> None:
        """Write down what a firm asked for on the phone; every third is a quote."""
        firm = session.execute(_FIRM, {"skip": number}).first()
        goods = session.execute(_GOODS, {"skip": number, "currency": self.shop.currency}).all()
        if firm is None or not goods:
            return
        document: dict[str, Any] = {
            "channel": firm.channel,
            "currency": self.shop.currency,
            "customer": {"email": firm.email, "name": firm.name},
            "shipping_address": {
                "country": firm.country, "city": firm.city, "postal_code": firm.postal_code, "name": firm.name,
            },
            "lines": [{"sku": sku, "quantity": 2 + (number + n) % 5} for n, (sku,) in enumerate(goods)],
        }  # fmt: skip
        drafts.create(
            session,
            document,
            kind="quote" if number % 3 == 2 else "draft",
            note="asked by telephone",
            expires_at=clock.now() + timedelta(days=14),
            actor=ACTOR,
        )

    def _bills(self, session: Session) -> None:
        """Enter the bills of the last deliveries: some paid, most owed, some not yet looked at, one disputed."""
        arrived = sa.select(PurchaseOrderLine.purchase_order_id).where(PurchaseOrderLine.received_qty > 0)
        orders = session.scalars(
            sa.select(PurchaseOrder)
            .where(PurchaseOrder.id.in_(arrived), PurchaseOrder.state.in_(("closed", "received", "partially_received")))
            .order_by(PurchaseOrder.id.desc())
            .limit(BILLS)
        ).all()
        for number, order in enumerate(sorted(orders, key=lambda one: one.id)):
            self._bill(number, order, session)

    def _bill(self, number: int, order: PurchaseOrder, session: Session) -> None:
        is_higher = share(self.seed, "bill", order.number) < PRICED_UP
        factor = PRICE_FACTOR if is_higher else 1.0
        came = session.scalars(
            sa.select(PurchaseOrderLine)
            .where(PurchaseOrderLine.purchase_order_id == order.id, PurchaseOrderLine.received_qty > 0)
            .order_by(PurchaseOrderLine.id)
        ).all()
        lines = [BilledLine(line.id, line.received_qty, round(line.unit_cost_minor * factor)) for line in came]
        today = clock.business_date(clock.now(), self.shop.zone)
        bill = enter_supplier_invoice(
            session,
            purchase_order_id=order.id,
            supplier_number=f"F/{today:%Y}/{order.id:05d}",
            issued_on=today - timedelta(days=2 + number % 9),
            lines=lines,
            actor=ACTOR,
        )
        if find_differences(session, bill.id):
            if number % 2:
                dispute_supplier_invoice(
                    session, supplier_invoice_id=bill.id, reason="price is not the one ordered", actor=ACTOR
                )
            return
        if number % 5 == 4:
            return
        approve_supplier_invoice(session, supplier_invoice_id=bill.id, zone=self.shop.zone, actor=ACTOR)
        if number % 4 == 0:
            pay_supplier_invoice(session, supplier_invoice_id=bill.id, zone=self.shop.zone, actor=ACTOR)

    def _transfer(self, until: str, session: Session) -> None:
        """Move a few units from the fullest place to another, and leave the transfer in a state."""
        totals = session.execute(
            sa.select(StockLevel.location_id, sa.func.sum(StockLevel.available).label("units"))
            .group_by(StockLevel.location_id)
            .order_by(sa.desc("units"), StockLevel.location_id)
        ).all()
        if len(totals) < 2:
            return
        origin, target = totals[0].location_id, totals[-1].location_id
        goods = session.scalars(
            sa.select(StockLevel.variant_id)
            .where(StockLevel.location_id == origin, StockLevel.available >= 4 * MOVED_UNITS)
            .order_by(StockLevel.available.desc(), StockLevel.variant_id)
            .offset(MOVED_LINES * ("received", "in_transit", "draft").index(until))
            .limit(MOVED_LINES)
        ).all()
        if not goods:
            return
        lines = dict.fromkeys(sorted(goods), MOVED_UNITS)
        made = draft_transfer(session, from_location_id=origin, to_location_id=target, lines=lines, actor=ACTOR)
        if until == "draft":
            return
        ship_transfer(session, made.id, zone=self.shop.zone, actor=ACTOR)
        if until == "received":
            at = clock.now() + timedelta(hours=19)
            self.agenda.add(at, lambda later: self._take_in(made.id, later))

    def _take_in(self, transfer_id: int, session: Session) -> None:
        receive_transfer(session, transfer_id, zone=self.shop.zone, actor=ACTOR)


_FIRM = sa.text(
    "SELECT c.name, c.email, c.country, c.city, c.postal_code, h.code AS channel FROM customers c"
    " JOIN orders o ON o.customer_id = c.id JOIN channels h ON h.id = o.channel_id"
    " WHERE c.kind = 'business' AND c.email IS NOT NULL AND c.country <> ''"
    " AND o.id = (SELECT max(p.id) FROM orders p WHERE p.customer_id = c.id)"
    " AND h.kind IN ('web', 'wholesale') ORDER BY o.id DESC LIMIT 1 OFFSET :skip"
)
_GOODS = sa.text(
    "SELECT v.sku FROM variants v JOIN stock_levels s ON s.variant_id = v.id"
    " WHERE v.price_minor > 0 AND v.currency = :currency GROUP BY v.id, v.sku"
    " HAVING sum(s.available) >= 20 ORDER BY v.id LIMIT 3 OFFSET :skip"
)
