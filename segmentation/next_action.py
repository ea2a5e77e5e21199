"""What to do next for one customer, and why: the first rule that fits, from facts anybody can check.

Rules are ordered by what is lost when nothing is done: a good customer who falls silent comes before one who could
buy more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

#: Silence of this many usual gaps is unusual; a chance of still being a customer below this is a farewell.
LATE, LEAVING = 2.0, 0.5
#: Days within which the first order is answered, and share of money returned that asks for a look.
FRESH_DAYS, MANY_RETURNS = 60, 0.3
#: How many orders make a customer somebody to keep.
REGULAR = 5


@dataclass(frozen=True, slots=True)
class NextAction:
    """What to do: a code, and the facts its reason is made of."""

    code: str
    facts: Mapping[str, Any]


def next_action(row: Mapping[str, Any], today: date) -> NextAction:
    """Return the next best action for a customer.

    Parameters
    ----------
    row : mapping
        ``orders, first_order_on, last_order_on, spent_minor, returns_minor, email_consent``, and, once
        scored, ``p_alive``.
    """
    facts = _facts(row, today)
    code = next(name for name, fits in RULES.items() if fits(facts))
    return NextAction(code, facts)


def _facts(row: Mapping[str, Any], today: date) -> dict[str, Any]:
    orders, first, last = int(row["orders"] or 0), row["first_order_on"], row["last_order_on"]
    gap = (last - first).days / (orders - 1) if orders > 1 else None
    return {
        "orders": orders,
        "silent": (today - last).days if last else None,
        "gap": gap or None,
        "p_alive": row.get("p_alive"),
        "returned": (row["returns_minor"] or 0) / row["spent_minor"] if row["spent_minor"] else 0.0,
        "consent": row["email_consent"] or "not_subscribed",
    }


def _is_late(f: Mapping[str, Any]) -> bool:
    return f["gap"] is not None and f["silent"] > LATE * max(f["gap"], 1.0)


#: Actions by name, with when each fits; the first that fits is the answer.
RULES: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "invite": lambda f: f["orders"] == 0,
    "look_at_returns": lambda f: f["orders"] > 1 and f["returned"] > MANY_RETURNS,
    "call": lambda f: f["orders"] >= REGULAR and _is_late(f),
    "let_go": lambda f: f["silent"] > FRESH_DAYS and f["p_alive"] is not None and f["p_alive"] < LEAVING,
    "win_back": _is_late,
    "second_order": lambda f: f["orders"] == 1 and f["silent"] <= FRESH_DAYS,
    "remind": lambda f: f["orders"] == 1,
    "ask_consent": lambda f: f["consent"] not in {"subscribed", "unsubscribed"},
    "thank": lambda f: f["orders"] >= REGULAR,
    "wait": lambda _f: True,
}  # fmt: skip
