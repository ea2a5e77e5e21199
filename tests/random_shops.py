"""Many small random shops in one database, each a channel of its own: one query answers for all of them."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from random import Random

import analytics_shop as golden
from analytics_shop import back, back_line, line, order

FIRST_CHANNEL, FIRST_KEY = 100, 10_000
BEGIN = date(2024, 3, 30)


def rows(seed: int, shops: int = 40) -> dict[str, list[dict]]:
    """Return the rows of `shops` shops of up to eight orders, by table; keys lie above the golden shop's."""
    found: dict[str, list[dict]] = defaultdict(list)
    rng = Random(seed)  # noqa: S311 - shops, not secrets
    for n in range(shops):
        channel = FIRST_CHANNEL + n
        found["channels"].append(
            {"id": channel, "code": f"shop{n}", "name": f"Shop {n}", "kind": "web", "position": channel}
        )
        customers = [FIRST_KEY + n * 3 + k for k in range(3)]
        found["customers"] += [
            {"id": c, "number": str(c), "name": "N", "country": "PL", "created_at": golden.at("03-01")}
            for c in customers
        ]
        for _ in range(rng.randrange(9)):
            _order(rng, found, channel, rng.choice([*customers, None]))
        if rng.random() < 0.3:
            _credit(rng, found, channel, None, rng.choice([*customers, None]))
    return dict(found)


def _order(rng: Random, found: dict[str, list[dict]], channel: int, customer: int | None) -> None:
    key = FIRST_KEY + len(found["orders"])
    placed = datetime(2024, 3, 30, 20, tzinfo=UTC) + timedelta(minutes=rng.randrange(5 * 1440))
    state = rng.choices(("closed", "placed", "cancelled", "draft"), (5, 3, 2, 1))[0]
    lines = [_line(rng, found, key, state) for _ in range(rng.choice((0, 1, 1, 2, 3)))]
    for kind, amount in (("shipping", 990), ("tax", 77), ("discount", -rng.randrange(1, 300)), ("fee", 150)):
        if rng.random() < 0.4:
            found["order_adjustments"].append(
                {
                    "id": FIRST_KEY + len(found["order_adjustments"]),
                    "order_id": key,
                    "kind": kind,
                    "amount_minor": amount,
                }
            )
    more = {"cancelled_at": placed + timedelta(hours=rng.randrange(1, 50))} if state == "cancelled" else {}
    found["orders"].append(
        order(key, "03-30", channel, customer, rng.choice(("PL", "DE", "GB")), state=state,
              gross=sum(x["gross_minor"] for x in lines), placed_at=placed, is_test=rng.random() < 0.1, **more)
        | {"business_date": (placed + timedelta(hours=2)).date()}
    )  # fmt: skip
    if lines and state == "closed" and rng.random() < 0.6:
        _credit(rng, found, channel, found["orders"][-1], customer)


def _line(rng: Random, found: dict[str, list[dict]], number: int, state: str) -> dict:
    quantity = rng.randrange(1, 6)
    cancelled = quantity if state == "cancelled" else rng.choice((0, 0, 0, rng.randrange(quantity)))
    made = line(FIRST_KEY + len(found["order_lines"]), number, rng.choice((1, 2, 3)), quantity, cancelled=cancelled)
    made["discount_minor"] = rng.choice((0, 0, rng.randrange(made["gross_minor"])))
    found["order_lines"].append(made)
    return made


def _credit(rng, found, channel, sale, customer) -> None:
    key = FIRST_KEY + len(found["returns"])
    state = rng.choice(("closed", "received", "requested", "declined"))
    sold = [x for x in found["order_lines"] if sale and x["order_id"] == sale["id"]] or [None]
    made = back(key, sale and sale["id"], "04-02", channel, customer, "PL", 0, 0, state=state)
    found["returns"].append(made | {"business_date": BEGIN + timedelta(days=rng.randrange(6))})
    for item in sold:
        found["return_lines"].append(
            back_line(FIRST_KEY + len(found["return_lines"]), key, item and item["id"],
                      item["variant_id"] if item else 1, rng.randrange(1, 900),
                      rng.choice(("restock", "scrap", "pending")))
        )  # fmt: skip
    if rng.random() < 0.5:
        found["return_adjustments"].append(
            {"id": FIRST_KEY + len(found["return_adjustments"]), "return_id": key, "kind": "shipping",
             "amount_minor": 500}
        )  # fmt: skip


def joined(*shops: dict[str, list[dict]]) -> dict[str, list[dict]]:
    """Return the rows of several shops as one, in an order that can be written."""
    names = dict.fromkeys([*golden.rows(), *(name for shop in shops for name in shop)])
    return {name: [row for shop in shops for row in shop.get(name, [])] for name in names}
