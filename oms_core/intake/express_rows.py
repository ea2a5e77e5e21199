"""The rows of a group of plain orders, gathered order by order and packed by table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oms_core.customers.commands import Buyer, email_of
from oms_core.kernel import clock
from oms_core.kernel.money import to_decimal
from oms_core.kernel.rows import encoded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from oms_core.intake.express_look import Goods, Ground, Place
    from oms_core.kernel.settings import Shop
    from oms_core.orders.new import NewOrder, Totals

Row = tuple[Any, ...]
#: What is told of an order, and when: of a group every order is placed, then allocated, then opened.
_TOLD = ("order.placed", "order.allocated", "fulfillment_order.opened")


@dataclass(slots=True)
class Taken:
    """A plain order with its plan: one place ships all of it.

    `receipt` is the rest of the decision's row as JSON text (rules, candidates, chosen, what decided, the
    sentence), shared by orders that were decided alike.
    """

    at: int
    new: NewOrder
    sums: Totals
    buyer: Buyer | None
    goods: list[Goods]
    place: Place
    receipt: str
    why: str


class Rows:
    """What will be written, by table."""

    def __init__(self, ground: Ground, shop: Shop, now: datetime) -> None:
        self._ids, self._channels, self._shop, self._now = ground.ids, ground.channels, shop, now
        self._today = clock.business_date(now, shop.zone)
        self._orders: list[Row] = []
        self._decisions: list[str] = []
        self._told: dict[str, list[Row]] = {event: [] for event in _TOLD}
        self._tables: dict[str, list[Row]] = {
            name: []
            for name in (
                "order_lines", "fulfillment_orders", "allocations", "fulfillment_order_lines", "stock_movements",
            )
        }  # fmt: skip
        self.units: dict[tuple[int, int], int] = {}
        self.answers: dict[int, dict[str, Any]] = {}

    def add(self, t: Taken) -> None:
        """Gather an order and what hangs on it."""
        key, decision, work = (next(self._ids[n]) for n in ("orders", "routing_decisions", "fulfillment_orders"))
        self._decisions.append(f"[{decision},{key},{t.receipt}")
        self._tables["fulfillment_orders"].append((work, f"FO-{work:06d}", key, t.place.id, decision, t.new.ship_by_at))
        self._promise(t, key, work)
        self._tell(t, key, decision, work)
        status = "none" if t.sums.total_minor else "paid"
        self._orders.append(self._order(t, key, status))
        self.answers[t.at] = _answer(t, key, status)

    def batches(self, customers: Sequence[int | None]) -> dict[str, str]:
        """Return every table's rows as they travel, levels in the order of their locks.

        Parameters
        ----------
        customers : sequence
            Whose the orders are, in the order they were added.
        """
        owned = [(*row[:4], customer, *row[4:]) for row, customer in zip(self._orders, customers, strict=True)]
        packed = {name: encoded(rows) for name, rows in self._tables.items()}
        return packed | {
            "orders": encoded(owned),
            "routing_decisions": f"[{','.join(self._decisions)}]",
            "journal": encoded([row for event in _TOLD for row in self._told[event]]),
            "levels": encoded([(*key, n) for key, n in sorted(self.units.items())]),
        }

    def _order(self, t: Taken, key: int, status: str) -> Row:
        """Return the order's own row, all but its customer."""
        new, sums, to, shop = t.new, t.sums, t.new.address, self._shop
        placed_at = new.placed_at or self._now
        on = self._day(placed_at)
        return (
            key, f"OS-{key:06d}", self._channels[new.channel][0], new.external_id,
            email_of(new.customer) if new.customer else None, new.currency, placed_at, on, new.ship_by_at, to.name,
            to.line1, to.city, to.region, to.postal_code, to.country, sums.gross_minor, sums.discount_minor,
            sums.tax_minor, sums.total_minor, status, int(new.is_test), int(new.is_simulated), shop.currency,
            sums.total_minor, on,
        )  # fmt: skip

    def _day(self, at: datetime) -> date:
        return self._today if at is self._now else clock.business_date(at, self._shop.zone)

    def _promise(self, t: Taken, key: int, work: int) -> None:
        """Gather the lines with their allocations, movements and work lines."""
        tables, ids, place, new = self._tables, self._ids, t.place.id, t.new
        for position, (line, goods) in enumerate(zip(new.lines, t.goods, strict=True), start=1):
            line_id, promise, n = next(ids["order_lines"]), next(ids["allocations"]), line.quantity
            # there is no rate to convert a cost in another currency by
            cost = goods.cost_minor if goods.currency == new.currency else None
            tables["order_lines"].append(
                (
                    line_id, key, position, goods.id, line.sku, line.title or goods.title, n, line.unit_price_minor,
                    line.rounding_minor, line.gross_minor, line.discount_minor, line.tax_minor, cost,
                    goods.lead_time_days,
                )
            )  # fmt: skip
            tables["allocations"].append((promise, line_id, goods.id, place, n))
            tables["fulfillment_order_lines"].append((work, line_id, promise, n))
            tables["stock_movements"].append((goods.id, self._today, n, place, place, promise, int(new.is_simulated)))
            self.units[goods.id, place] = self.units.get((goods.id, place), 0) + n

    def _tell(self, t: Taken, key: int, decision: int, work: int) -> None:
        placed = {
            "channel": t.new.channel, "external_id": t.new.external_id, "lines": len(t.new.lines),
            "total_minor": t.sums.total_minor, "currency": t.new.currency,
        }  # fmt: skip
        facts = (placed, {"decision_id": decision, "reason": t.why}, {"fulfillment_order_ids": [work]})
        for event, data in zip(_TOLD, facts, strict=True):
            self._told[event].append((event, key, data))


def _answer(t: Taken, key: int, status: str) -> dict[str, Any]:
    code, name = t.place.code, t.place.name
    return {
        "id": key,
        "number": f"OS-{key:06d}",
        "state": "placed",
        "payment_status": status,
        "fulfillment_status": "unfulfilled",
        "delivery_status": "pending",
        "return_status": "none",
        "total": str(to_decimal(t.sums.total_minor, t.new.currency)),
        "currency": t.new.currency,
        "allocations": [
            {"sku": line.sku, "quantity": line.quantity, "location": code, "location_name": name}
            for line in t.new.lines
        ],
    }
