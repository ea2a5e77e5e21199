"""Whatever two periods sold: volume, mix and price add up to the change, in every row and in the whole."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from analytics.explain import EFFECTS, explained, total

amount = st.integers(-10_000_000, 10_000_000)
item = st.fixed_dictionaries({
    "units": st.integers(0, 5000), "units_previous": st.integers(0, 5000),
    "gross_sales": amount, "gross_sales_previous": amount, "discounts": amount, "discounts_previous": amount,
    "returns": amount, "returns_previous": amount,
})  # fmt: skip
items = st.lists(item, min_size=1, max_size=12)


def numbered(rows):
    return pl.DataFrame([{"sku": str(n), **row} for n, row in enumerate(rows)])


@given(items)
def test_the_effects_are_the_change_to_the_minor_unit(rows):
    found = explained(numbered(rows), "net_sales")
    for row in [*found.to_dicts(), *total(found).to_dicts()]:
        assert row["volume"] + row["mix"] + row["price"] == row["change"] == row["now"] - row["before"]
        assert row["list_price"] + row["discounts"] + row["returns"] == row["price"]
    net = [row["gross_sales"] - row["discounts"] - row["returns"] for row in rows]
    before = [r["gross_sales_previous"] - r["discounts_previous"] - r["returns_previous"] for r in rows]
    assert total(found)["change"].item() == sum(net) - sum(before)


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(1, 10_000)), min_size=1, max_size=8), st.integers(1, 9))
def test_growth_alone_is_volume_and_another_price_alone_is_price(sold, factor):
    def at(units, price):
        return [{"sku": str(n), "units_previous": q, "gross_sales_previous": q * p, "units": q * units,
                 "gross_sales": q * units * p * price} for n, (q, p) in enumerate(sold)]  # fmt: skip

    whole = sum(q * p for q, p in sold)
    grown = total(explained(pl.DataFrame(at(factor, 1)), "gross_sales")).row(0, named=True)
    assert {e: grown[e] for e in EFFECTS[:3]} == {"volume": whole * (factor - 1), "mix": 0, "price": 0}
    dearer = total(explained(pl.DataFrame(at(1, factor)), "gross_sales")).row(0, named=True)
    assert {e: dearer[e] for e in EFFECTS[:3]} == {"volume": 0, "mix": 0, "price": whole * (factor - 1)}
