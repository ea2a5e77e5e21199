"""Laws of the import's arithmetic: rounding, control totals, reading of amounts, matching of returns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_core.channels.values import MICRO, Unreadable, amount, whole
from oms_core.imports.amounts import half_even
from oms_core.imports.choose import control_totals
from oms_core.imports.matching import Returned, SoldLine, match

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**6))
def test_columns_round_like_decimal(value, divisor):
    frame = pl.DataFrame({"v": [value], "d": [divisor]})
    got = frame.select(half_even(pl.col("v"), pl.col("d"))).item()
    # 40 digits are enough for the quotient of these integers
    assert got == int((Decimal(value) / Decimal(divisor)).to_integral_value(ROUND_HALF_EVEN))


@given(st.integers(-(10**11), 10**11), st.integers(0, 6), st.booleans())
def test_an_amount_is_read_as_it_was_written(value, digits, comma):
    """Six decimals, Polish or English dress, blanks every three digits, currency behind: the same amount."""
    exact = Decimal(value).scaleb(-digits)
    text = f"{exact:,.{digits}f}"
    dressed = text.replace(",", " ").replace(".", ",") if comma else text.replace(",", "'")
    expected = int(exact * MICRO)
    assert amount(dressed, decimal="," if comma else ".", thousands="") == expected
    assert amount(f"{dressed} PLN", decimal="," if comma else ".", thousands="") == expected


@given(st.integers(-(10**9), 10**9))
def test_a_quantity_is_whole(value):
    assert whole(f"{value}.000", decimal=".", thousands="") == value
    with pytest.raises(Unreadable):
        whole(f"{value}.5", decimal=".", thousands="")


ROW = st.tuples(st.sampled_from(["A", "B", "C"]), st.integers(-5, 5), st.integers(-(10**9), 10**9))


@given(st.lists(ROW, min_size=1, max_size=20), st.integers(0, 20), st.randoms())
def test_control_totals_add_up_and_ignore_order(rows, cut, random):
    """The totals of a document are the sums of those of its parts, in whatever order its rows come."""
    schema = {"sku": pl.String, "quantity": pl.Int64, "amount": pl.Int64}

    def totals(part):
        frame = pl.DataFrame(part, schema=schema, orient="row").with_columns(order=pl.lit("1"))
        found = control_totals(frame, "order").drop("order").rows()
        return found[0] if found else (0, 0, 0, 0)

    parts = zip(totals(rows[:cut]), totals(rows[cut:]), strict=True)
    assert totals(rows) == tuple(a + b for a, b in parts)
    shuffled = rows[:]
    random.shuffle(shuffled)
    assert totals(shuffled) == totals(rows)


def test_control_totals_see_a_swapped_code():
    def totals(*rows):
        frame = pl.DataFrame(rows, schema=["sku", "quantity", "amount"], orient="row")
        return control_totals(frame.with_columns(order=pl.lit("1")), "order").row(0)

    assert totals(("A", 1, 5), ("B", 2, 5)) != totals(("B", 1, 5), ("A", 2, 5))
    assert totals(("A", 1, 5)) != totals(("B", 1, 5))


SOLD = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from("xy"), st.sampled_from("AB"), st.integers(1, 4)), max_size=12
)
BACK = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from(["x", "y", None]), st.sampled_from("AB"), st.integers(1, 4)),
    max_size=12,
)


@given(SOLD, BACK)
def test_a_match_is_a_sale_it_can_reverse(sold, back):
    """Same customer and code, sold before, never more back than sold; guests match nothing; no hit was left out."""
    lines = [
        SoldLine(("new", i), f"o{i}", who, sku, 100, BEGIN + timedelta(days=day), units)
        for i, (day, who, sku, units) in enumerate(sorted(sold))
    ]
    sent = {line.key: line.left_qty for line in lines}
    returned = [
        Returned(i, f"r{i}", who, sku, 100, units, BEGIN + timedelta(days=day), None)
        for i, (day, who, sku, units) in enumerate(sorted(back, key=lambda b: b[0]))
    ]
    found = match(lines, returned)
    taken = dict.fromkeys(sent, 0)
    for line in returned:
        hit = found.get(line.sequence)
        if hit is None:
            continue
        assert (hit.customer, hit.sku) == (line.customer, line.sku)
        assert hit.at <= line.at
        taken[hit.key] += line.quantity
    assert all(taken[key] <= sent[key] for key in sent)
    assert not {b.sequence for b in returned if b.customer is None} & set(found)
    for line in returned:
        if line.sequence not in found and line.customer is not None:
            fits = [s for s in lines if (s.customer, s.sku) == (line.customer, line.sku) and s.at <= line.at]
            assert all(s.left_qty < line.quantity for s in fits)
