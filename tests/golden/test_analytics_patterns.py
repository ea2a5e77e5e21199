"""Cohorts and baskets, as worked out by hand from `tests.analytics_shop` and from orders made for it."""

from __future__ import annotations

import random
from datetime import date
from math import comb

import analytics_shop as golden
import pytest

from analytics.baskets import baskets
from analytics.cohorts import cohorts, table
from analytics.replica import Replica
from oms_core.kernel.database import make_engine
from oms_core.kernel.errors import InvalidInput, NotFound, Refused

TODAY = date(2024, 4, 4)
MARCH, APRIL = date(2024, 3, 1), date(2024, 4, 1)
#: Orders of 1 May: what stands in them. 10 with A and B, 5 with each alone, 2 of A and C, 48 of C; one of everything
#: there is belongs to a dealer and is no basket.
MADE = [*["AB"] * 10, *["A"] * 5, *["B"] * 5, *["AC"] * 2, *["C"] * 48, "ABC"]


@pytest.fixture(scope="module")
def opened(migrated_sqlite, tmp_path_factory):
    """Replicas by name: the golden shop, and one whose orders hold `MADE`."""
    found = {}
    for name, tables in (("golden", golden.rows()), ("made", made())):
        folder = tmp_path_factory.mktemp(name)
        (folder / "oms.db").write_bytes(migrated_sqlite.read_bytes())
        url = f"sqlite:///{folder / 'oms.db'}"
        golden.build(make_engine(url), tables)
        found[name] = Replica.open(folder / "replica.duckdb", url)
        found[name].refresh()
    yield found
    for replica in found.values():
        replica.close()


def made():
    """The golden shop's master data with orders of 1 May, and 400 of June in which products meet by chance alone."""
    found = golden.rows()
    kept = {name: found[name] for name in ("channels", "locations", "customers", "products", "variants")}
    dice = random.Random(7)  # noqa: S311 - a shuffle, no secret
    extra = {key: f"R{key}" for key in range(10, 22)}
    kept["variants"] = kept["variants"] + [
        dict(kept["variants"][0], id=key, sku=sku, title=sku) for key, sku in extra.items()
    ]
    june = [[key for key in extra if dice.random() < 0.25] or [10] for _ in range(400)]
    goods = [(date(2024, 5, 1), ["ABC".index(sku) + 1 for sku in held]) for held in MADE]
    goods += [(date(2024, 6, 1), held) for held in june]
    orders, lines = [], []
    for number, (on, held) in enumerate(goods, start=1):
        orders.append(golden.order(number, f"{on:%m-%d}", 1, 1, "PL", gross=1000 * len(held)))
        for key in held:
            line = golden.line(len(lines) + 1, number, 1, 1)
            lines.append(line | {"variant_id": key, "position": len(lines) + 1})
    return kept | {"orders": orders, "order_lines": lines}


def test_cohorts_follow_customers_by_the_month_of_their_first_standing_order(opened):
    found = cohorts(opened["golden"], today=TODAY)
    rows = {(r["cohort"], r["month"]): r for r in found.to_dicts()}
    assert list(rows) == [(MARCH, 0), (MARCH, 1), (APRIL, 0)]
    # Ann and Ben in March; both came again in April, Ben's cancelled order does not count; Cy first in April
    assert [(r["size"], r["customers"], r["orders"]) for r in rows.values()] == [(2, 2, 3), (2, 2, 3), (1, 1, 2)]
    assert [r["net_minor"] for r in rows.values()] == [
        2000 + 2250 + 3150, 1000 + 700 - 100 - 1000 - 2500, 2500 + 700
    ]  # fmt: skip
    # margin only where the cost is known; B came back damaged and gives no cost back
    assert [r["margin_minor"] for r in rows.values()] == [1200 + 1250 + 1750, 600 - 600 - 2500, 1500]
    assert [r["is_partial"] for r in rows.values()] == [False, True, True]
    wide = table(found, "revenue_per_customer").to_dicts()
    assert wide == [
        {"cohort": MARCH, "size": 2, "0": 3700, "1": 2750}, {"cohort": APRIL, "size": 1, "0": 3200, "1": None}
    ]  # fmt: skip
    assert table(found, "retention")["1"].to_list() == [1.0, None]
    later = cohorts(opened["golden"], today=date(2024, 6, 2), since=APRIL)
    assert [(r["month"], r["customers"], r["net_minor"]) for r in later.to_dicts()] == [
        (0, 1, 3200),
        (1, 0, 0),
        (2, 0, 0),
    ]
    with pytest.raises(InvalidInput, match="EUR"):
        cohorts(opened["golden"], today=TODAY, currency="EUR")


def test_cohorts_never_mix_currencies(opened):
    cursor = opened["golden"].cursor()
    golden.overwrite(cursor, "UPDATE raw.orders SET currency = 'EUR' WHERE id = 2")
    with pytest.raises(Refused, match="EUR, PLN"):
        cohorts(opened["golden"], today=TODAY)
    march = cohorts(opened["golden"], today=TODAY, currency="EUR").to_dicts()[0]
    golden.overwrite(cursor, "UPDATE raw.orders SET currency = 'PLN' WHERE id = 2")
    assert (march["customers"], march["net_minor"]) == (2, 2250)


def test_products_are_bought_together_when_it_is_more_than_chance(opened):
    may = {"since": date(2024, 5, 1), "until": date(2024, 6, 1)}
    pair, by_chance = baskets(opened["made"], least=2, most=2, **may).to_dicts()
    n, a, b, k = 70, 17, 15, 10
    assert (pair["sku_a"], pair["sku_b"], pair["both"], pair["orders"], pair["left_out"]) == ("A", "B", k, n, 1)
    assert (pair["support"], pair["confidence"], pair["lift"]) == (k / n, k / a, pytest.approx(k * n / (a * b)))
    by_hand = sum(comb(a, i) * comb(n - a, b - i) for i in range(k, b + 1)) / comb(n, b)
    assert pair["p_value"] == pytest.approx(by_hand)
    assert pair["is_significant"]
    assert (by_chance["sku_b"], by_chance["both"], by_chance["is_significant"]) == ("C", 2, False)
    [asked] = baskets(opened["made"], sku="B", least=2, most=2, **may).to_dicts()
    assert (asked["sku_a"], asked["sku_b"], asked["confidence"]) == ("B", "A", k / b)


def test_what_meets_by_chance_is_not_called_a_pair(opened):
    june = baskets(opened["made"], since=date(2024, 6, 1), until=date(2024, 7, 1))
    assert june.height == 66
    assert june["lift"].max() > 1.1
    assert june["is_significant"].sum() == 0


def test_an_unknown_product_or_an_empty_period_is_said(opened):
    with pytest.raises(NotFound, match="sku"):
        baskets(opened["made"], since=MARCH, until=APRIL, sku="AA")
    assert baskets(opened["made"], since=MARCH, until=APRIL).is_empty()
    with pytest.raises(InvalidInput):
        baskets(opened["made"], since=MARCH, until=APRIL, most=1)
