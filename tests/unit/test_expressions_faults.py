"""A mistake in an expression is shown with its place and what was probably meant."""

from __future__ import annotations

from datetime import date

import pytest

from oms_core.kernel.errors import InvalidInput
from oms_core.kernel.expressions import (
    Attribute,
    Call,
    Compare,
    ExpressionFault,
    Function,
    In,
    Name,
    Offset,
    as_text,
    check,
    parse,
    read,
    resolve,
    sentence,
)

ATTRIBUTES = {
    a.name: a
    for a in (
        Attribute(name="number_of_orders", kind="number", labels={"en": "number of orders", "pl": "liczba zamówień"}),
        Attribute(name="country", kind="text"),
        Attribute(name="rfm_group", kind="choice", options=("CHAMPIONS", "AT_RISK")),
        Attribute(name="last_order_date", kind="date"),
        Attribute(name="in_europe", kind="boolean"),
        Attribute(name="channels", kind="list"),
    )
}
FUNCTIONS = {
    "orders_placed": Function(
        name="orders_placed",
        arguments={"since": "date", "count": "number"},
        returns=("boolean", "number"),
        positional="since",
    )
}


@pytest.mark.parametrize(
    ("text", "column", "hint"),
    [
        ("country = 'PL", 11, "not closed"),
        ('country = "PL"', 11, "single quotes"),
        ("country CONTANS 'P'", 9, "CONTAINS"),
        ("country == 'PL'", 10, "once"),
        ("country = NULL", 11, "IS NULL"),
        ("a > 1,5", 6, "with a point: 1.5"),
        ("a = 1 && b = 2", 7, "AND"),
        ("(a = 1", 7, "closing parenthesis"),
        ("a = 2023-02-30", 5, "YYYY-MM-DD"),
        ("a =", 4, "value"),
        ("a = 1 b = 2", 7, "AND or OR"),
        ("f(count >= 3) = TRUE", 9, "name: value"),
    ],
)
def test_syntax_faults_name_place_and_cure(text, column, hint):
    with pytest.raises(InvalidInput) as caught:
        parse(text)
    assert caught.value.code == "expression.syntax"
    assert caught.value.facts["column"] == column
    assert hint in caught.value.hint
    assert caught.value.facts["caret"].endswith(" " * (column - 1) + "^")


def test_the_line_is_counted():
    with pytest.raises(ExpressionFault) as caught:
        parse("a = 1\nAND b ~ 2")
    assert (caught.value.facts["line"], caught.value.facts["column"]) == (2, 7)


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ("number_of_order > 1", "expression.unknown_attribute", "'number_of_orders'"),
        ("orders_placed > 1", "expression.unknown_attribute", "orders_placed(…)"),
        ("order_placed(since: -1d) = true", "expression.unknown_function", "'orders_placed'"),
        ("number_of_orders > 'many'", "expression.type", "a number"),
        ("number_of_orders = true", "expression.type", "a number"),
        ("rfm_group = 'CHAMPION'", "expression.type", "'CHAMPIONS'"),
        ("last_order_date > 3", "expression.type", "a date"),
        ("in_europe > true", "expression.type", "takes"),
        ("country > 'A'", "expression.type", "CONTAINS"),
        ("orders_placed(sinse: -1d) = true", "expression.type", "'since'"),
        ("orders_placed(since: 'soon') = true", "expression.type", "a date"),
        ("orders_placed(-1d, since: -1d) = true", "expression.type", "once"),
    ],
)
def test_type_faults_say_what_fits(text, code, hint):
    with pytest.raises(ExpressionFault) as caught:
        read(text, ATTRIBUTES, FUNCTIONS)
    assert caught.value.code == code
    assert hint in caught.value.hint


def test_values_come_out_in_the_attributes_type():
    assert read("last_order_date < '2024-01-31'", ATTRIBUTES) == Compare(
        Name("last_order_date"), "<", date(2024, 1, 31)
    )
    assert read("rfm_group in ('champions', 'At_Risk')", ATTRIBUTES) == In(Name("rfm_group"), ("CHAMPIONS", "AT_RISK"))
    assert read("orders_placed(-12m) >= 2", ATTRIBUTES, FUNCTIONS) == Compare(
        Call("orders_placed", (("since", Offset(-12, "m")),)), ">=", 2
    )


def test_a_tree_built_by_a_program_is_checked_without_a_place():
    with pytest.raises(ExpressionFault) as caught:
        check(Compare(Name("nowhere"), "=", 1), ATTRIBUTES)
    assert "line 1" not in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "NOT " * 21 + "a",
        " OR ".join(["a = 1"] * 101),
        f"a IN ({', '.join(['1'] * 1001)})",
        "a = '" + "x" * 100_001 + "'",
    ],
)
def test_an_expression_has_limits(text):
    with pytest.raises(ExpressionFault) as caught:
        parse(text)
    assert caught.value.code == "expression.too_large"


def test_ten_thousand_parentheses_are_no_danger():
    assert as_text(parse("(" * 10_000 + "a = 1" + ")" * 10_000)) == "a = 1"


@pytest.mark.parametrize(
    ("offset", "today", "day"),
    [
        (Offset(-30, "d"), date(2024, 3, 31), date(2024, 3, 1)),
        (Offset(-4, "w"), date(2024, 3, 31), date(2024, 3, 3)),
        (Offset(-1, "m"), date(2024, 3, 31), date(2024, 2, 29)),
        (Offset(-1, "y"), date(2024, 2, 29), date(2023, 2, 28)),
        (Offset(1, "m"), date(2024, 12, 31), date(2025, 1, 31)),
    ],
)
def test_offsets_follow_the_calendar(offset, today, day):
    assert resolve(offset, today) == day


def test_named_days_are_offsets():
    assert parse("a = today") == Compare(Name("a"), "=", Offset(0, "d"))
    assert parse("a = 7_days_ago") == parse("a = -7d")
    assert parse("a = 12_months_ago") == parse("a = -12m")


def test_sentences_in_both_languages():
    tree = read("number_of_orders >= 3 AND last_order_date < -90d", ATTRIBUTES)
    assert (
        sentence(tree, "en", ATTRIBUTES) == "number of orders is at least 3 and last order date more than 90 days ago"
    )
    assert sentence(tree, "pl", ATTRIBUTES) == "liczba zamówień: co najmniej 3 i last order date: ponad 90 dni temu"
    assert (
        sentence(parse("NOT in_europe = FALSE OR a = -1y"), "pl") == "nie jest tak, że nie in europe lub a: 1 rok temu"
    )
    assert sentence(parse("a = -22m"), "pl") == "a: 22 miesiące temu"
