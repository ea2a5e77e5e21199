"""Write the simulated buying of the past: purchase orders, receipts, ledger and levels up to the cut.

Everything before the cut is set-based; arrivals and confirmations after it are left to the replay,
which carries them out through the real commands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa

from app.demo.buying import Bought
from app.demo.calendar import Calendar
from app.demo.chance import share
from app.demo.places import Trade
from app.demo.scenes import RETAIL, Scene
from oms_core.kernel.bulk import bulk_insert, next_id
from oms_core.purchasing.drafting import FIRST_NUMBER
from oms_core.schema import METADATA

TABLES = METADATA.tables
ACTOR = "demo"
_MOVEMENT = (
    "variant_id", "at", "business_date", "kind", "quantity", "from_location_id", "from_state", "to_location_id",
    "to_state", "receipt_line_id", "reason", "actor", "is_simulated",
)  # fmt: skip


@dataclass(slots=True)
class Order:
    """One simulated purchase order: its plan lines, and its key once it is written."""

    supplier: int
    place: int
    ordered_on: int
    lines: list[int]
    terms: Trade
    id: int = 0
    line_ids: dict[int, int] = field(default_factory=dict)

    def confirmed_at(self, calendar: Calendar, *, seed: int) -> datetime | None:
        """Return when the supplier answers; None when it does not."""
        turn = share(seed, "answer", self.supplier, self.place, self.ordered_on)
        if turn > self.terms.answers:
            return None
        return calendar.at(self.ordered_on + 1, 9 + 8 * turn)

    def expected_on(self) -> int:
        """Return the day number the supplier's stated lead time promises."""
        return self.ordered_on + int(np.ceil(self.terms.lead_days))


def orders_of(bought: Bought, scene: Scene = RETAIL) -> list[Order]:
    """Group the plan's lines into purchase orders, one a supplier, place and day, in time order."""
    plan, found = bought.plan, dict[tuple[int, int, int], Order]()
    for line in sorted(range(len(plan.pair)), key=lambda i: (plan.ordered_on[i], plan.pair[i])):
        pair = plan.pair[line]
        key = (plan.ordered_on[line], int(bought.supplier[pair]), int(bought.place[pair]))
        found.setdefault(key, Order(key[1], key[2], key[0], [], scene.suppliers[key[1]])).lines.append(line)
    return [found[key] for key in sorted(found)]


class Past:
    """Writes what happened before the cut day of `calendar`."""

    def __init__(
        self,
        connection: sa.Connection,
        bought: Bought,
        costs: Sequence[int],
        *,
        calendar: Calendar,
        cut: int,
        seed: int,
        scene: Scene = RETAIL,
    ) -> None:
        self.scene = scene
        self.connection, self.bought, self.costs = connection, bought, costs
        self.calendar, self.cut, self.seed = calendar, cut, seed
        self.locations = self._ids("locations", [w.code for w in scene.warehouses])
        self.suppliers = self._ids("suppliers", [s.code for s in scene.suppliers])
        self.receipt_lines: list[tuple[int, int]] = []

    def _ids(self, table: str, codes: Sequence[str]) -> list[int]:
        rows = self.connection.execute(sa.text(f"SELECT code, id FROM {table}"))
        by_code: dict[str, int] = {row.code: row.id for row in rows}
        return [by_code[code] for code in codes]

    def write(self, currency: str) -> list[Order]:
        """Write everything; return every order of the plan, those before the cut with their keys."""
        orders = orders_of(self.bought, self.scene)
        past = [order for order in orders if order.ordered_on < self.cut]
        self._number(past)
        self._orders(past, currency)
        self._receipts(past)
        self._levels()
        self._movements()
        return orders

    def _number(self, past: Sequence[Order]) -> None:
        first = next_id(self.connection, TABLES["purchase_orders"])
        line_id = next_id(self.connection, TABLES["purchase_order_lines"])
        for key, order in enumerate(past, start=first):
            order.id = key
            for line in order.lines:
                order.line_ids[line] = line_id
                line_id += 1

    def _orders(self, past: Sequence[Order], currency: str) -> None:
        columns = (
            "id", "number", "supplier_id", "location_id", "state", "currency", "created_at", "sent_at", "confirmed_at",
            "expected_on", "closed_at", "total_minor", "note", "is_simulated", "version",
        )  # fmt: skip
        bulk_insert(
            self.connection,
            TABLES["purchase_orders"],
            columns,
            (self._order(order, currency) for order in past),
        )
        bulk_insert(
            self.connection,
            TABLES["purchase_order_lines"],
            ("id", "purchase_order_id", "position", "variant_id", "quantity", "received_qty", "cancelled_qty",
             "unit_cost_minor"),
            (row for order in past for row in self._order_lines(order)),
        )  # fmt: skip

    def _arrived(self, line: int) -> bool:
        return self.bought.plan.arrives_on[line] < self.cut

    def _order(self, order: Order, currency: str) -> tuple[Any, ...]:
        plan, calendar = self.bought.plan, self.calendar
        here = [line for line in order.lines if self._arrived(line)]
        confirmed_at = order.confirmed_at(calendar, seed=self.seed)
        if confirmed_at is not None and confirmed_at >= calendar.at(self.cut, 0):
            confirmed_at = None
        if len(here) == len(order.lines):
            state, closed_at = "closed", calendar.at(max(plan.arrives_on[line] for line in here), 16)
        else:
            waiting = "confirmed" if confirmed_at else "sent"
            state, closed_at = ("partially_received" if here else waiting), None
        total = sum(plan.ordered[line] * self._cost(line) for line in order.lines)
        return (
            order.id, f"PO-{FIRST_NUMBER - 1 + order.id}", self.suppliers[order.supplier], self.locations[order.place],
            state, currency, calendar.at(order.ordered_on, 9), calendar.at(order.ordered_on, 9.5), confirmed_at,
            calendar.day(order.expected_on()), closed_at, total, "", True, 1,
        )  # fmt: skip

    def _cost(self, line: int) -> int:
        return self.costs[self.bought.plan.pair[line]]

    def _order_lines(self, order: Order) -> Iterator[tuple[Any, ...]]:
        plan = self.bought.plan
        for position, line in enumerate(order.lines, start=1):
            here = plan.received[line] if self._arrived(line) else 0
            lost = plan.ordered[line] - here if self._arrived(line) else 0
            variant = int(self.bought.variant[plan.pair[line]])
            yield (order.line_ids[line], order.id, position, variant, plan.ordered[line], here, lost, self._cost(line))

    def _receipts(self, past: Sequence[Order]) -> None:
        """Write one receipt for each day on which something of an order arrived."""
        plan = self.bought.plan
        arrivals: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for order in past:
            for line in order.lines:
                if self._arrived(line):
                    arrivals.setdefault((plan.arrives_on[line], order.id), []).append((order.line_ids[line], line))
        first = next_id(self.connection, TABLES["receipts"])
        numbered = list(enumerate(sorted(arrivals.items()), start=first))
        bulk_insert(
            self.connection,
            TABLES["receipts"],
            ("id", "number", "purchase_order_id", "received_at", "is_simulated"),
            (
                (key, f"GR-{FIRST_NUMBER - 1 + key}", order, self.calendar.at(day, 8), True)
                for key, ((day, order), _) in numbered
            ),
        )
        entry = next_id(self.connection, TABLES["receipt_lines"])
        rows = [(key, line_id, line) for key, (_, lines) in numbered for line_id, line in lines]
        self.receipt_lines = [(entry + i, line) for i, (_, _, line) in enumerate(rows)]
        bulk_insert(
            self.connection,
            TABLES["receipt_lines"],
            ("id", "receipt_id", "purchase_order_line_id", "quantity"),
            ((entry + i, key, line_id, plan.received[line]) for i, (key, line_id, line) in enumerate(rows)),
        )

    def _levels(self) -> None:
        """Write what is on the shelf at the cut: opening + arrivals − sales."""
        plan, units = self.bought.plan, plan_units(self.bought, self.cut)
        left = plan.opening + units - self.bought.sold[:, : self.cut].sum(axis=1)
        zeros = ("committed", "reserved", "damaged", "safety_stock", "quality_control", "backorder_limit_qty")
        bulk_insert(
            self.connection,
            TABLES["stock_levels"],
            ("variant_id", "location_id", "available", *zeros),
            (
                (int(self.bought.variant[p]), self.locations[self.bought.place[p]], int(left[p]), *([0] * len(zeros)))
                for p in range(len(left))
            ),
        )

    def _movements(self) -> None:
        """Write the ledger: opening units, arrivals at eight, and each day's sales at five.

        SQLite spends two thirds of the time on the CHECKs of rows that are made of constants here;
        `ordersight check` and the tests look at the result.
        """
        with unchecked(self.connection):
            bulk_insert(self.connection, TABLES["stock_movements"], _MOVEMENT, self._ledger())

    def _ledger(self) -> Iterator[tuple[Any, ...]]:
        bought, plan, calendar = self.bought, self.bought.plan, self.calendar
        variant, place = bought.variant.tolist(), [self.locations[p] for p in bought.place.tolist()]
        opened, tail = (calendar.at(0, 0), calendar.day(0), "opening"), ("", ACTOR, True)
        for pair in np.flatnonzero(plan.opening).tolist():
            yield (
                variant[pair],
                *opened,
                int(plan.opening[pair]),
                None,
                "supplier",
                place[pair],
                "available",
                None,
                *tail,
            )
        arrivals: dict[int, list[tuple[int, int]]] = {}
        for entry, line in self.receipt_lines:
            arrivals.setdefault(plan.arrives_on[line], []).append((entry, line))
        demand = bought.sold[:, : self.cut].T
        for day in range(self.cut):
            came = (calendar.at(day, 8), calendar.day(day), "received")
            for entry, line in arrivals.get(day, ()):
                pair, units = plan.pair[line], plan.received[line]
                yield (variant[pair], *came, units, None, "supplier", place[pair], "available", entry, *tail)
            went = (calendar.at(day, 17), calendar.day(day), "shipped")
            sold = np.flatnonzero(demand[day])
            for pair, units in zip(sold.tolist(), demand[day][sold].tolist(), strict=True):
                yield (variant[pair], *went, units, place[pair], "available", None, "customer", None, *tail)


@contextmanager
def unchecked(connection: sa.Connection) -> Iterator[None]:
    """Leave CHECK constraints aside inside the block (SQLite; nothing changes elsewhere)."""
    switches = connection.dialect.name == "sqlite"
    if switches:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
    try:
        yield
    finally:
        if switches:
            connection.exec_driver_sql("PRAGMA ignore_check_constraints=OFF")


def plan_units(bought: Bought, cut: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the units that arrived before the cut, by pair."""
    plan = bought.plan
    arrived = np.array(plan.arrives_on, dtype=np.int64) < cut
    units = np.zeros(len(plan.opening), dtype=np.int64)
    np.add.at(units, np.array(plan.pair, dtype=np.int64)[arrived], np.array(plan.received, dtype=np.int64)[arrived])
    return units
