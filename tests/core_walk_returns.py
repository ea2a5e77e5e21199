"""What comes back: returns with inspection, exchanges, claims."""

from __future__ import annotations

from fractions import Fraction

import sqlalchemy as sa
from core_walk import PICK, taken
from core_walk_goods import GoodsWalk
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from model_of_core import PRICES, RETURNED_TO, Return, rounded
from order_shop import ZONE

from oms_core.orders import tables as core
from oms_core.payments.tables import Payment
from oms_core.returns import commands as returns
from oms_core.returns.case_tables import Exchange
from oms_core.returns.claim_resolving import resolve_claim
from oms_core.returns.claims import NewClaimLine, approve_claim, open_claim
from oms_core.returns.commands import NewReturnLine, ReceivedLine
from oms_core.returns.exchanges import NewExchangeLine, approve_exchange, complete_exchange, request_exchange
from oms_core.returns.tables import Return as StoredReturn
from oms_core.returns.tables import ReturnAdjustment, ReturnLine

HAS_SHIPPED = precondition(lambda self: any(order.units("shipped") for order in self.model.orders.values()))


class Walk(GoodsWalk):
    """Everything."""

    def shipped_line(self, pick):
        """Return an order and a line of it, one with units to come back if there is one."""
        key = self.some_order(pick, lambda order: any(line.returnable for line in order.lines.values()))
        order = self.model.orders[key]
        fit = [i for i, line in order.lines.items() if line.returnable]
        return key, taken(pick, fit or order.lines)

    def price(self, line, n):
        return Fraction(line.gross * n, line.charged) if line.charged else Fraction(0)

    # -- returns ------------------------------------------------------------------------------------

    @HAS_SHIPPED
    @rule(pick=PICK, n=st.integers(1, 3), approved=st.booleans())
    def ask_to_return(self, pick, n, approved):
        key, line_id = self.shipped_line(pick)
        line = self.model.orders[key].lines[line_id]

        def ask(session):
            found = returns.request_return(session, order_id=key, lines=[NewReturnLine(line_id, n)], zone=ZONE)
            return (returns.approve_return(session, return_id=found.id) if approved else found).id

        said = self.do(n <= line.returnable, ask)
        if said:
            line.spoken += n
            self.model.returns[said] = Return(key, line_id, n, "approved" if approved else "requested")

    @precondition(lambda self: self.model.returns)
    @rule(pick=PICK)
    def call_return_off(self, pick):
        key = taken(pick, self.model.returns)
        found = self.model.returns[key]
        if self.do(found.state in ("requested", "approved"), lambda s: returns.cancel_return(s, return_id=key).id):
            found.state = "cancelled"
            self.model.orders[found.order].lines[found.line].spoken -= found.units

    @precondition(lambda self: self.model.returns)
    @rule(pick=PICK, n=st.integers(1, 3), becomes=st.sampled_from(["restock", "damaged", "quality_control", "scrap"]))
    def receive_return(self, pick, n, becomes):
        waiting = [key for key, found in self.model.returns.items() if found.state == "approved"]
        key = taken(pick, waiting or self.model.returns)
        found = self.model.returns[key]
        order = self.model.orders[found.order]
        line = order.lines[found.line]
        stored = self.ask(sa.select(ReturnLine.id).where(ReturnLine.return_id == key))[0][0]
        if not self.do(found.state == "approved" and n <= found.units, lambda s: returns.receive_return(
            s, return_id=key, lines=[ReceivedLine(stored, n, becomes)], location_id=self.places["LDS"], zone=ZONE
        ).id):  # fmt: skip
            return
        found.state, found.came = "received", n
        line.spoken -= found.units
        line.returned += n
        if becomes in RETURNED_TO:
            found.lies_in = RETURNED_TO[becomes]
            self.model.move(line.sku, "LDS", n, None, found.lies_in)
        self.book_worth(key)

    def book_worth(self, key):
        """Take in what a return is worth: its goods' price less their share of the order's discount."""
        found = self.model.returns[key]
        order = self.model.orders[found.order]
        line, r = order.lines[found.line], StoredReturn
        goods, total = self.ask(sa.select(r.goods_minor, r.total_minor).where(r.id == key))[0]
        rounded(goods, self.price(line, found.came), 2)
        found.worth = rounded(total, self.model.worth(order, goods), 2)
        order.goods_back += goods
        order.discount_kept += goods - total

    @precondition(lambda self: any(found.lies_in == "quality_control" for found in self.model.returns.values()))
    @rule(pick=PICK, becomes=st.sampled_from(["restock", "damaged", "scrap"]))
    def inspect(self, pick, becomes):
        key = taken(pick, [k for k, found in self.model.returns.items() if found.lies_in == "quality_control"])
        found = self.model.returns[key]
        stored = self.ask(sa.select(ReturnLine.id).where(ReturnLine.return_id == key))[0][0]
        self.must(lambda s: returns.inspect_return(s, return_id=key, lines={stored: becomes}, zone=ZONE).id)
        sku = self.model.orders[found.order].lines[found.line].sku
        found.state, found.lies_in = "inspected", RETURNED_TO.get(becomes, "")
        self.model.move(sku, "LDS", found.came, "quality_control", found.lies_in or None)

    @precondition(lambda self: self.model.returns)
    @rule(pick=PICK)
    def refund_return(self, pick):
        key = taken(pick, self.model.returns)
        found = self.model.returns[key]
        order, owed = self.model.orders[found.order], found.worth - found.paid
        may = bool(found.came) and 0 < owed <= order.refundable
        if self.do(may, lambda s: returns.refund_return(s, return_id=key, gateway="card", zone=ZONE).id):
            order.refunded += owed
            found.paid += owed

    @precondition(lambda self: self.model.returns)
    @rule(pick=PICK)
    def close_return(self, pick):
        key = taken(pick, self.model.returns)
        found = self.model.returns[key]
        may = found.state in ("received", "inspected") and found.lies_in != "quality_control"
        if self.do(may, lambda s: returns.close_return(s, return_id=key).id):
            found.state = "closed"

    # -- claims and exchanges -------------------------------------------------------------------------

    def refunded_now(self, key):
        """Take in what the core gave back for an order beside what is known; return it."""
        p, order = Payment, self.model.orders[key]
        rows = self.ask(sa.select(sa.func.sum(p.amount_minor)).where(p.order_id == key, p.kind == "refund"))
        back = int(rows[0][0] or 0) - order.refunded
        order.refunded += back
        return back

    @HAS_SHIPPED
    @rule(pick=PICK, again=st.booleans())
    def claim(self, pick, again):
        """A unit is damaged and may be kept: its money back, or the same again for nothing."""
        key, line_id = self.shipped_line(pick)
        order = self.model.orders[key]
        line = order.lines[line_id]
        worth = self.price(line, 1) - order.share(self.price(line, 1))
        may = line.returnable >= 1
        may = may and (self.has_now(line.sku) if again else order.refundable > 0 and worth >= 1)

        def whole(session):
            found = open_claim(session, order_id=key, kind="damaged", lines=[NewClaimLine(line_id, 1)])
            approve_claim(session, claim_id=found.id, zone=ZONE)
            return resolve_claim(session, claim_id=found.id, resolution="replacement" if again else "refund", zone=ZONE)

        if not self.do(may, lambda s: whole(s).id):
            return
        line.spoken += 1
        if again:
            order.closed = False
            self.take_in_lines(key, [(line.sku, 1, 0, False)])
            self.take_in(key)
        else:
            due = min(worth, order.refundable)
            rounded(self.refunded_now(key), due, 3)

    def has_now(self, sku):
        """Whether a unit can leave at once: what nobody may wait for has to be there."""
        return sku == "RING" or self.model.free(sku) >= 1

    @HAS_SHIPPED
    @rule(pick=PICK, sku=st.sampled_from(["MUG", "BAG", "TIN"]))
    def exchange(self, pick, sku):
        """A unit comes back and another SKU goes out; the difference is owed or given back."""
        key, line_id = self.shipped_line(pick)
        order = self.model.orders[key]
        line = order.lines[line_id]
        waiting = sum(n for key_, line_, n in self.model.queue if self.model.sku(key_, line_) == sku)
        may = line.returnable >= 1 and self.model.available(sku) + (line.sku == sku) - waiting >= 1
        if self.price(line, 1) == 0 or order.refundable < self.price(line, 1):
            return  # what was never paid for pays for nothing: a story of its own
        worth = self.model.worth(order, self.price(line, 1))

        def whole(session):
            found = request_exchange(
                session, order_id=key, back=[NewReturnLine(line_id, 1)], new=[NewExchangeLine(sku=sku, quantity=1)],
                zone=ZONE,
            )  # fmt: skip
            approve_exchange(session, exchange_id=found.id)
            (stored,) = session.scalars(sa.select(ReturnLine.id).where(ReturnLine.return_id == found.return_id))
            came = [ReceivedLine(stored, 1, "restock")]
            returns.receive_return(
                session, return_id=found.return_id, lines=came, location_id=self.places["LDS"], zone=ZONE
            )
            return complete_exchange(session, exchange_id=found.id, zone=ZONE).id

        said = self.do(may, whole)
        if not said:
            return
        e = Exchange
        rows = sa.select(e.return_id, e.returned_minor, e.credit_minor, e.difference_minor).where(e.id == said)
        back_id, returned, credit, difference = self.ask(rows)[0]
        rounded(returned, worth, 3)
        assert credit == min(returned, PRICES[sku])
        assert difference == PRICES[sku] - returned
        line.returned += 1
        self.model.move(line.sku, "LDS", 1, None, "available")
        goods = self.ask(sa.select(StoredReturn.goods_minor).where(StoredReturn.id == back_id))[0][0]
        adjusted = ReturnAdjustment
        kept = self.ask(sa.select(sa.func.sum(adjusted.amount_minor)).where(
            adjusted.return_id == back_id, adjusted.code == "share"
        ))[0][0]  # fmt: skip
        order.goods_back += goods
        order.discount_kept -= int(kept or 0)
        rest = max(returned - credit, 0)
        self.model.returns[back_id] = Return(key, line_id, 1, "closed", 1, "available", rest, rest)
        order.closed = False
        order.other -= credit
        self.take_in_lines(key, [(sku, 1, PRICES[sku], False)])
        self.take_in(key)
        assert self.refunded_now(key) == rest

    # -- both say the same ------------------------------------------------------------------------------

    def stored_orders(self):
        o, names = core.Order, ("state", "payment_status", "fulfillment_status", "delivery_status", "return_status")
        money = (o.gross_minor, o.discount_minor, o.other_minor, o.total_minor)
        rows = self.ask(sa.select(o.id, *(getattr(o, name) for name in names), *money))
        return {row[0]: tuple(row[1:]) for row in rows}
