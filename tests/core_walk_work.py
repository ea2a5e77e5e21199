"""What people do with orders that are placed: split, move, ship, deliver, make, edit."""

from __future__ import annotations

from fractions import Fraction

import sqlalchemy as sa
from core_walk import PICK, SKUS, STOCKED, UNITS, WHERE, OrderWalk, taken
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from model_of_core import MADE, PLACES, rounded, sold
from order_shop import ZONE

from oms_core.backorders import commands as backorders
from oms_core.fulfilment import commands as fulfilment
from oms_core.fulfilment import rearranging
from oms_core.fulfilment.making import book_made
from oms_core.fulfilment.tables import FulfillmentOrder, FulfillmentOrderLine
from oms_core.inventory.tables import Allocation
from oms_core.order_changes.commands import propose
from oms_core.orders import tables as core


class WorkWalk(OrderWalk):
    """Orders on their way out."""

    @rule(sku=STOCKED, n=UNITS)
    def sell_and_deliver(self, sku, n):
        """One order all the way, so that goods can come back."""
        self.place({sku: n}, paid=True, discount=0)
        key = max(self.model.orders, default=0)
        order = self.model.orders.get(key)
        if order is None or order.parcels or order.holds or order.cancelled:
            return
        for work in self.works(key):
            self.ship_some(key, work, 99)
        for parcel in list(order.parcels):
            self.say_delivered(key, parcel)

    # -- fulfilment -------------------------------------------------------------------------------

    def works(self, key):
        return [row.id for row in self.ask(sa.select(FulfillmentOrder.id).where(
            FulfillmentOrder.order_id == key, FulfillmentOrder.state.not_in(("closed", "cancelled"))
        ).order_by(FulfillmentOrder.id))]  # fmt: skip

    def packable(self, work):
        """Return the first allocation of a fulfilment order with units to pack: id, order line, place, units."""
        a, w = Allocation, FulfillmentOrderLine
        rows = self.ask(
            sa.select(a.id, a.order_line_id, a.location_id, (a.quantity - a.shipped_qty - a.released_qty).label("open"))
            .join(w, w.allocation_id == a.id)
            .where(w.fulfillment_order_id == work)
            .order_by(a.id)
        )
        return next(row for row in rows if row.open)

    def ship_some(self, key, work, n):
        order, found = self.model.orders[key], self.packable(work)
        n = min(n, found.open)
        said = self.do(not order.holds, lambda s: fulfilment.ship(
            s, fulfillment_order_id=work, carrier="dpd", lines={found.id: n}, zone=ZONE
        ).id)  # fmt: skip
        if said:
            line, where = order.lines[found.order_line_id], self.codes[found.location_id]
            line.held[where] -= n
            line.shipped += n
            self.model.move(line.sku, where, n, "committed", None)
            order.parcels[said] = False

    @precondition(lambda self: any(order.open_units() for order in self.model.orders.values()))
    @rule(pick=PICK, n=UNITS)
    def ship(self, pick, n):
        key = self.some_order(pick, lambda order: order.open_units())
        self.ship_some(key, taken(pick, self.works(key)), n)

    @precondition(lambda self: any(order.open_units() for order in self.model.orders.values()))
    @rule(pick=PICK, n=UNITS)
    def split(self, pick, n):
        key = self.some_order(pick, lambda order: order.open_units())
        order, work = self.model.orders[key], taken(pick, self.works(key))
        found = self.packable(work)
        a, w = Allocation, FulfillmentOrderLine
        whole = self.ask(
            sa.select(sa.func.sum(a.quantity - a.shipped_qty - a.released_qty))
            .join(w, w.allocation_id == a.id)
            .where(w.fulfillment_order_id == work)
        )[0][0]
        may = not order.holds and n <= found.open and n < whole
        if self.do(may, lambda s: rearranging.split(s, work, {found.id: n}, zone=ZONE).id):
            self.take_in(key)

    @precondition(lambda self: any(order.open_units() for order in self.model.orders.values()))
    @rule(pick=PICK)
    def move_work(self, pick):
        key = self.some_order(pick, lambda order: order.open_units())
        order, work = self.model.orders[key], taken(pick, self.works(key))
        found = self.packable(work)
        line, here = order.lines[found.order_line_id], self.codes[found.location_id]
        there = next(code for code in PLACES if code != here)
        may = not order.holds and self.model.stock[line.sku, there]["available"] >= found.open
        if self.do(may, lambda s: rearranging.move(
            s, work, self.places[there], lines={found.id: found.open}, zone=ZONE
        ).id):  # fmt: skip
            self.take_in(key)

    def say_delivered(self, key, parcel):
        self.must(lambda s: fulfilment.deliver(s, shipment_id=parcel).id)
        self.model.orders[key].parcels[parcel] = True

    @precondition(lambda self: any(False in order.parcels.values() for order in self.model.orders.values()))
    @rule(pick=PICK)
    def deliver(self, pick):
        key = self.some_order(pick, lambda order: False in order.parcels.values())
        self.say_delivered(key, next(p for p, there in self.model.orders[key].parcels.items() if not there))

    @precondition(lambda self: any(order.is_open and order.has(MADE) for order in self.model.orders.values()))
    @rule(pick=PICK, n=UNITS, where=WHERE)
    def make(self, pick, n, where):
        key = self.some_order(pick, lambda order: order.is_open and order.has(MADE))
        line_id, line = next((i, x) for i, x in self.model.orders[key].lines.items() if x.sku == MADE)
        may = n <= line.to_ship - sum(line.held.values())
        if self.do(may, lambda s: book_made(s, line_id, quantity=n, location_id=self.places[where], zone=ZONE).id):
            self.model.move(MADE, where, n, None, "committed")
            line.held[where] += n

    # -- edits ------------------------------------------------------------------------------------

    def edit(self, key, actions, may):
        """Propose and confirm; return whether it was done."""

        def both(session):
            found = propose(session, key, actions, zone=ZONE)
            return backorders.confirm_change(session, found.id, zone=ZONE).id

        done = self.do(may, both)
        if done:
            self.model.orders[key].closed = False
        return done

    @precondition(lambda self: self.model.orders)
    @rule(pick=PICK, quantity=st.integers(0, 6))
    def change_quantity(self, pick, quantity):
        key = self.some_order(pick, lambda order: order.is_open)
        order = self.model.orders[key]
        line_id = taken(pick, order.lines)
        line = order.lines[line_id]
        if line.in_set and quantity > line.wanted:
            return
        up, last = quantity - line.wanted, order.units("wanted") - line.wanted + quantity == 0
        may = not order.cancelled and up != 0 and quantity >= line.shipped and not last
        may = may and (up < 0 or self.model.can_promise({line.sku: up}))
        if not self.edit(key, [{"kind": "set_quantity", "line_id": line_id, "quantity": quantity}], may):
            return
        stored = self.ask(sa.select(core.Order.discount_minor).where(core.Order.id == key))[0][0]
        gross = self.ask(sa.select(core.OrderLine.gross_minor).where(core.OrderLine.id == line_id))[0][0]
        if up > 0:
            line.gross += up * line.unit
            line.wanted, line.charged = quantity, line.charged + up
            self.model.promise(key, {line_id: up})
        else:
            left = line.charged + up
            less = line.gross - rounded(gross, Fraction(line.gross * left, line.charged))
            # what edits put on goes first, and takes nothing of the order's discount along
            placed = Fraction(line.gross * max(-up - max(line.moved, 0), 0), line.charged)
            order.discount = rounded(stored, order.discount - order.share(placed), 2)
            line.gross, line.charged = line.gross - less, left
            self.model.reduce(key, line_id, -up)
        line.moved += up
        self.take_in(key)

    @precondition(lambda self: self.model.orders)
    @rule(pick=PICK, sku=SKUS, n=UNITS)
    def add_line(self, pick, sku, n):
        key = self.some_order(pick, lambda order: order.is_open)
        may = not self.model.orders[key].cancelled and self.model.can_promise({sku: n})
        if self.edit(key, [{"kind": "add_line", "sku": sku, "quantity": n}], may):
            self.take_in_lines(key, sold({sku: n}))
            self.take_in(key)

    @precondition(lambda self: self.model.orders)
    @rule(pick=PICK, amount=st.sampled_from([0, 100, 777, 1_000_000]))
    def change_discount(self, pick, amount):
        key = self.some_order(pick, lambda order: order.is_open)
        order = self.model.orders[key]
        may = not order.cancelled and amount != order.discount and amount <= order.gross
        if order.goods_back or order.other:
            return  # money of goods that came back stands; its discount is not changed behind it
        if self.edit(key, [{"kind": "set_discount", "amount_minor": amount}], may):
            order.discount = amount
