"""What people do with goods: till, shelf, transfers, counts, purchases, drafts, and what comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa
from core_walk import PICK, SHOP, SKUS, STOCKED, UNITS, WHERE, taken
from core_walk_work import WorkWalk
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from model_of_core import MISSING_FROM, PLACES
from order_shop import ZONE

from oms_core.backorders import commands as backorders
from oms_core.drafts import commands as drafts
from oms_core.intake.commands import place
from oms_core.inventory import commands as inventory
from oms_core.inventory import counts, reservations
from oms_core.inventory.promise_tables import ReservationLine
from oms_core.inventory.tables import TransferLine
from oms_core.purchasing import commands as purchasing
from oms_core.purchasing.tables import PurchaseOrderLine

#: Minutes a till holds goods.
TILL = 30


class GoodsWalk(WorkWalk):
    """The rest of what happens in a shop."""

    # -- the till -----------------------------------------------------------------------------------

    @rule(sku=STOCKED, n=UNITS)
    def reserve(self, sku, n):
        waiting = sum(units for key, line, units in self.model.queue if self.model.sku(key, line) == sku)
        may = self.model.available(sku) - waiting >= n
        token = f"cart{self.now:%d%H%M}"
        said = self.do(may, lambda s: reservations.reserve(
            s, channel_id=self.web, lines={self.variants[sku]: n}, minutes=TILL, token=token, zone=ZONE
        ).id)  # fmt: skip
        if said:
            line, held = ReservationLine, {}
            for where, units in self.ask(sa.select(line.location_id, line.quantity).where(line.reservation_id == said)):
                held[self.codes[where]] = units
                self.model.move(sku, self.codes[where], units, "available", "reserved")
            assert sum(held.values()) == n
            self.model.reservations[said] = [sku, held, self.now + timedelta(minutes=TILL), token]

    def let_go(self, key):
        sku, held, _, _ = self.model.reservations.pop(key)
        for where, n in held.items():
            self.model.move(sku, where, n, "reserved", "available")

    @precondition(lambda self: self.model.reservations)
    @rule(pick=PICK)
    def release_reservation(self, pick):
        key = taken(pick, self.model.reservations)
        if self.must(lambda s: reservations.release(s, key, zone=ZONE).id):
            self.let_go(key)

    @precondition(lambda self: self.model.reservations)
    @rule(minutes=st.sampled_from([5, 45]))
    def time_goes_by(self, minutes):
        self.now += timedelta(minutes=minutes)
        self.must(lambda s: (reservations.expire_due(s, zone=ZONE),))
        for key in [k for k, (_, _, until, _) in self.model.reservations.items() if until <= self.now]:
            self.let_go(key)

    @precondition(lambda self: self.model.reservations)
    @rule(pick=PICK, more=st.integers(-1, 2))
    def order_what_is_reserved(self, pick, more):
        key = taken(pick, self.model.reservations)
        sku, held, until, token = self.model.reservations[key]
        wanted = {sku: max(sum(held.values()) + more, 1)}
        fresh = until > self.now + timedelta(minutes=1)
        mine = sum(held.values())
        may = sku == "TIN" or self.model.available(sku) + mine >= wanted[sku]
        new = replace(self.document(wanted), reservation=token)
        said = self.do(may, lambda s: place(s, SHOP, new))
        if said:
            self.model.reservations.pop(key)
            for where, n in held.items():
                self.model.move(sku, where, n, "reserved", "available")
            own = min(mine, wanted[sku]) if fresh else 0
            self.placed(said["id"], wanted, own=own)
            (line,) = self.model.orders[said["id"]].lines.values()
            if fresh and more >= 0:
                # what the till held is what the order got
                assert all(line.held[where] >= n for where, n in held.items())

    # -- the shelf ----------------------------------------------------------------------------------

    @rule(sku=STOCKED, where=WHERE, n=st.integers(-3, 5))
    def adjust(self, sku, where, n):
        level = self.model.stock[sku, where]
        may = n != 0 and level["available"] + n >= 0
        if self.do(may, lambda s: inventory.adjust(
            s, variant_id=self.variants[sku], location_id=self.places[where], delta_qty=n, reason="found", zone=ZONE
        )):  # fmt: skip
            level["available"] += n

    @rule(sku=STOCKED, where=WHERE, n=UNITS, states=st.permutations(["available", "damaged", "safety_stock"]))
    def change_state(self, sku, where, n, states):
        before, after, _ = states
        # what was damaged is looked at again before it protects anything
        may = self.model.stock[sku, where][before] >= n and (before, after) != ("damaged", "safety_stock")
        if self.do(may, lambda s: inventory.change_state(
            s, variant_id=self.variants[sku], location_id=self.places[where], quantity=n, from_state=before,
            to_state=after, reason="looked at", zone=ZONE,
        )):  # fmt: skip
            self.model.move(sku, where, n, before, after)

    @rule(sku=STOCKED, where=WHERE, difference=st.integers(-4, 3))
    def count(self, sku, where, difference):
        level, variant = self.model.stock[sku, where], self.variants[sku]
        counted = max(sum(level.values()) + difference, 0)
        difference = counted - sum(level.values())
        may = -difference <= sum(level[state] for state in MISSING_FROM)

        def whole(session):
            found = counts.open_count(session, location_id=self.places[where], variant_ids=[variant])
            counts.enter(session, found.id, counted={variant: counted})
            return counts.post_count(session, found.id, reason="yearly", zone=ZONE).id

        if self.do(may, whole):
            level["available"] += max(difference, 0)
            for state in MISSING_FROM:
                n = min(max(-difference, 0), level[state])
                level[state] -= n
                difference += n

    @rule(sku=STOCKED, where=WHERE, n=UNITS)
    def send_transfer(self, sku, where, n):
        there = next(code for code in PLACES if code != where)

        def send(session):
            found = inventory.draft_transfer(
                session, from_location_id=self.places[where], to_location_id=self.places[there],
                lines={self.variants[sku]: n},
            )  # fmt: skip
            return inventory.ship_transfer(session, found.id, zone=ZONE).id

        said = self.do(self.model.stock[sku, where]["available"] >= n, send)
        if said:
            self.model.move(sku, where, n, "available", None)
            self.model.transfers[said] = [sku, there, n, 0]

    @precondition(lambda self: self.model.transfers)
    @rule(pick=PICK, came=st.integers(0, 4), lost=st.integers(0, 2))
    def receive_transfer(self, pick, came, lost):
        key = taken(pick, self.model.transfers)
        sku, there, way, gone = self.model.transfers[key]
        may = 0 < came + lost <= way
        line = self.transfer_line(key)
        if self.do(may, lambda s: inventory.receive_transfer(
            s, key, received={line: came}, lost={line: lost}, reason="a box is missing", zone=ZONE
        ).id):  # fmt: skip
            self.model.move(sku, there, came, None, "available")
            self.model.transfers[key] = [sku, there, way - came - lost, gone + lost]

    @precondition(lambda self: any(gone for *_, gone in self.model.transfers.values()))
    @rule(pick=PICK, n=st.integers(1, 2))
    def find_what_was_lost(self, pick, n):
        key = taken(pick, [k for k, (*_, gone) in self.model.transfers.items() if gone])
        sku, there, way, gone = self.model.transfers[key]
        line = self.transfer_line(key)
        if self.do(n <= gone, lambda s: inventory.book_found_units(
            s, key, found={line: n}, reason="behind the rack", zone=ZONE
        ).id):  # fmt: skip
            self.model.move(sku, there, n, None, "available")
            self.model.transfers[key] = [sku, there, way, gone - n]

    def transfer_line(self, key):
        return self.ask(sa.select(TransferLine.id).where(TransferLine.transfer_id == key))[0][0]

    # -- purchases and drafts -----------------------------------------------------------------------

    @rule(sku=STOCKED, n=st.integers(1, 6))
    def buy(self, sku, n):
        def send(session):
            found = purchasing.draft_purchase_order(
                session, supplier_id=self.supplier, location_id=self.places["LDS"],
                lines=[purchasing.NewLine(self.variants[sku], n, 400)],
            )  # fmt: skip
            return purchasing.send(session, purchase_order_id=found.id, zone=ZONE).id

        self.model.purchases[self.must(send)] = [sku, n]

    @precondition(lambda self: any(n for _, n in self.model.purchases.values()))
    @rule(pick=PICK, n=UNITS)
    def receive_purchase(self, pick, n):
        key = taken(pick, [k for k, (_, left) in self.model.purchases.items() if left])
        sku, left = self.model.purchases[key]
        n = min(n, left)
        line = self.ask(sa.select(PurchaseOrderLine.id).where(PurchaseOrderLine.purchase_order_id == key))[0][0]
        if self.must(lambda s: backorders.receive(s, purchase_order_id=key, lines={line: n}, zone=ZONE).id):
            self.model.purchases[key] = [sku, left - n]
            self.model.move(sku, "LDS", n, None, "available")
            self.give_to_who_waits(sku)

    @rule()
    def worker_fills(self):
        if self.must(lambda s: (backorders.fill(s, zone=ZONE),)):
            self.give_to_who_waits("TIN")

    def give_to_who_waits(self, sku):
        for key in self.model.fill(sku):
            self.take_in(key)

    @rule(sku=SKUS, n=UNITS)
    def keep_draft(self, sku, n):
        document = {
            "channel": "web", "currency": "GBP", "lines": [{"sku": sku, "quantity": n}],
            "customer": {"email": "d@example.com", "name": "D"},
        }  # fmt: skip
        said = self.must(lambda s: drafts.create(s, document).id)
        self.model.drafts[said] = [{sku: n}, "open", None]

    @precondition(lambda self: self.model.drafts)
    @rule(pick=PICK, paid=st.booleans())
    def complete_draft(self, pick, paid):
        key = taken(pick, self.model.drafts)
        wanted, state, known = self.model.drafts[key]
        may = state == "completed" or (state == "open" and self.model.can_promise(wanted))
        said = self.do(may, lambda s: drafts.complete(s, SHOP, key, gateway="cash" if paid else None))
        if said and state == "open":
            self.model.drafts[key] = [wanted, "completed", said["id"]]
            self.placed(said["id"], wanted, paid=paid)
        elif said:
            assert said["id"] == known

    @precondition(lambda self: self.model.drafts)
    @rule(pick=PICK)
    def give_up_draft(self, pick):
        key = taken(pick, self.model.drafts)
        state = self.model.drafts[key][1]
        if self.do(state != "completed", lambda s: drafts.cancel(s, key).id):
            self.model.drafts[key][1] = "cancelled"
