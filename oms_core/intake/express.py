"""The short way in: a group of plain orders in one pass, with the same facts as the long way.

Most orders of a storm are plain: stocked goods, whole from one location, nothing paid yet, no channel
policy. They are routed on what the shelves show, their promises are checked again under the lock, and
everything is written in two statements. Whatever is not plain, or not sure, is left to the long way
(`intake.commands`), one by one: admission is conservative, never optimistic.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from oms_core.customers.commands import Buyer, email_of, find_or_create_all
from oms_core.intake import express_sql as sql
from oms_core.kernel import clock
from oms_core.kernel.errors import OmsError
from oms_core.kernel.money import to_decimal
from oms_core.kernel.rows import core
from oms_core.locations.geography import Point, locate
from oms_core.orders.new import NewAddress, NewLine, NewOrder, Totals, check
from oms_core.routing.receipt import reason, records
from oms_core.routing.rules import DEFAULT_RULES, Candidate, Plan, route

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from oms_core.kernel.settings import Shop

Key = tuple[int, int]
_TOLD = ("order.placed", "order.allocated", "fulfillment_order.opened")


@dataclass(slots=True)
class _Ground:
    """What a group is routed on: master data, drawn ids, variants by SKU, what the shelves show."""

    known: dict[str, Any]
    channels: dict[str, tuple[int, int]]
    variants: dict[str, Any]
    shelf: dict[int, dict[int, int]]
    places: dict[int, Any]
    rules: Sequence[str]


@dataclass(slots=True)
class _Taken:
    """A plain order with its plan: one location ships all of it."""

    at: int
    new: NewOrder
    sums: Totals
    plan: Plan
    receipt: tuple[str, str, str, str, str]
    place: Any


class Unsure(Exception):
    """What was peeked at is not what is there: the long way decides."""


@dataclass(frozen=True, slots=True)
class Group:
    """The orders of a group this way can take, and what they were routed on; nothing is locked or written yet."""

    taken: list[_Taken]
    ground: _Ground

    @property
    def places(self) -> list[int]:
        """Places in the group of the orders it takes."""
        return [found.at for found in self.taken]


def plan(session: Session, shop: Shop, orders: Sequence[NewOrder]) -> Group | None:
    """Route the plain orders of a group on what the shelves show; None when there is none."""
    if not any(_is_plain(new, shop) for new in orders):
        return None
    ground = _read(session, orders)
    taken = _routed(orders, shop, ground)
    return Group(taken, ground) if taken else None


def _is_plain(new: NewOrder, shop: Shop) -> bool:
    """Say whether an order asks for nothing but goods: one that fills a field unknown here goes the long way."""
    if new.currency != shop.currency or not new.lines or any(getattr(new, name) for name in _ORDER_MORE):
        return False
    return not any(getattr(line, name) for line in new.lines for name in _LINE_MORE)


def _more(kind: type[NewOrder | NewLine], known: set[str]) -> list[str]:
    """Return the fields of an order or line beyond the known ones; empty they say nothing."""
    return [found.name for found in fields(kind) if found.name not in known]


_ORDER_MORE = _more(
    NewOrder,
    {
        "channel", "external_id", "currency", "lines", "customer", "address", "placed_at", "ship_by_at", "total_minor",
        "is_simulated", "is_test",
    },
)  # fmt: skip
_LINE_MORE = _more(
    NewLine, {"sku", "quantity", "unit_price_minor", "discount_minor", "tax_minor", "rounding_minor", "title"}
)


def _routed(orders: Sequence[NewOrder], shop: Shop, ground: _Ground) -> list[_Taken]:
    """Return the orders this way takes: none that wants goods an earlier one still waits for the long way with."""
    taken, waited_for = list[_Taken](), set[str]()
    for n, new in enumerate(orders):
        wanted = {line.sku for line in new.lines}
        found = _route(n, new, ground) if _is_plain(new, shop) and not wanted & waited_for else None
        if found is not None:
            taken.append(found)
            continue
        if any(sku in ground.variants and ground.variants[sku].stock_kind == "bundle" for sku in wanted):
            break  # which goods are in it is not known here
        waited_for |= wanted
    return taken


def _read(session: Session, orders: Sequence[NewOrder]) -> _Ground:
    connection = core(session)
    known = sql.ground(connection, orders=len(orders), lines=sum(len(new.lines) for new in orders))
    variants, shelf, holding = dict[str, Any](), dict[int, dict[int, int]](), dict[int, tuple[Any, ...]]()
    for row in sql.peek(connection, {line.sku for new in orders for line in new.lines}):
        variants[row.sku] = row
        if row.location_id is not None:
            shelf.setdefault(row.id, {})[row.location_id] = row.available
            holding[row.location_id] = tuple(row)[-len(sql.PLACE) :]
    channels = {code: (key, window) for code, key, window in known["channels"]}
    places = dict(sorted(holding.items(), key=lambda place: (place[1][2], place[0])))
    rules = [kind for (kind,) in known["rules"]] or list(DEFAULT_RULES)
    return _Ground(known, channels, variants, shelf, places, rules)


def _route(at: int, new: NewOrder, ground: _Ground) -> _Taken | None:
    """Return the order with its plan and take its units off the shelf; None is for the long way."""
    try:
        sums = check(new)
    except OmsError:
        return None
    window = ground.channels.get(new.channel, (0, 1))[1]
    rows = [ground.variants[line.sku] for line in new.lines if line.sku in ground.variants]
    known = len(rows) == len(new.lines) and all(_is_simple(row) for row in rows)
    if window or ground.known["has_channel_rules"] or not known:
        return None
    wanted: dict[int, int] = {}
    for row, line in zip(rows, new.lines, strict=True):
        wanted[row.id] = wanted.get(row.id, 0) + line.quantity
    candidates = _candidates(wanted, ground)
    plan = route(wanted, candidates, rules=ground.rules, to=locate(new.address.country, new.address.postal_code))
    if plan.missing or len(plan.rounds) != 1:
        return None
    place = ground.places[plan.rounds[0].winner.location_id]
    for variant, n in wanted.items():
        ground.shelf[variant][place[0]] -= n
    skus = {row.id: line.sku for row, line in zip(rows, new.lines, strict=True)}
    return _Taken(at, new, sums, plan, _receipt(plan, wanted, candidates, skus, ground.rules), place)


def _is_simple(variant: Any) -> bool:
    """Say whether a variant is goods off the shelf, of which nobody may wait for more and nobody does."""
    deny = variant.stock_kind == "stocked" and variant.oversell_policy == "deny"
    return bool(deny and not variant.is_waited_for)


def _candidates(wanted: Mapping[int, int], ground: _Ground) -> list[Candidate]:
    """Return the places that have any of it, in the order of their rank: cost does not grow with empty places."""
    having = {place for variant in wanted for place in ground.shelf.get(variant, ())}
    found = []
    for key, row in ground.places.items():
        if key in having:
            units = {v: max(ground.shelf[v].get(key, 0), 0) for v in wanted if v in ground.shelf}
            found.append(Candidate(key, row[1], row[2], _point(row), units))
    return found


def _point(place: Sequence[Any]) -> Point | None:
    _, _, _, country, postal_code, latitude, longitude, _ = place
    if latitude is not None and longitude is not None:
        return Point(latitude, longitude)
    return locate(country, postal_code)


def _receipt(
    plan: Plan,
    wanted: Mapping[int, int],
    candidates: Sequence[Candidate],
    skus: Mapping[int, str],
    rules: Sequence[str],
) -> tuple[str, str, str, str, str]:
    """Return rules, candidates, chosen (as texts), what decided, and the sentence."""
    seen, chosen = records(plan, wanted, candidates, skus)
    kinds = [{"kind": kind} for kind in ("stock", *rules, "location_id")]
    said = reason(plan, wanted, candidates, skus)
    return json.dumps(kinds), json.dumps(seen), json.dumps(chosen), plan.rounds[0].decided_by, said


def write(
    session: Session, shop: Shop, group: Group, keys: Sequence[str | None], *, actor: str
) -> dict[int, dict[str, Any]]:
    """Write a planned group, locks in every command's order (customers, orders, levels); return answers by place.

    Parameters
    ----------
    keys : sequence
        Claimed idempotency keys, by place in the group that was planned.

    Raises
    ------
    Unsure
        A shelf holds less than it showed; the caller takes back what was written.
    """
    taken, ground = group.taken, group.ground
    connection, now = session.connection(), clock.now()
    buyers = [_buyer(t.new) for t in taken]
    customers = find_or_create_all(session, buyers)
    rows = _Rows(ground, shop, now)
    heads = [rows.order(t, customer) for t, customer in zip(taken, customers, strict=True)]
    sql.write_orders(connection, heads)
    there = sql.lock(connection, rows.units)
    if any(there.get(key, 0) < n for key, n in rows.units.items()):
        raise Unsure
    answers = {t.at: rows.answers[t.at] for t in taken}
    # told as the long way tells it: every order placed, then allocated, then opened
    rows.tables["journal"].sort(key=lambda row: _TOLD.index(row[0]))
    written = rows.tables | {
        "levels": [(*key, n) for key, n in sorted(rows.units.items())],
        "answers": [(keys[at], json.dumps(said)) for at, said in answers.items() if keys[at]],
    }
    sql.write_rest(connection, written, now=now, actor=actor)
    return answers


def _buyer(new: NewOrder) -> Buyer | None:
    place = {name: getattr(new.address, name) for name in NewAddress.__dataclass_fields__}
    return Buyer(new.customer, place, new.channel, new.is_simulated) if new.customer else None


class _Rows:
    """The rows of a group, by table, as they are gathered order by order."""

    def __init__(self, ground: _Ground, shop: Shop, now: Any) -> None:
        self.ground, self.shop, self.now = ground, shop, now
        names = (
            "order_lines", "routing_decisions", "fulfillment_orders", "allocations", "fulfillment_order_lines",
            "stock_movements", "journal",
        )  # fmt: skip
        self.tables: dict[str, list[tuple[Any, ...]]] = {name: [] for name in names}
        self.units: dict[Key, int] = {}
        self.answers: dict[int, dict[str, Any]] = {}

    def order(self, t: _Taken, customer_id: int | None) -> tuple[Any, ...]:
        """Gather what hangs on the order and return its own row."""
        known, new, sums = self.ground.known, t.new, t.sums
        key, decision, work = (next(known[n]) for n in ("orders", "routing_decisions", "fulfillment_orders"))
        placed_at = new.placed_at or self.now
        on = clock.business_date(placed_at, self.shop.zone)
        self._promise(t, key, work, clock.business_date(self.now, self.shop.zone))
        self.tables["routing_decisions"].append((decision, key, *t.receipt))
        self.tables["fulfillment_orders"].append((work, f"FO-{work:06d}", key, t.place[0], decision, new.ship_by_at))
        self._tell(t, key, decision, work)
        status = "none" if sums.total_minor else "paid"
        self.answers[t.at] = self._answer(t, key, status)
        to = new.address
        return (
            key, f"OS-{key:06d}", self.ground.channels[new.channel][0], new.external_id, customer_id,
            email_of(new.customer) if new.customer else None, new.currency, placed_at, on, new.ship_by_at, to.name,
            to.line1, to.city, to.region, to.postal_code, to.country, sums.gross_minor, sums.discount_minor,
            sums.tax_minor, sums.total_minor, status, int(new.is_test), int(new.is_simulated), self.shop.currency,
            sums.total_minor, on,
        )  # fmt: skip

    def _promise(self, t: _Taken, key: int, work: int, today: Any) -> None:
        """Gather the lines with their allocations, movements and work lines."""
        known, place = self.ground.known, t.place[0]
        for position, line in enumerate(t.new.lines, start=1):
            row = self.ground.variants[line.sku]
            line_id, promise = next(known["order_lines"]), next(known["allocations"])
            # there is no rate to convert a cost in another currency by
            cost = row.cost_minor if row.currency == t.new.currency else None
            self.tables["order_lines"].append(
                (
                    line_id, key, position, row.id, line.sku, line.title or row.title, line.quantity,
                    line.unit_price_minor, line.rounding_minor, line.gross_minor, line.discount_minor, line.tax_minor,
                    cost, row.lead_time_days,
                )
            )  # fmt: skip
            self.tables["allocations"].append((promise, line_id, row.id, place, line.quantity))
            self.tables["fulfillment_order_lines"].append((work, line_id, promise, line.quantity))
            moved = (row.id, today, line.quantity, place, place, promise, int(t.new.is_simulated))
            self.tables["stock_movements"].append(moved)
            self.units[row.id, place] = self.units.get((row.id, place), 0) + line.quantity

    def _tell(self, t: _Taken, key: int, decision: int, work: int) -> None:
        placed = {
            "channel": t.new.channel, "external_id": t.new.external_id, "lines": len(t.new.lines),
            "total_minor": t.sums.total_minor, "currency": t.new.currency,
        }  # fmt: skip
        allocated = {"decision_id": decision, "reason": t.receipt[4]}
        facts = (placed, allocated, {"fulfillment_order_ids": [work]})
        self.tables["journal"] += [(event, key, json.dumps(data)) for event, data in zip(_TOLD, facts, strict=True)]

    def _answer(self, t: _Taken, key: int, status: str) -> dict[str, Any]:
        code, name = t.place[7], t.place[1]
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
