"""Core metrics reckoned row by row in plain Python, from the rows themselves: what both engines must answer.

Written from the definitions in docs/metrics-decisions.md, not from the SQL. Values are added up under each
row's group: ``group(channel, day, customer) -> key``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

#: What is reckoned; ratios are of sums, after adding up.
SUMS = (
    "gross_sales", "discounts", "returns", "cancelled_sales", "shipping", "taxes", "other_charges", "units",
    "units_cancelled", "units_returned", "orders", "orders_cancelled", "new_customers",
)  # fmt: skip
SLUGS = (*SUMS, "net_sales", "total_sales", "customers", "returning_customers", "aov", "discount_rate")
_KINDS = {"shipping": "shipping", "tax": "taxes", "fee": "other_charges"}

Group = Callable[[int, date, int | None], object]


class Reference:
    """One reckoning over a shop's rows; `answer` gives every group's metrics."""

    def __init__(self, tables: dict[str, list[dict]], zone: str, group: Group, period: tuple[date, date]) -> None:
        self.tables, self.zone, self.group, self.period = tables, ZoneInfo(zone), group, period
        self.sums: dict[object, dict[str, int]] = defaultdict(lambda: dict.fromkeys(SUMS, 0))
        self.people: dict[object, dict[str, set]] = defaultdict(lambda: {"customers": set(), "returning": set()})
        self.standing: dict[int, list[tuple]] = defaultdict(list)

    def answer(self) -> dict[object, dict[str, float | None]]:
        """Go through every order and every return, once."""
        counted = [
            o for o in self.tables["orders"] if o["state"] in {"placed", "closed", "cancelled"} and not o.get("is_test")
        ]
        for one in counted:
            if one["state"] != "cancelled" and one["customer_id"]:
                self.standing[one["customer_id"]].append((one["placed_at"], one["id"]))
        for one in counted:
            self.order(one)
        tests = {o["id"] for o in self.tables["orders"] if o.get("is_test")}
        for one in self.tables["returns"]:
            if one["state"] in {"received", "inspected", "closed"} and one["order_id"] not in tests:
                self.credit(one)
        return {key: self.composed(key) for key in {*self.sums, *self.people}}

    def add(self, facts: dict, day: date, **amounts: int) -> None:
        """Add amounts to the group of an event, when its day is asked for."""
        if self.period[0] <= day < self.period[1]:
            row = self.sums[self.group(facts["channel_id"], day, facts["customer_id"])]
            for slug, amount in amounts.items():
                row[slug] += amount

    def order(self, one: dict) -> None:
        """Count one order: itself, its lines, its other amounts, and what its cancellation takes back."""
        day, is_cancelled = one["business_date"], one["state"] == "cancelled"
        undone = one["cancelled_at"].astimezone(self.zone).date() if is_cancelled else day
        self.add(one, day, orders=1, orders_cancelled=int(is_cancelled))
        self.person(one, day, is_cancelled)
        lines = sorted((x for x in self.tables["order_lines"] if x["order_id"] == one["id"]), key=lambda x: x["id"])
        mine = [a for a in self.tables["order_adjustments"] if a["order_id"] == one["id"]]
        whole = -sum(a["amount_minor"] for a in mine if a["kind"] == "discount")
        for item, share in zip(lines, shares(whole, lines), strict=True):
            discount = item["discount_minor"] + share
            self.add(one, day, gross_sales=item["gross_minor"], discounts=discount, units=item["quantity"])
            gone = item["cancelled_qty"]
            if gone:
                value = (item["gross_minor"] - discount) * gone // item["quantity"]
                self.add(one, undone, returns=value, cancelled_sales=value, units_cancelled=gone)
        amounts = [(_KINDS[a["kind"]], a["amount_minor"]) for a in mine if a["kind"] in _KINDS]
        for slug, amount in [*amounts, *([("discounts", whole)] if not lines else [])]:
            self.add(one, day, **{slug: amount})
            if is_cancelled:
                self.add(one, undone, **{slug: -amount})

    def person(self, one: dict, day: date, is_cancelled: bool) -> None:  # noqa: FBT001 - a fact of the order
        """Count who bought: new with the first order that stands, returning with a later one."""
        who = one["customer_id"]
        if who is None or is_cancelled or not self.period[0] <= day < self.period[1]:
            return
        earlier = [seen for seen in self.standing[who] if seen < (one["placed_at"], one["id"])]
        seen = self.people[self.group(one["channel_id"], day, who)]
        seen["customers"].add(who)
        if earlier:
            seen["returning"].add(who)
        else:
            self.add(one, day, new_customers=1)

    def credit(self, one: dict) -> None:
        """Count one return: goods that arrived, and other money given back."""
        for item in self.tables["return_lines"]:
            if item["return_id"] == one["id"] and item["disposition"] not in {"pending", "not_received"}:
                amounts = {"returns": item["amount_minor"], "units_returned": item["received_qty"]}
                self.add(one, one["business_date"], **amounts)
        for amount in self.tables["return_adjustments"]:
            if amount["return_id"] == one["id"]:
                self.add(one, one["business_date"], **{_KINDS[amount["kind"]]: -amount["amount_minor"]})

    def composed(self, key: object) -> dict[str, float | None]:
        """Return a group's metrics, those made of others included."""
        row, people = self.sums[key], self.people[key]
        net = row["gross_sales"] - row["discounts"] - row["returns"]
        sold = row["gross_sales"] - row["discounts"]
        return row | {
            "net_sales": net,
            "total_sales": net + row["shipping"] + row["taxes"] + row["other_charges"],
            "customers": len(people["customers"]),
            "returning_customers": len(people["returning"]),
            "aov": round(sold / row["orders"]) if row["orders"] else None,
            "discount_rate": row["discounts"] / row["gross_sales"] if row["gross_sales"] else None,
        }


def shares(whole: int, lines: list[dict]) -> list[int]:
    """Spread an order's discount over its lines by their value; the parts add up to the whole."""
    weights = [x["gross_minor"] - x["discount_minor"] for x in lines]
    total, run, before, found = sum(weights), 0, 0, []
    for n, weight in enumerate(weights):
        run += weight
        now = whole * run // total if total else (whole if n == 0 else 0) + before
        found.append(now - before)
        before = now
    return found
