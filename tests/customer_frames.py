"""Frames of customers for segments, drawn at random or written by hand; and a plain evaluator of expressions.

The evaluator is written for reading, one customer at a time, and shares no code with the compiler.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import polars as pl

from oms_core.kernel.expressions import And, Between, Call, Compare, In, IsNull, Not, Or, resolve
from segmentation.facts import CREDITS, Facts, gather

TODAY = date(2010, 12, 9)
STATES = ("subscribed", "unsubscribed", "not_subscribed", "pending", "invalid", "redacted")
COUNTRIES = ("PL", "GB", "DE", "US", "")
SCHEMA = {"first_order_on": pl.Date, "last_order_on": pl.Date, "aov_minor": pl.Int64}


def customer(key: int, **given) -> dict:
    standard = {
        "customer_id": key, "number": f"C-{key}", "name": f"Customer {key}", "email": f"c{key}@example.com",
        "phone": f"+4860070080{key}", "kind": "consumer", "language": "en", "country": "GB", "region": "", "city": "",
        "postal_code": "", "created_at": datetime(2010, 1, 1, tzinfo=UTC), "first_order_on": None,
        "last_order_on": None, "orders": 0, "units": 0, "gross_minor": 0, "discount_minor": 0, "returns_minor": 0,
        "net_minor": 0, "aov_minor": None, "first_channel": None, "last_channel": None, "channels": [],
        "email_consent": "subscribed", "sms_consent": "subscribed", "ads_consent": "subscribed", "currency": "GBP",
        "is_erased": False,
    }  # fmt: skip
    return standard | given


def facts_of(
    customers: list[dict],
    orders: list[dict] = (),
    lines: list[dict] = (),
    owed: list[dict] = (),
    scores: pl.DataFrame | None = None,
) -> Facts:
    order_schema = {
        "order_id": pl.Int64, "customer_id": pl.Int64, "business_date": pl.Date, "channel": pl.Utf8,
        "country": pl.Utf8, "amount_minor": pl.Int64, "currency": pl.Utf8,
    }  # fmt: skip
    line_schema = {
        "customer_id": pl.Int64, "order_id": pl.Int64, "business_date": pl.Date, "sku": pl.Utf8, "title": pl.Utf8,
        "category": pl.Utf8, "quantity": pl.Int64, "gross_minor": pl.Int64,
    }  # fmt: skip
    texts = dict.fromkeys(("first_channel", "last_channel", "email", "phone"), pl.Utf8)
    frame = pl.DataFrame(customers, schema_overrides={**SCHEMA, **texts, "channels": pl.List(pl.Utf8)})
    return gather(
        frame, pl.DataFrame(list(orders), schema=order_schema), lambda: pl.DataFrame(list(lines), schema=line_schema),
        today=TODAY, currency="GBP", zone="Europe/London", country="GB",
        credits=pl.DataFrame(list(owed), schema=CREDITS), scores=scores,
    )  # fmt: skip


def random_scores(seed: int, n: int = 40) -> pl.DataFrame:
    """Return what might be foretold of the customers of :func:`random_facts`."""
    draw = np.random.default_rng(seed)
    chances = {name: draw.random(n) for name in ("p_alive", "p_active_90d", "p_active_30d", "expected_orders_90d")}
    money = {name: draw.integers(0, 90_000, n) for name in ("expected_value_90d", "clv_12m")}
    return pl.DataFrame({"customer_id": range(1, n + 1), **chances, **money, "next_order_on": TODAY})


def random_facts(seed: int, n: int = 40, scores: pl.DataFrame | None = None) -> Facts:
    draw = np.random.default_rng(seed)
    customers, orders, lines = [], [], []
    for key in range(1, n + 1):
        made = []
        for _ in range(int(draw.integers(0, 5))):
            day = TODAY - timedelta(days=int(draw.integers(0, 400)))
            channel = ("web", "shop", "Żabka")[draw.integers(0, 3)]
            amount = int(draw.integers(1, 60)) * 500
            made.append((day, channel, amount))
            number = len(orders) + 1
            orders.append({
                "order_id": number, "customer_id": key, "business_date": day, "channel": channel, "country": "GB",
                "amount_minor": amount, "currency": "GBP",
            })  # fmt: skip
            lines.append({
                "customer_id": key, "order_id": number, "business_date": day, "sku": "AB"[draw.integers(0, 2)],
                "title": "Mug",
                "category": "Kitchen", "quantity": int(draw.integers(1, 4)), "gross_minor": amount,
            })  # fmt: skip
        customers.append(_bought(customer(key), sorted(made), draw))
    owed = [
        {"customer_id": key, "currency": ("GBP", "PLN")[key % 2], "balance_minor": key * 100} for key in range(1, n, 5)
    ]
    return facts_of(customers, orders, lines, owed, scores)


def _bought(row: dict, made: list[tuple], draw: np.random.Generator) -> dict:
    total = sum(amount for *_, amount in made)
    row |= {
        "country": COUNTRIES[draw.integers(0, len(COUNTRIES))],
        "city": ("", "Łódź", "Leeds")[draw.integers(0, 3)],
        "email_consent": STATES[draw.integers(0, len(STATES))],
        "currency": ("GBP", "GBP", "PLN")[draw.integers(0, 3)],
        "orders": len(made),
        "gross_minor": total,
        "net_minor": total,
        "returns_minor": int(draw.integers(0, 2)) * total // 2,
        "channels": sorted({channel for _, channel, _ in made}),
    }
    if made:
        row |= {
            "first_order_on": made[0][0], "last_order_on": made[-1][0], "aov_minor": total // len(made),
            "first_channel": made[0][1], "last_channel": made[-1][1],
        }  # fmt: skip
    return row


def plain_members(expression, facts: Facts) -> list[int]:
    """Return the members' ids by looking at one customer after the other."""
    return [row["customer_id"] for row in facts.customers.to_dicts() if holds(expression, row, facts)]


def holds(node, row: dict, facts: Facts) -> bool:  # noqa: PLR0911 - one return for each kind of node
    if isinstance(node, And):
        return all(holds(p, row, facts) for p in node.parts)
    if isinstance(node, Or):
        return any(holds(p, row, facts) for p in node.parts)
    if isinstance(node, Not):
        return not holds(node.part, row, facts)
    if isinstance(node, Compare) and isinstance(node.subject, Call) and node.subject.tests is not None:
        return matches(node.subject, row, facts) == (node.op == "=")
    value = fact(node.subject, row, facts)
    if isinstance(node, IsNull):
        return (value is None) != node.negated
    if isinstance(node, Compare):
        negated = node.op == "!=" or node.op.startswith("NOT ")
        return compared(value, node.op.removeprefix("NOT ").replace("!=", "="), ready(node.value, facts)) != negated
    if isinstance(node, Between):
        low, high = ready(node.low, facts), ready(node.high, facts)
        return (value is not None and low <= value <= high) != node.negated
    assert isinstance(node, In)
    return any(compared(value, "=", ready(v, facts)) for v in node.values) != node.negated


def ready(value, facts: Facts):
    if isinstance(value, str):
        return value.lower()
    if isinstance(value, (bool, int, Decimal)):
        return value
    return resolve(value, facts.today)


def compared(value, op: str, other) -> bool:
    if value is None:
        return False
    if isinstance(value, list):
        return other in value
    if op == "CONTAINS":
        return other in value
    if op == "STARTS WITH":
        return value.startswith(other)
    return {"=": value == other, ">": value > other, ">=": value >= other, "<": value < other, "<=": value <= other}[op]


def fact(subject, row: dict, facts: Facts):
    if isinstance(subject, Known):
        return subject.value
    if isinstance(subject, Call):
        return counted(subject, row, facts)
    own = row["currency"] == facts.currency
    spent = row["gross_minor"] - row["discount_minor"]
    values = {
        "number_of_orders": row["orders"],
        "amount_spent": Decimal(spent) / 100 if own else None,
        "aov": Decimal(row["aov_minor"]) / 100 if own and row["aov_minor"] is not None else None,
        "return_rate": row["returns_minor"] / spent if spent else None,
        "last_order_date": row["last_order_on"],
        "country": row["country"].lower() or None,
        "city": row["city"].lower() or None,
        "in_europe": row["country"] in {"PL", "GB", "DE"} if row["country"] else None,
        "channel": [c.lower() for c in row["channels"]] or None,
        "email_subscription_status": row["email_consent"],
        "rfm_group": row["rfm_group"].lower(),
    }
    return values[subject.name]


FIELDS = {
    "date": "business_date", "channel": "channel", "country": "country", "sku": "sku", "category": "category",
    "title": "title", "balance": "balance_minor", "currency": "currency",
}  # fmt: skip


def rows_of(call: Call, row: dict, facts: Facts) -> list[dict]:
    table = {"products_purchased": facts.lines, "store_credit_accounts": facts.credits}.get(call.name, facts.orders)
    return [r for r in table.to_dicts() if r["customer_id"] == row["customer_id"]]


def matches(call: Call, row: dict, facts: Facts) -> bool:
    def passes(test, value):
        return holds(replace_subject(test, value), {}, facts)

    kept = rows_of(call, row, facts)
    on_totals = []
    for test in call.tests:
        name = test.subject.name
        if name in {"count", "total", "quantity"}:
            on_totals.append(test)
        elif name in {"amount", "balance"}:
            own = [r if r["currency"] == facts.currency else r | {f"{name}_minor": None} for r in kept]
            kept = [k for k, r in zip(kept, own, strict=True) if passes(test, money(r[f"{name}_minor"]))]
        else:
            kept = [r for r in kept if passes(test, low(r[FIELDS[name]]))]
    for test in on_totals:
        own = [r for r in kept if r.get("currency") == facts.currency]
        total = {
            "count": lambda: len(kept),
            "quantity": lambda: sum(r["quantity"] for r in kept),
            "total": lambda own=own: Decimal(sum(r["amount_minor"] for r in own)) / 100,
        }[test.subject.name]()
        if not passes(test, total):
            return False
    return bool(kept or on_totals)


@dataclass(frozen=True)
class Known:
    """A value that stands where an attribute would."""

    value: object


def replace_subject(test, value):
    return dataclasses.replace(test, subject=Known(value))


def money(minor):
    return None if minor is None else Decimal(minor) / 100


def low(value):
    return value.lower() or None if isinstance(value, str) else value


def counted(call: Call, row: dict, facts: Facts):
    since, until, channel = call.get("since"), call.get("until"), call.get("channel")
    amount = call.get("amount")
    kept = [
        r for r in rows_of(call, row, facts)
        if (since is None or r["business_date"] >= resolve(since, facts.today))
        and (until is None or r["business_date"] <= resolve(until, facts.today))
        and (channel is None or r["channel"].lower() == channel.lower())
        and (call.get("sku") is None or r["sku"].lower() == call.get("sku").lower())
        and (amount is None or (r["currency"] == facts.currency and Decimal(r["amount_minor"]) / 100 >= amount))
    ]  # fmt: skip
    if call.name == "amount_spent":
        return Decimal(sum(r["amount_minor"] for r in kept if r["currency"] == facts.currency)) / 100
    return sum(r["quantity"] for r in kept) if call.name == "products_purchased" else len(kept)
