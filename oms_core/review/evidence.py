"""What is known of orders when their risk is assessed; a constant number of statements for many."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from functools import lru_cache
from statistics import median
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.customers.tables import Customer
from oms_core.kernel.rows import packed, table_of, unpacked
from oms_core.orders.tables import Order
from oms_core.review.rules import DEFAULT_RULES, Facts, Rule
from oms_core.review.tables import RiskRule

if TYPE_CHECKING:
    from collections.abc import Sequence

_ORDER, _CUSTOMER, _RULE = table_of(Order), table_of(Customer), table_of(RiskRule)
_SHIP = ("country", "postal_code", "city", "line1", "name")
_RULES = sa.select(_RULE.c.kind, _RULE.c.points, _RULE.c.params, _RULE.c.is_active).order_by(_RULE.c.id)
#: Latest orders of the shop that tell what is usual in a channel.
USUAL_OF = 5_000
_LATEST = (
    sa.select(_ORDER.c.channel_id, _ORDER.c.currency, _ORDER.c.total_minor)
    .where(_ORDER.c.state != "cancelled")
    .order_by(_ORDER.c.id.desc())
    .limit(USUAL_OF)
)
_AT_ADDRESS = sa.select(
    _ORDER.c.placed_at, _ORDER.c.customer_id, _ORDER.c.email, _ORDER.c.ship_country, _ORDER.c.ship_postal_code,
    _ORDER.c.ship_line1,
).where(
    _ORDER.c.placed_at.between(sa.bindparam("since"), sa.bindparam("until")),
    _ORDER.c.ship_postal_code.in_(sa.bindparam("codes", expanding=True)),
    _ORDER.c.ship_line1 != "",
)  # fmt: skip


def rules_of(connection: sa.Connection) -> list[Rule]:
    """Return the shop's active rules, or those of a shop that has set none."""
    stored = connection.execute(_RULES).all()
    return [Rule(r.kind, r.points, r.params) for r in stored if r.is_active] if stored else list(DEFAULT_RULES)


@lru_cache
def _heads(dialect: str) -> sa.Select[Any]:
    """Build: lock the orders, in id order, and read who bought, where it goes and who pays."""
    wanted, c = unpacked(dialect, order_id=int), _ORDER.c
    return (
        sa.select(
            c.id, c.number, c.state, c.channel_id, c.customer_id, c.currency, c.total_minor, c.placed_at, c.email,
            *(c[f"ship_{name}"] for name in _SHIP), *(c[f"bill_{name}"] for name in _SHIP), _CUSTOMER.c.phone,
        )
        .join(wanted, wanted.c.order_id == c.id)
        .outerjoin(_CUSTOMER, _CUSTOMER.c.id == c.customer_id)
        .order_by(c.id)
        .with_for_update(of=_ORDER, key_share=True)
    )  # fmt: skip


@lru_cache
def _recent(dialect: str) -> sa.Select[Any]:
    asked = unpacked(dialect, order_id=int, customer_id=int, since=datetime, until=datetime)
    return (
        sa.select(asked.c.order_id, sa.func.count().label("orders"))
        .join(_ORDER, _ORDER.c.customer_id == asked.c.customer_id)
        .where(_ORDER.c.placed_at > asked.c.since, _ORDER.c.placed_at <= asked.c.until)
        .group_by(asked.c.order_id)
    )


@lru_cache
def _countries(dialect: str) -> sa.Select[Any]:
    asked = unpacked(dialect, order_id=int, customer_id=int, since=datetime, until=datetime)
    return (
        sa.select(asked.c.order_id, _ORDER.c.ship_country)
        .join(_ORDER, _ORDER.c.customer_id == asked.c.customer_id)
        .where(_ORDER.c.placed_at < asked.c.until, _ORDER.c.id != asked.c.order_id)
        .distinct()
    )


def facts_of(
    connection: sa.Connection, order_ids: Sequence[int], rules: Sequence[Rule]
) -> dict[int, tuple[Any, Facts]]:
    """Lock orders and return each with its facts, by id; five statements however many there are."""
    dialect = connection.dialect.name
    heads = connection.execute(_heads(dialect), {"batch": packed((key,) for key in sorted(set(order_ids)))}).all()
    if not heads:
        return {}
    known = [(h.id, h.customer_id, h.placed_at - _hours(rules, "velocity_email"), h.placed_at) for h in heads]
    asked = {"batch": packed(row for row in known if row[1] is not None)}
    recent = {row.order_id: int(row.orders) for row in connection.execute(_recent(dialect), asked)}
    before: dict[int, list[str]] = defaultdict(list)
    for row in connection.execute(_countries(dialect), asked):
        before[row.order_id].append(row.ship_country)
    neighbours = _neighbours(connection, heads, _hours(rules, "velocity_address"))
    usual = _usual(connection)
    return {
        h.id: (h, _facts(h, recent.get(h.id, 1), neighbours[h.id], before[h.id], usual.get((h.channel_id, h.currency))))
        for h in heads
    }


def _hours(rules: Sequence[Rule], kind: str) -> timedelta:
    return timedelta(hours=max((rule.params.get("hours", 24) for rule in rules if rule.kind == kind), default=24))


def _facts(h: Any, recent: int, buyers: int, before: Sequence[str], usual: tuple[int, int] | None) -> Facts:
    bill = {name: getattr(h, f"bill_{name}") or "" for name in _SHIP} if h.bill_country is not None else None
    return Facts(
        currency=h.currency, total_minor=h.total_minor, email=h.email or "", phone=h.phone or "",
        ship={name: getattr(h, f"ship_{name}") for name in _SHIP}, bill=bill, recent_by_buyer=recent,
        recent_buyers_at_address=buyers, earlier_countries=before, usual_minor=usual[0] if usual else 0,
        usual_orders=usual[1] if usual else 0,
    )  # fmt: skip


def _neighbours(connection: sa.Connection, heads: Sequence[Any], within: timedelta) -> dict[int, int]:
    """Return how many different buyers ordered to each order's address within the hours before it."""
    counted = {h.id: 1 for h in heads}
    codes = {h.ship_postal_code for h in heads if h.ship_postal_code and h.ship_line1}
    if not codes:
        return counted
    times = [h.placed_at for h in heads]
    asked = {"since": min(times) - within, "until": max(times), "codes": sorted(codes)}
    there: dict[tuple[str, ...], list[Any]] = defaultdict(list)
    for row in connection.execute(_AT_ADDRESS, asked):
        there[_address(row)].append(row)
    for h in heads:
        near = [r for r in there[_address(h)] if h.placed_at - within < r.placed_at <= h.placed_at]
        counted[h.id] = max(1, len({r.customer_id or r.email for r in near})) if h.ship_line1 else 1
    return counted


def _address(row: Any) -> tuple[str, ...]:
    return row.ship_country, row.ship_postal_code, row.ship_line1.strip().casefold()


def _usual(connection: sa.Connection) -> dict[tuple[int, str], tuple[int, int]]:
    """Return the median total of each channel and currency among the latest orders, and how many others there are.

    The order asked about is among them: one of many does not move a median.
    """
    totals: dict[tuple[int, str], list[int]] = defaultdict(list)
    for channel, currency, total in connection.execute(_LATEST):
        totals[channel, currency].append(total)
    return {kind: (int(median(values)), len(values) - 1) for kind, values in totals.items()}
