"""Risk of an order as pure functions: rules are data, each that speaks gives points and says why.

Points are added up and capped at 100. No rule decides by itself and none is learned: every number
stands in the shop's own table (`RiskRule`) and every point has a sentence with its facts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from oms_core.locations.geography import locate

if TYPE_CHECKING:
    from collections.abc import Sequence

#: From this score on an order is looked at, and from this on it is held until it was.
MEDIUM, HIGH = 40, 70
#: Forms of postal codes where a wrong one is easily seen (country to pattern).
POSTAL_CODES = {
    "PL": re.compile(r"\d{2}-?\d{3}"),
    "DE": re.compile(r"\d{5}"),
    "FR": re.compile(r"\d{5}"),
    "US": re.compile(r"\d{5}(-\d{4})?"),
    "GB": re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """What to look at, with which numbers, for how many points."""

    kind: str
    points: int
    params: Mapping[str, Any] = field(default_factory=dict)


#: Rules of a shop that has set none.
DEFAULT_RULES = (
    Rule("velocity_email", 30, {"orders": 4, "hours": 24}),
    Rule("velocity_address", 30, {"buyers": 3, "hours": 24}),
    Rule("billing_country", 30),
    Rule("billing_address", 10),
    Rule("new_country", 15),
    Rule("value", 30, {"times": 5, "at_least": 30}),
    Rule("address_quality", 20),
    Rule("contact", 20, {"disposable": ["mailinator.com", "guerrillamail.com", "10minutemail.com", "yopmail.com"]}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of an order when it is assessed.

    Attributes
    ----------
    recent_by_buyer, recent_buyers_at_address : int
        Orders of this buyer, and different buyers at this address, within the rules' hours before it,
        itself included.
    earlier_countries : sequence of str
        Where this buyer's earlier orders went.
    usual_minor, usual_orders : int
        Median total of the channel's latest orders in this currency, minor units, and how many there are.
    """

    currency: str
    total_minor: int
    email: str
    phone: str
    ship: Mapping[str, str]
    bill: Mapping[str, str] | None
    recent_by_buyer: int = 1
    recent_buyers_at_address: int = 1
    earlier_countries: Sequence[str] = ()
    usual_minor: int = 0
    usual_orders: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Score 0-100, its level, and every reason: ``rule, points, sentence, facts``."""

    score: int
    level: str
    reasons: list[dict[str, Any]]


def assess(facts: Facts, rules: Sequence[Rule] = DEFAULT_RULES) -> Verdict:
    """Return what the rules say of an order."""
    reasons = list[dict[str, Any]]()
    for rule in rules:
        said = _LOOK[rule.kind](facts, rule.params)
        if said is not None:
            sentence, seen = said
            reasons.append({"rule": rule.kind, "points": rule.points, "sentence": sentence, "facts": seen})
    score = min(100, sum(reason["points"] for reason in reasons))
    return Verdict(score, level_of(score), reasons)


def level_of(score: int) -> str:
    """Return the level of a score."""
    return "high" if score >= HIGH else "medium" if score >= MEDIUM else "low"


Said = tuple[str, dict[str, Any]] | None


def _velocity_email(facts: Facts, params: Mapping[str, Any]) -> Said:
    n = facts.recent_by_buyer
    if n < params["orders"]:
        return None
    return f"{n} orders of this buyer within {params['hours']} hours", {"orders": n, "hours": params["hours"]}


def _velocity_address(facts: Facts, params: Mapping[str, Any]) -> Said:
    n = facts.recent_buyers_at_address
    if n < params["buyers"]:
        return None
    said = f"{n} different buyers at this address within {params['hours']} hours"
    return said, {"buyers": n, "hours": params["hours"]}


def _billing_country(facts: Facts, params: Mapping[str, Any]) -> Said:
    del params
    to, bill = facts.ship["country"], (facts.bill or {}).get("country", "")
    if not bill or not to or bill == to:
        return None
    return f"Billed to {bill}, shipped to {to}", {"billing_country": bill, "shipping_country": to}


def _billing_address(facts: Facts, params: Mapping[str, Any]) -> Said:
    """Speak of another address in the same country; another country has a rule of its own."""
    del params
    bill = facts.bill or {}
    here, there = _place(bill), _place(facts.ship)
    if not bill or here == there or bill.get("country", "") != facts.ship["country"]:
        return None
    seen = {"billing_postal_code": bill.get("postal_code", ""), "shipping_postal_code": facts.ship["postal_code"]}
    return "Billed to another address than it is shipped to", seen


def _new_country(facts: Facts, params: Mapping[str, Any]) -> Said:
    del params
    to, before = facts.ship["country"], sorted({c for c in facts.earlier_countries if c})
    if not to or not before or to in before:
        return None
    return f"First order of this buyer to {to}; before: {', '.join(before)}", {"country": to, "before": before}


def _value(facts: Facts, params: Mapping[str, Any]) -> Said:
    if facts.usual_orders < params["at_least"] or facts.total_minor < params["times"] * facts.usual_minor:
        return None
    times = facts.total_minor / facts.usual_minor if facts.usual_minor else 0.0
    if not times:
        return None
    seen = {"total_minor": facts.total_minor, "usual_minor": facts.usual_minor, "currency": facts.currency}
    return f"Worth {times:.1f} times the usual order of this channel", seen


def _address_quality(facts: Facts, params: Mapping[str, Any]) -> Said:
    del params
    ship = facts.ship
    missing = [word for name, word in _ADDRESS_PARTS if not ship[name].strip()]
    said = [f"no {', no '.join(missing)}"] if missing else []
    code = ship["postal_code"].strip().upper()
    pattern: re.Pattern[str] | None = POSTAL_CODES.get(ship["country"])
    if pattern and code and not pattern.fullmatch(code):
        said.append(f"{code} is no postal code of {ship['country']}")
    if ship["country"] and locate(ship["country"]) is None:
        said.append(f"{ship['country']} is no country we know")
    if ship["line1"].strip() and not any(c.isdigit() for c in ship["line1"]):
        said.append("no house number")
    return (f"The address has {'; '.join(said)}", {"problems": said}) if said else None


_ADDRESS_PARTS = (("country", "country"), ("postal_code", "postal code"), ("city", "city"), ("line1", "street"))


def _contact(facts: Facts, params: Mapping[str, Any]) -> Said:
    domain = facts.email.rpartition("@")[2].lower()
    if not facts.email and not facts.phone:
        return "Neither e-mail nor phone", {}
    if domain in params.get("disposable", ()):
        return f"An e-mail address at {domain} is thrown away after use", {"domain": domain}
    return None


def _place(address: Mapping[str, str]) -> tuple[str, ...]:
    """Return an address in a form in which spaces, dashes and case do not matter."""
    return tuple(re.sub(r"[\W_]+", "", address.get(name, "")).casefold() for name in ("postal_code", "line1"))


_LOOK: dict[str, Callable[[Facts, Mapping[str, Any]], Said]] = {
    "velocity_email": _velocity_email,
    "velocity_address": _velocity_address,
    "billing_country": _billing_country,
    "billing_address": _billing_address,
    "new_country": _new_country,
    "value": _value,
    "address_quality": _address_quality,
    "contact": _contact,
}
