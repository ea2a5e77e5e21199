"""Laws of the expression language that hold for every tree and every text."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_core.kernel.expressions import (
    And,
    Between,
    Call,
    Compare,
    ExpressionFault,
    In,
    IsNull,
    Name,
    Not,
    Offset,
    Or,
    as_lines,
    as_text,
    parse,
    sentence,
)

KEYWORDS = {
    "matches",
    "not_matches",
    "today",
    "yesterday",
    "and",
    "or",
    "not",
    "in",
    "is",
    "null",
    "between",
    "contains",
    "starts",
    "with",
    "true",
    "false",
}
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True).filter(lambda n: n not in KEYWORDS)
TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
VALUES = st.one_of(
    TEXTS,
    st.integers(-(10**12), 10**12),
    st.decimals(-(10**6), 10**6, places=2),
    st.booleans(),
    st.dates(date(1970, 1, 1), date(2100, 1, 1)),
    st.builds(Offset, st.integers(-90, 90), st.sampled_from("dwmy")),
)
ARGUMENTS = st.dictionaries(NAMES | st.just(""), VALUES, max_size=3).map(lambda d: tuple(sorted(d.items())))
SUBJECTS = st.builds(Name, NAMES) | st.builds(Call, NAMES, ARGUMENTS)
OPERATORS = st.sampled_from(
    ["=", "!=", ">", ">=", "<", "<=", "CONTAINS", "NOT CONTAINS", "STARTS WITH", "NOT STARTS WITH"]
)
CONDITIONS = st.one_of(
    st.builds(Compare, SUBJECTS, OPERATORS, VALUES),
    st.builds(Between, SUBJECTS, VALUES, VALUES, st.booleans()),
    st.builds(In, SUBJECTS, st.lists(VALUES, min_size=1, max_size=4).map(tuple), st.booleans()),
    st.builds(IsNull, SUBJECTS, st.booleans()),
)


TESTS = st.one_of(
    st.builds(Compare, st.builds(Name, NAMES), OPERATORS, VALUES),
    st.builds(Between, st.builds(Name, NAMES), VALUES, VALUES, st.booleans()),
)
CONDITIONS |= st.builds(
    lambda name, tests, op: Compare(Call(name, (), tuple(tests)), op, value=True),
    NAMES, st.lists(TESTS, max_size=3), st.sampled_from(["=", "!="]),
)  # fmt: skip


def several(of):
    return st.lists(of, min_size=2, max_size=3).map(tuple)


TREES = st.recursive(
    CONDITIONS,
    lambda inner: st.builds(Not, inner) | st.builds(And, several(inner)) | st.builds(Or, several(inner)),
    max_leaves=8,
)


@given(TREES)
def test_what_is_written_out_reads_back_as_the_same_tree(tree):
    assert parse(as_text(tree)) == tree
    assert parse(as_lines(tree)) == tree


@given(TREES)
def test_canonical_text_is_stable(tree):
    assert as_text(parse(as_text(tree))) == as_text(tree)


@given(TREES, st.sampled_from(["en", "pl", "de"]))
def test_every_tree_has_a_sentence(tree, language):
    assert sentence(tree, language)


def read_or_fault(text):
    try:
        return parse(text), None
    except ExpressionFault as fault:
        return None, fault


@given(st.text(max_size=80) | st.text("()'\\=<>!andornt0123456789-. ,:_", max_size=80))
def test_any_text_is_a_tree_or_one_explained_fault(text):
    tree, fault = read_or_fault(text)
    if fault is None:
        assert parse(as_text(tree)) == tree
    else:
        assert fault.code in {"expression.syntax", "expression.too_large"}
        assert fault.facts["line"] >= 1
        assert fault.facts["column"] >= 1


@given(TEXTS)
def test_any_text_survives_quoting(text):
    tree = parse(as_text(Compare(Name("city"), "=", text)))
    assert tree == Compare(Name("city"), "=", text)


@pytest.mark.parametrize("word", ["AND", "and", "aNd"])
def test_keywords_ignore_case(word):
    assert parse(f"a = 1 {word} b = 2") == And((Compare(Name("a"), "=", 1), Compare(Name("b"), "=", 2)))


def test_and_binds_tighter_than_or_and_not_tightest():
    a, b, c = (Compare(Name(n), "=", Decimal(1)) for n in "abc")
    assert parse("a = 1 OR b = 1 AND NOT c = 1") == Or((a, And((b, Not(c)))))
