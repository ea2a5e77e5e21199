"""Whatever an order looks like: its score is the sum of its reasons, in 0-100, and more doubt never lowers it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from oms_core.review.rules import DEFAULT_RULES, HIGH, MEDIUM, Facts, Rule, assess

TEXT = st.text(alphabet="Aa1 -ąŁ", max_size=8)
COUNTRY = st.sampled_from(["", "PL", "GB", "DE", "US", "XX"])
ADDRESS = st.fixed_dictionaries({"country": COUNTRY, "postal_code": TEXT, "city": TEXT, "line1": TEXT, "name": TEXT})
FACTS = st.builds(
    Facts,
    currency=st.just("PLN"),
    total_minor=st.integers(0, 10**9),
    email=st.sampled_from(["", "a@b.pl", "x@mailinator.com"]),
    phone=st.sampled_from(["", "+48 600 100 200"]),
    ship=ADDRESS,
    bill=st.none() | ADDRESS,
    recent_by_buyer=st.integers(1, 9),
    recent_buyers_at_address=st.integers(1, 9),
    earlier_countries=st.lists(COUNTRY, max_size=3),
    usual_minor=st.integers(0, 10**6),
    usual_orders=st.integers(0, 100),
)
RULES = st.lists(st.sampled_from(DEFAULT_RULES), unique_by=lambda rule: rule.kind).map(
    lambda some: [replace(rule, points=rule.points * 2) for rule in some]
)


@settings(deadline=None)
@given(facts=FACTS, rules=RULES)
def test_a_score_is_the_sum_of_its_reasons(facts: Facts, rules: list[Rule]) -> None:
    verdict = assess(facts, rules)
    assert verdict.score == min(100, sum(reason["points"] for reason in verdict.reasons))
    assert verdict.level == ("high" if verdict.score >= HIGH else "medium" if verdict.score >= MEDIUM else "low")
    assert all(reason["sentence"] and "{" not in reason["sentence"] for reason in verdict.reasons)
    # the order of the rules is the order of the reasons and nothing else
    assert assess(facts, rules[::-1]).score == verdict.score
    # a rule more never makes an order look safer
    assert all(assess(facts, [*rules[:n], *rules[n + 1 :]]).score <= verdict.score for n in range(len(rules)))


@settings(deadline=None)
@given(facts=FACTS)
def test_a_bill_to_the_same_address_says_nothing(facts: Facts) -> None:
    same = replace(facts, bill=facts.ship)
    assert {"billing_country", "billing_address"}.isdisjoint(r["rule"] for r in assess(same).reasons)


def test_nothing_is_doubted_without_rules_or_reasons() -> None:
    home = {"country": "PL", "postal_code": "90-001", "city": "Łódź", "line1": "Piotrkowska 1", "name": "Ala"}
    plain = Facts(currency="PLN", total_minor=1000, email="a@b.pl", phone="", ship=home, bill=None)
    assert (assess(plain).score, assess(plain).reasons) == (0, [])
    assert assess(plain, []).level == "low"
