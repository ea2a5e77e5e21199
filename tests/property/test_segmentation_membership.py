"""The compiled segment and a plain reading of the same expression name the same people."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from customer_frames import TODAY, plain_members, random_facts
from hypothesis import given, settings
from hypothesis import strategies as st

from oms_core.kernel.expressions import And, Between, Call, Compare, In, IsNull, Name, Not, Offset, Or, as_text, check
from segmentation.attributes import ATTRIBUTES
from segmentation.compiling import mask
from segmentation.functions import FUNCTIONS
from segmentation.library import Library, builtin, understand
from segmentation.rfm import GROUPS, score_customers

FACTS = [random_facts(seed) for seed in range(5)]
LIBRARY = Library(builtin("GBP", "GB"))

TEXTS = st.sampled_from(["PL", "gb", "", "ł", "łódź", "Leeds", "' OR 1=1 --", "%", ".*", "web", "ŻABKA"]) | st.text(
    st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=3
)
DAYS = st.dates(TODAY - timedelta(days=420), TODAY) | st.builds(Offset, st.integers(-400, 5), st.just("d"))
NUMBERS = st.integers(-1, 6) | st.decimals(0, 6, places=1)
MONEY = st.integers(0, 900) | st.decimals(0, 900, places=2)
ORDERED = st.sampled_from(["=", "!=", ">", ">=", "<", "<="])
TEXTUAL = st.sampled_from(["=", "!=", "CONTAINS", "NOT CONTAINS", "STARTS WITH", "NOT STARTS WITH"])


def about(name, values, operators):
    subject = st.just(Name(name))
    return st.one_of(
        st.builds(Compare, subject, operators, values),
        st.builds(In, subject, st.lists(values, min_size=1, max_size=3).map(tuple), st.booleans()),
        st.builds(IsNull, subject, st.booleans()),
    )


def ranged(name, values):
    return about(name, values, ORDERED) | st.builds(Between, st.just(Name(name)), values, values, st.booleans())


ARGUMENTS = st.fixed_dictionaries({}, optional={"since": DAYS, "until": DAYS, "channel": TEXTS, "amount": MONEY})
PLACED = ARGUMENTS.map(lambda d: Call("orders_placed", tuple(sorted(d.items()))))
BOUGHT = st.fixed_dictionaries({}, optional={"since": DAYS, "sku": st.sampled_from(["A", "b", "none"])}).map(
    lambda d: Call("products_purchased", tuple(sorted(d.items())))
)
CONDITIONS = st.one_of(
    ranged("number_of_orders", NUMBERS),
    ranged("amount_spent", MONEY),
    ranged("aov", MONEY),
    ranged("return_rate", st.sampled_from([0, Decimal("0.5"), 1])),
    ranged("last_order_date", DAYS),
    about("country", TEXTS, TEXTUAL),
    about("city", TEXTS, TEXTUAL),
    about("rfm_group", st.sampled_from(GROUPS), st.sampled_from(["=", "!="])),
    about("email_subscription_status", st.sampled_from(["SUBSCRIBED", "PENDING"]), st.sampled_from(["=", "!="])),
    st.builds(Compare, st.just(Name("channel")), st.sampled_from(["=", "!=", "CONTAINS", "NOT CONTAINS"]), TEXTS),
    st.builds(Compare, st.just(Name("in_europe")), st.sampled_from(["=", "!="]), st.booleans()),
    st.builds(Compare, PLACED | BOUGHT, ORDERED, st.integers(0, 4)),
    st.builds(Compare, PLACED | BOUGHT, st.sampled_from(["=", "!="]), st.booleans()),
    st.builds(Compare, PLACED.map(lambda c: Call("amount_spent", tuple(a for a in c.arguments if a[0] != "amount"))),
              ORDERED, MONEY),
)  # fmt: skip


def several(of):
    return st.lists(of, min_size=2, max_size=3).map(tuple)


TREES = st.recursive(
    CONDITIONS,
    lambda inner: st.builds(Not, inner) | st.builds(And, several(inner)) | st.builds(Or, several(inner)),
    max_leaves=6,
)


def members(tree, facts):
    chosen = facts.customers.filter(mask(tree, facts, LIBRARY.lookup))
    return chosen.get_column("customer_id").to_list()


@settings(max_examples=150, deadline=None)
@given(TREES, st.sampled_from(FACTS))
def test_compiled_equals_plain(tree, facts):
    tree = check(tree, ATTRIBUTES, FUNCTIONS)
    assert members(tree, facts) == plain_members(tree, facts), as_text(tree)


@settings(max_examples=60, deadline=None)
@given(CONDITIONS, st.sampled_from(FACTS))
def test_a_condition_and_its_negation_divide_the_customers(tree, facts):
    tree = check(tree, ATTRIBUTES, FUNCTIONS)
    inside, outside = members(tree, facts), members(Not(tree), facts)
    assert sorted(inside + outside) == facts.customers.get_column("customer_id").to_list()


@pytest.mark.parametrize("text", ["'; DROP TABLE customers; --", "' OR '1'='1", "${jndi}", "{country}", "\\", "%"])
def test_an_injection_is_only_a_text(text):
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    assert members(understand(f"city = '{quoted}'"), FACTS[0]) == []


@pytest.mark.parametrize("condition", ["city != 'Leeds'", "city NOT IN ('Leeds')", "city NOT CONTAINS 'ee'"])
def test_negated_operators_keep_the_customers_nothing_is_known_of(condition):
    facts = FACTS[0]
    unknown = facts.customers.filter(pl.col("city") == "").get_column("customer_id").to_list()
    assert unknown
    assert set(unknown) <= set(members(understand(condition), facts))
    assert not set(unknown) & set(members(understand("city = 'Leeds' OR city CONTAINS 'ł'"), facts))


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 300), st.integers(0, 5)), min_size=1, max_size=60))
@settings(max_examples=100, deadline=None)
def test_rfm_ties_share_a_score_and_more_is_never_worse(rows):
    frame = pl.DataFrame(
        [
            {"orders": n, "last_order_on": TODAY - timedelta(days=d) if n else None, "spent_minor": m * 100 if n else 0}
            for n, d, m in rows
        ],
        schema={"orders": pl.Int64, "last_order_on": pl.Date, "spent_minor": pl.Int64},
    )
    scored = score_customers(frame, TODAY).filter(pl.col("orders") > 0)
    for column, score in (("orders", "f"), ("last_order_on", "r"), ("spent_minor", "m")):
        pairs = scored.select(column, score).unique().sort(column)
        assert pairs.height == pairs.get_column(column).n_unique()
        assert pairs.get_column(score).is_sorted()
    assert set(score_customers(frame, TODAY).get_column("rfm_group")) <= set(GROUPS)


@given(st.integers(0, 30))
@settings(max_examples=10, deadline=None)
def test_rfm_does_not_depend_on_the_day_it_is_asked(later):
    facts = FACTS[1].customers.select("orders", "last_order_on", "spent_minor")
    now = score_customers(facts, date(2011, 1, 1))
    assert now.equals(score_customers(facts, date(2011, 1, 1) + timedelta(days=later)))
