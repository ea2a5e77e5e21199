"""The short way in: a group of plain orders in one pass, with the same facts as the long way.

Most orders of a storm are plain: stocked goods, whole from one location, nothing paid yet, no channel
policy. They are looked at in one statement, routed in memory on what the shelves show, and written in one
statement that claims the keys and checks the promises under the lock. Whatever is not plain, or not sure, is
left to the long way (`intake.commands`), one by one: admission is conservative, never optimistic.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING

from oms_core.customers.commands import Buyer, find_or_create_on
from oms_core.intake import express_sql as sql
from oms_core.intake.express_look import Ground, look
from oms_core.intake.express_rows import Rows, Taken
from oms_core.kernel import clock
from oms_core.kernel.errors import OmsError
from oms_core.kernel.rows import encoded
from oms_core.locations.geography import Point, locate
from oms_core.orders.new import NewAddress, NewLine, NewOrder, Totals, check
from oms_core.routing.receipt import reason, records
from oms_core.routing.rules import Candidate, route

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    import sqlalchemy as sa

    from oms_core.customers.commands import Identity
    from oms_core.intake.express_look import Goods, Known, Place
    from oms_core.kernel.settings import Shop

#: Choices among more places than this are not remembered: a thousand of a thousand places would fill the memory.
_REMEMBERED_PLACES = 50
#: A claimed request: its key and its fingerprint.
Request = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Group:
    """The orders of a group this way can take, and what they were routed on; nothing is locked or written yet."""

    taken: list[Taken]
    ground: Ground
    #: Whose the orders are; None when somebody is new or has moved: the customers' room has a say then.
    customers: list[int | None] | None

    @property
    def places(self) -> list[int]:
        """Places in the group of the orders it takes."""
        return [found.at for found in self.taken]


def plan(connection: sa.Connection, shop: Shop, orders: Sequence[NewOrder]) -> Group | None:
    """Route the plain orders of a group on what the shelves show; None when there is none."""
    plain = {n: found for n, new in enumerate(orders) if (found := _plain(new, shop))}
    if not plain:
        return None
    ground = look(
        connection,
        skus={line.sku for new in orders for line in new.lines},
        names={name for _, buyer in plain.values() if buyer for name in buyer.identities},
        orders=len(plain),
        lines=sum(len(orders[n].lines) for n in plain),
    )
    taken = _routed(orders, plain, ground)
    owners = [_owner(found.buyer, ground.buyers) for found in taken]
    settled = [key for owner in owners if owner for key in owner]
    return Group(taken, ground, settled if len(settled) == len(taken) else None) if taken else None


def _plain(new: NewOrder, shop: Shop) -> tuple[Totals, Buyer | None] | None:
    """Return the sums and buyer of an order that asks for nothing but goods.

    One that fills a field unknown here, or is wrong in itself, goes the long way.
    """
    if new.currency != shop.currency or not new.lines or any(getattr(new, name) for name in _ORDER_MORE):
        return None
    if any(getattr(line, name) for line in new.lines for name in _LINE_MORE):
        return None
    try:
        return check(new), _buyer(new)
    except OmsError:
        return None


def _buyer(new: NewOrder) -> Buyer | None:
    place = {name: getattr(new.address, name) for name in _PLACE_FIELDS}
    return Buyer(new.customer, place, new.channel, new.is_simulated) if new.customer else None


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
_PLACE_FIELDS = tuple(NewAddress.__dataclass_fields__)


def _routed(orders: Sequence[NewOrder], plain: dict[int, tuple[Totals, Buyer | None]], ground: Ground) -> list[Taken]:
    """Return the orders this way takes: none that wants goods an earlier one still waits for the long way with."""
    taken, waited_for = list[Taken](), set[str]()
    for n, new in enumerate(orders):
        wanted = {line.sku for line in new.lines}
        found = _route(n, new, plain[n], ground) if n in plain and wanted.isdisjoint(waited_for) else None
        if found is not None:
            taken.append(found)
            continue
        if any(sku in ground.variants and ground.variants[sku].stock_kind == "bundle" for sku in wanted):
            break  # which goods are in it is not known here
        waited_for |= wanted
    return taken


def _route(at: int, new: NewOrder, known: tuple[Totals, Buyer | None], ground: Ground) -> Taken | None:
    """Return the order with its plan and take its units off the shelf; None is for the long way."""
    rows = [ground.variants.get(line.sku) for line in new.lines]
    goods = [row for row in rows if row is not None and _is_simple(row)]
    window = ground.channels.get(new.channel, (0, 1))[1]
    if window or ground.has_channel_rules or len(goods) < len(rows):
        return None
    wanted: dict[int, int] = {}
    for row, line in zip(goods, new.lines, strict=True):
        wanted[row.id] = wanted.get(row.id, 0) + line.quantity
    skus = {row.id: row.sku for row in goods}
    to = locate(new.address.country, new.address.postal_code)
    chosen = _chosen(wanted, skus, ground, to)
    if chosen is None:
        return None
    place, receipt, why = chosen
    for variant, n in wanted.items():
        ground.shelf[variant][place.id] -= n
    sums, buyer = known
    return Taken(at, new, sums, buyer, goods, place, receipt, why)


def _is_simple(variant: Goods) -> bool:
    """Say whether a variant is goods off the shelf, of which nobody may wait for more and nobody does."""
    return variant.stock_kind == "stocked" and variant.oversell_policy == "deny" and not variant.is_waited_for


def _chosen(
    wanted: dict[int, int], skus: dict[int, str], ground: Ground, to: Point | None
) -> tuple[Place, str, str] | None:
    """Return the one place that ships all of it, with the rest of its receipt; None when there is no such place."""
    shelves = [ground.shelf.get(variant, {}) for variant in wanted]
    units = list(wanted.values())
    having = tuple(place for place in ground.places if any(place.id in shelf for shelf in shelves))
    if not having:
        return None
    if all(shelf.get(place.id, 0) >= n for shelf, n in zip(shelves, units, strict=True) for place in having):
        # nobody lacks anything: which goods they are makes no difference
        among = _among if len(having) <= _REMEMBERED_PLACES else _among.__wrapped__
        return among(having, ground.rules, len(units), sum(units), to)
    there = [v for v in wanted if v in ground.shelf]
    candidates = [
        Candidate(p.id, p.name, p.position, _point(p), {v: ground.shelf[v].get(p.id, 0) for v in there}) for p in having
    ]
    return _decided(wanted, candidates, skus, having, ground.rules, to)


@lru_cache(maxsize=1024)
def _among(
    places: tuple[Place, ...], rules: tuple[str, ...], lines: int, units: int, to: Point | None
) -> tuple[Place, str, str] | None:
    """Choose among places that have everything, for so many lines and units; remembered, for storms ask it again."""
    wanted = dict.fromkeys(range(lines - 1), 1) | {lines - 1: units - lines + 1}
    candidates = [Candidate(p.id, p.name, p.position, _point(p), wanted) for p in places]
    return _decided(wanted, candidates, {}, places, rules, to)


def _decided(
    wanted: dict[int, int],
    candidates: list[Candidate],
    skus: dict[int, str],
    places: tuple[Place, ...],
    rules: tuple[str, ...],
    to: Point | None,
) -> tuple[Place, str, str] | None:
    plan = route(wanted, candidates, rules=rules, to=to)
    if plan.missing or len(plan.rounds) != 1:
        return None
    seen, chosen = records(plan, wanted, candidates, skus)
    kinds = [{"kind": kind} for kind in ("stock", *rules, "location_id")]
    first, why = plan.rounds[0], reason(plan, wanted, candidates, skus)
    place = next(place for place in places if place.id == first.winner.location_id)
    return place, encoded([kinds, seen, chosen, first.decided_by, why])[1:], why


def _point(place: Place) -> Point | None:
    if place.latitude is not None and place.longitude is not None:
        return Point(place.latitude, place.longitude)
    return locate(place.country, place.postal_code)


def write(
    connection: sa.Connection,
    shop: Shop,
    group: Group,
    requests: Sequence[Request | None],
    *,
    actor: str,
    kept: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
) -> dict[int, dict[str, Any]]:
    """Write a planned group, locks in every command's order (keys, customers, orders, levels); return the answers.

    Parameters
    ----------
    requests : sequence
        Idempotency keys to claim with their answers, by place in the group that was planned.
    kept : callable, optional
        Makes of an answer what is kept under its key.

    Raises
    ------
    Unsure
        A key is taken, or a shelf holds less than it showed; the caller takes back what was written.
    """
    now = clock.now()
    rows = Rows(group.ground, shop, now)
    for found in group.taken:
        rows.add(found)
    keys = encoded(
        sorted(
            (*request, kept(rows.answers[t.at]) if kept else rows.answers[t.at])
            for t in group.taken
            if (request := requests[t.at])
        )
    )
    customers = group.customers
    if customers is None:
        sql.claim(connection, keys, now=now)
        customers, keys = find_or_create_on(connection, [t.buyer for t in group.taken]), "[]"
    sql.write(connection, rows.batches(customers) | {"idempotency_keys": keys}, now=now, actor=actor)
    return rows.answers


def _owner(buyer: Buyer | None, known: dict[Identity, Known]) -> tuple[int | None] | None:
    """Return whom an order belongs to (a guest: nobody) when nothing about them is new; None when something is."""
    if buyer is None or not buyer.identities:
        return (None,)
    found = [known.get(name) for name in buyer.identities]
    first = found[0]
    if first is None or None in found:
        return None
    there = first.country, first.region, first.city, first.postal_code
    here = tuple(buyer.place.get(name, "") for name in ("country", "region", "city", "postal_code"))
    return (first.customer_id,) if not here[0] or here == there else None
