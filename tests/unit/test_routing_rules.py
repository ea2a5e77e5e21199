"""Routing: stock first, then the shop's rules in order; the first without a tie decides."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_core.locations.geography import Point, distance_km, locate
from oms_core.routing.receipt import reason
from oms_core.routing.rules import Candidate, covers, route

WARSAW, LODZ = Point(52.25, 21.0), Point(51.75, 19.4667)
SKUS = {1: "SKU-1", 2: "SKU-2", 7: "SKU-7"}


def place(key: int, name: str, units: dict[int, int], *, rank: int | None = None, at: Point | None = None) -> Candidate:
    return Candidate(key, name, rank or key, at, units)


LEEDS = place(1, "Leeds", {1: 5, 2: 5, 7: 5})
BRISTOL = place(2, "Bristol", {1: 5, 2: 5})
TOWN = place(3, "Łódź", {1: 5, 2: 5, 7: 5})


def test_the_sentence_of_the_manual() -> None:
    wanted, candidates = {1: 1, 2: 1, 7: 1}, [LEEDS, BRISTOL, TOWN]
    plan = route(wanted, candidates)
    assert [r.winner.name for r in plan.rounds] == ["Leeds"]
    assert plan.rounds[0].decided_by == "ranked"
    said = reason(plan, wanted, candidates, SKUS)
    assert said == "Leeds ships all 3 lines; Bristol lacks SKU-7; Leeds is ranked before Łódź"


def test_a_place_without_stock_is_no_candidate() -> None:
    plan = route({7: 1}, [BRISTOL, TOWN])
    assert plan.rounds[0].winner.name == "Łódź"
    assert plan.rounds[0].decided_by == "stock"


def test_fewest_splits_beats_rank() -> None:
    plan = route({1: 1, 7: 1}, [place(1, "Small", {1: 9}), place(2, "Big", {1: 9, 7: 9})])
    assert [r.winner.name for r in plan.rounds] == ["Big"]
    assert plan.rounds[0].decided_by == "fewest_splits"


def test_the_order_of_rules_is_the_shops() -> None:
    candidates = [place(1, "Small", {1: 9}), place(2, "Big", {1: 9, 7: 9})]
    plan = route({1: 1, 7: 1}, candidates, rules=("ranked", "fewest_splits"))
    assert [r.winner.name for r in plan.rounds] == ["Small", "Big"]


def test_equal_rank_goes_to_the_closest_and_then_to_the_lowest_id() -> None:
    near, far = place(9, "Łódź", {1: 1}, rank=1, at=LODZ), place(2, "Warszawa", {1: 1}, rank=1, at=WARSAW)
    plan = route({1: 1}, [far, near], to=Point(51.8, 19.5))
    assert (plan.rounds[0].winner.name, plan.rounds[0].decided_by) == ("Łódź", "closest")
    assert "Łódź is 6 km away, Warszawa 114 km" in reason(plan, {1: 1}, [far, near], SKUS)
    twins = [place(4, "B", {1: 1}, rank=1, at=LODZ), place(3, "A", {1: 1}, rank=1, at=LODZ)]
    plan = route({1: 1}, twins, to=WARSAW)
    assert (plan.rounds[0].winner.name, plan.rounds[0].decided_by) == ("A", "location_id")


def test_a_place_nobody_can_find_comes_last() -> None:
    lost, found = place(1, "Nowhere", {1: 1}, rank=1), place(2, "Łódź", {1: 1}, rank=1, at=LODZ)
    assert route({1: 1}, [lost, found], to=WARSAW).rounds[0].winner.name == "Łódź"


def test_two_shipments_when_two_do_even_if_the_biggest_would_need_three() -> None:
    # greedy would start with the place that has most units and end with three parcels
    candidates = [
        place(1, "Most", {1: 4, 2: 4}),
        place(2, "Left", {1: 5, 2: 3}),
        place(3, "Right", {2: 3, 7: 6}),
        place(4, "Rest", {7: 1}),
    ]
    plan = route({1: 5, 2: 6, 7: 6}, candidates, rules=("fewest_splits",))
    assert {r.winner.name for r in plan.rounds} == {"Left", "Right"}


def test_a_split_says_why_it_starts_where_it_does() -> None:
    candidates = [place(1, "Small", {1: 1, 2: 1}), place(2, "Left", {1: 9, 2: 1}), place(3, "Right", {2: 9})]
    wanted = {1: 5, 2: 10}
    said = reason(route(wanted, candidates), wanted, candidates, SKUS)
    assert said == (
        "Left ships 6 of 15 units (2 lines); Small has no line in full; Right has no line in full; "
        "Left is ranked before Right; Right ships 9 of 9 units (1 line)"
    )


def test_what_nobody_has_is_named_and_the_rest_is_still_planned() -> None:
    plan = route({1: 6, 7: 20}, [LEEDS, BRISTOL, TOWN])
    assert dict(plan.missing) == {7: 10}


@given(
    wanted=st.dictionaries(st.integers(1, 4), st.integers(1, 6), min_size=1, max_size=4),
    stocks=st.lists(st.dictionaries(st.integers(1, 4), st.integers(0, 6), max_size=4), min_size=1, max_size=5),
)
def test_plans_are_exact_and_as_short_as_can_be(wanted: dict[int, int], stocks: list[dict[int, int]]) -> None:
    candidates = [place(n, f"P{n}", units) for n, units in enumerate(stocks, start=1)]
    plan = route(wanted, candidates)
    shipped = {v: sum(r.take.get(v, 0) for r in plan.rounds) for v in wanted}
    assert {v: n + plan.missing.get(v, 0) for v, n in shipped.items()} == wanted
    for chosen in plan.rounds:
        assert all(0 < n <= chosen.winner.units[v] for v, n in chosen.take.items())
    assert len({r.winner.location_id for r in plan.rounds}) == len(plan.rounds)
    if not plan.missing:
        shortest = min(
            size
            for size in range(1, len(candidates) + 1)
            for group in combinations(candidates, size)
            if covers(wanted, group)
        )
        assert len(plan.rounds) == shortest or shortest > 3


def test_many_places_are_still_routed() -> None:
    candidates = [place(n, f"P{n}", {n: 1}) for n in range(1, 21)]
    plan = route(dict.fromkeys(range(1, 21), 1), candidates)
    assert not plan.missing
    assert len(plan.rounds) == 20


@pytest.mark.parametrize(
    ("country", "code", "source"),
    [("PL", "90-001", "postal_code"), ("PL", "90001", "postal_code"), ("PL", "", "country"), ("GB", "LS1", "country")],
)
def test_addresses_are_found_offline(country: str, code: str, source: str) -> None:
    found = locate(country, code)
    assert found is not None
    assert found.source == source


def test_an_unknown_country_has_no_place() -> None:
    assert locate("", "90-001") is None
    assert locate("XX") is None


def test_warsaw_to_lodz_is_about_118_km() -> None:
    warsaw, lodz = locate("PL", "00-001"), locate("PL", "90-001")
    assert warsaw is not None
    assert lodz is not None
    assert distance_km(warsaw, lodz) == pytest.approx(118.8, abs=0.5)
    assert distance_km(lodz, lodz) == 0


def test_an_unlisted_code_takes_its_neighbours_place() -> None:
    assert locate("PL", "00-000") == locate("PL", "00-001")
    assert locate("PL", "99-999") is not None
