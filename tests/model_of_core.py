"""What the core means, as plainly as it can be said: dictionaries of units and money, no database.

The model never routes: where goods are taken from is the shop's own choice, so the walk tells it where
they were taken, and the model holds that to what was there. Shares of a discount may be rounded either
way: the model says the exact fraction, takes the amount that was booked, and refuses more than a rounding.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

PLACES = ("LDS", "BRS")
STATES = ("available", "committed", "reserved", "damaged", "safety_stock", "quality_control")
PRICES = {"MUG": 1000, "BAG": 2000, "TIN": 3000, "RING": 5000, "SET": 3333}
#: A set is two mugs and a bag; a ring is made when it is wanted; tins may be sold before they are here.
SET = {"MUG": 2, "BAG": 1}
MADE, BACKORDERED = "RING", "TIN"
#: What a count finds missing is taken from these, in this order.
MISSING_FROM = ("available", "safety_stock", "quality_control", "damaged")
RETURNED_TO = {"restock": "available", "damaged": "damaged", "quality_control": "quality_control"}


@dataclass
class Line:
    """Units of one SKU on an order; `held` are promised and not shipped, by place.

    `moved` is how many units edits put on, less those they took off.
    """

    sku: str
    wanted: int
    gross: int
    charged: int
    held: Counter = field(default_factory=Counter)
    waiting: int = 0
    shipped: int = 0
    returned: int = 0
    spoken: int = 0
    unit: int = 0
    in_set: bool = False
    moved: int = 0

    @property
    def to_ship(self):
        return self.wanted - self.shipped

    @property
    def returnable(self):
        return self.shipped - self.returned - self.spoken


@dataclass
class Order:
    """One order: what is wanted, what was paid, what keeps it back, where its parcels are."""

    lines: dict = field(default_factory=dict)
    discount: int = 0
    other: int = 0
    captured: int = 0
    refunded: int = 0
    cancelled: bool = False
    closed: bool = False
    holds: set = field(default_factory=set)
    parcels: dict = field(default_factory=dict)
    goods_back: int = 0
    discount_kept: int = 0

    @property
    def gross(self):
        return sum(line.gross for line in self.lines.values())

    @property
    def total(self):
        return self.gross - self.discount + self.other

    @property
    def refundable(self):
        return self.captured - self.refunded

    @property
    def is_open(self):
        return not self.cancelled and not self.closed

    def units(self, name):
        return sum(getattr(line, name) for line in self.lines.values())

    def has(self, sku):
        return any(line.sku == sku and line.to_ship for line in self.lines.values())

    def share(self, goods):
        """Return what goods of this price have of the order's discount."""
        return Fraction(self.discount * goods, self.gross) if self.gross else Fraction(0)

    def open_units(self):
        return sum(sum(line.held.values()) for line in self.lines.values())

    def payment(self):
        if self.refunded:
            return "refunded" if self.refunded >= self.captured else "partially_refunded"
        if not self.captured:
            return "none" if self.total else "paid"
        if self.captured == self.total:
            return "paid"
        return "partially_paid" if self.captured < self.total else "overpaid"

    def fulfillment(self):
        if self.units("shipped"):
            return "fulfilled" if self.units("to_ship") == 0 else "partially_fulfilled"
        return "on_hold" if self.holds and self.open_units() else "unfulfilled"

    def delivery(self):
        if not any(self.parcels.values()):
            return "pending"  # packed is not on its way: no carrier has said anything yet
        whole = all(self.parcels.values()) and self.fulfillment() == "fulfilled"
        return "delivered" if whole else "partially_delivered"

    def returning(self, returns):
        if any(r.state in ("approved", "received", "inspected") for r in returns):
            return "in_progress"
        if any(r.state == "requested" for r in returns):
            return "requested"
        if not self.units("returned"):
            return "none"
        return "returned" if self.units("returned") >= self.units("shipped") else "partially_returned"

    def axes(self, returns):
        """Return state and the four axes; an order that is all paid, sent and arrived closes for good."""
        done = self.fulfillment() == "fulfilled" and self.delivery() == "delivered"
        if done and not self.cancelled and self.payment() not in ("none", "partially_paid"):
            self.closed = True
        state = "cancelled" if self.cancelled else "closed" if self.closed else "placed"
        return (state, self.payment(), self.fulfillment(), self.delivery(), self.returning(returns))


@dataclass
class Return:
    """Goods of one line on their way back."""

    order: int
    line: int
    units: int
    state: str = "approved"
    came: int = 0
    lies_in: str = ""
    worth: int = 0
    paid: int = 0


class Core:
    """The whole shop."""

    def __init__(self):
        self.stock = defaultdict(Counter)
        self.orders, self.returns, self.reservations = {}, {}, {}
        self.drafts, self.transfers, self.purchases = {}, {}, {}
        #: Units that wait for goods to come, the oldest promise first: [order, line, units].
        self.queue = []

    # -- stock ------------------------------------------------------------------------------------

    def available(self, sku):
        return sum(self.stock[sku, place]["available"] for place in PLACES)

    def free(self, sku):
        """Return units nobody waits for: who comes later does not take what others were promised."""
        return max(self.available(sku) - sum(n for key, line, n in self.queue if self.sku(key, line) == sku), 0)

    def sku(self, key, line):
        return self.orders[key].lines[line].sku

    def move(self, sku, place, units, before, after):
        """Move units between states of a place; None is outside of the shop."""
        level = self.stock[sku, place]
        if before is not None:
            level[before] -= units
            assert level[before] >= 0, f"{sku} at {place}: {-level[before]} {before} too few"
        if after is not None:
            level[after] += units

    def can_promise(self, wanted):
        """Whether units by SKU can be sold now."""
        return all(sku in (MADE, BACKORDERED) or self.free(sku) >= n for sku, n in parts(wanted).items())

    # -- orders -----------------------------------------------------------------------------------

    def promise(self, key, units, own=0):
        """Promise new units of lines: what the till held for it, then the shelf as far as it goes; the rest waits."""
        left = {}
        for line_id, n in units.items():
            sku = self.orders[key].lines[line_id].sku
            # what the till held is on the shelf again by now, and comes before who waits
            here = left.setdefault(sku, max(own, self.free(sku)))
            left[sku] = max(here - n, 0)
            if n > here and sku != MADE:
                assert sku == BACKORDERED, f"{sku} was sold and is not there"
                self.wait(key, line_id, n - here)

    def wait(self, key, line_id, units):
        self.orders[key].lines[line_id].waiting += units
        self.queue.append([key, line_id, units])

    def hold_at(self, key, places):
        """Take in where an order's units are promised now; the shelf gives or gets the difference.

        What is wanted and does not wait is promised, neither more nor less; of rings, what was made.
        """
        for line_id, line in self.orders[key].lines.items():
            before, now = sum(line.held.values()), Counter(places.get(line_id, {}))
            for place in PLACES:
                more = now[place] - line.held[place]
                if more > 0:
                    self.move(line.sku, place, more, "available", "committed")
                elif more < 0:
                    self.move(line.sku, place, -more, "committed", "available")
            line.held = now
            due = min(before, line.to_ship) if line.sku == MADE else line.to_ship - line.waiting
            assert sum(now.values()) == due, f"{sum(now.values())} of {line.sku} are promised, {due} should be"

    def reduce(self, key, line_id, units):
        """Take units off a line: those that wait first, the newest promise first, then those on the shelf."""
        line = self.orders[key].lines[line_id]
        line.wanted -= units
        free = min(units, line.waiting)
        line.waiting -= free
        for row in reversed(self.queue):
            if row[:2] == [key, line_id]:
                n = min(row[2], free)
                row[2], free = row[2] - n, free - n
        self.queue = [row for row in self.queue if row[2]]

    def cancel(self, key):
        order = self.orders[key]
        for line_id, line in order.lines.items():
            self.reduce(key, line_id, line.to_ship)
        self.hold_at(key, {})
        order.cancelled, order.holds = True, set()

    def fill(self, sku):
        """Give goods that came to those who wait, the oldest first; return the orders that got some."""
        here, given = self.available(sku), set()
        for row in self.queue:
            key, line_id, units = row
            line = self.orders[key].lines[line_id]
            n = min(units, here) if line.sku == sku else 0
            if n:
                row[2], here = units - n, here - n
                line.waiting -= n
                given.add(key)
        self.queue = [row for row in self.queue if row[2]]
        return given

    # -- returns ----------------------------------------------------------------------------------

    def worth(self, order, goods):
        """Return what goods of this price give back: less their share of the order's discount, on running totals."""
        return goods - (order.share(order.goods_back + goods) - order.discount_kept)


def parts(wanted):
    """Return units by SKU with sets taken apart."""
    units = Counter()
    for sku, n in wanted.items():
        for part, each in (SET if sku == "SET" else {sku: 1}).items():
            units[part] += n * each
    return units


def sold(wanted):
    """Return the lines an order of these becomes: (SKU, units, exact price, whether it is part of a set)."""
    lines = []
    for sku, n in wanted.items():
        price = Fraction(PRICES[sku] * n)
        if sku != "SET":
            lines.append((sku, n, price, False))
            continue
        whole = sum(PRICES[part] * each for part, each in SET.items())
        lines += [(part, n * each, price * PRICES[part] * each / whole, True) for part, each in SET.items()]
    return lines


def rounded(booked, exact, roundings=1):
    """Return a booked amount that is the exact one but for rounding."""
    assert abs(booked - exact) < roundings or booked == exact, f"{booked} was booked for {float(exact)}"
    return booked
