"""Inventory formulas against the numbers of the textbook (Snyder & Shen, 2nd edition)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting import policies
from oms_core.kernel.errors import InvalidInput

JOES = {"fixed_cost": 8.0, "holding_cost": 0.225, "demand_rate": 1300.0}


def test_example_3_1_economic_order_quantity() -> None:
    lot = policies.economic_order_quantity(**JOES)
    assert (lot.quantity, lot.cost) == pytest.approx((304.0467800, 68.4105255))


def test_example_3_8_with_backorders() -> None:
    lot = policies.economic_order_quantity(**JOES, stockout_cost=5.0)
    assert (lot.quantity, lot.short, lot.cost) == pytest.approx((310.8125552, 0.0430622, 66.9213636), rel=1e-6)


def test_economic_production_quantity() -> None:
    lot = policies.economic_production_quantity(**JOES, production_rate=1700.0)
    assert (lot.quantity, lot.cost) == pytest.approx((626.8084946, 33.1839791))


@pytest.mark.parametrize(
    ("given", "quantity", "cost"),
    [
        ({"fixed_cost": 8, "holding_rate": 0.3, "demand_rate": 1300,
          "breaks": [(0, 0.75), (400, 0.72), (800, 0.68)]}, 800, 978.6),
        ({"fixed_cost": 200, "holding_rate": 0.2, "demand_rate": 1000,
          "breaks": [(0, 500), (200, 475), (500, 450)]}, 500, 472_900),
    ],
)  # fmt: skip
def test_example_3_5_all_units_discount(given: dict, quantity: float, cost: float) -> None:
    lot = policies.all_units_discount(**given)
    assert (lot.quantity, lot.cost) == pytest.approx((quantity, cost))


def test_example_3_9_wagner_whitin() -> None:
    lot = policies.wagner_whitin(fixed_cost=500, holding_cost=2, demand=[90, 120, 80, 70])
    assert (lot.quantity, lot.cost) == pytest.approx((210, 1380))


def test_example_4_3_newsvendor_normal_with_and_without_lead_time() -> None:
    lot = policies.newsvendor_normal(mean=50, sd=8, stockout_cost=0.70, holding_cost=0.18)
    assert (lot.quantity, lot.cost) == pytest.approx((56.6039559, 1.9976052))
    later = policies.newsvendor_normal(mean=250, sd=8 * 5**0.5, stockout_cost=0.70, holding_cost=0.18)
    assert (later.quantity, later.cost) == pytest.approx((264.7668944, 4.4667810))


@pytest.mark.parametrize(("h", "p", "mean", "stock", "cost"), [(1, 4, 6, 8, 3.5701069), (0.18, 0.7, 50, 56, 1.7972352)])
def test_newsvendor_poisson(h: float, p: float, mean: float, stock: int, cost: float) -> None:
    lot = policies.newsvendor_poisson(mean=mean, stockout_cost=p, holding_cost=h)
    assert (lot.quantity, lot.cost) == pytest.approx((stock, cost))


RQ = {"fixed_cost": 8.0, "holding_cost": 0.225, "stockout_cost": 7.5, "demand_rate": 1300.0}
LEAD = {"lead_mean": 1300 / 12, "lead_sd": 150 / 12**0.5}


def test_example_5_1_reorder_point_and_quantity() -> None:
    found = policies.reorder_policy(**RQ, **LEAD)
    assert (found.reorder_point, found.quantity, found.cost) == pytest.approx((213.97044, 318.59018, 95.45114))


def test_cost_of_a_given_reorder_policy() -> None:
    safe = policies.rq_cost(reorder_point=213.97044, quantity=318.59018, **RQ, **LEAD)
    assert safe == pytest.approx(95.45114, rel=1e-6)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (policies.loss_standard_normal(0.3), (0.2667612, 0.5667612)),
        (policies.loss_normal(55, 50, 8), (1.2953601, 6.2953601)),
        (policies.loss_poisson(18, 15), (0.5176095, 3.5176095)),
        (policies.loss_negative_binomial(14, 14.0, 1 / 6), (2.6829458, 2.6829458)),
    ],
)
def test_losses(found: tuple[float, float], expected: tuple[float, float]) -> None:
    assert found == pytest.approx(expected, rel=1e-6)


def test_fill_rate_of_a_reorder_policy() -> None:
    short = policies.loss_normal(6000, 5000, 707.1)[0]
    assert short == pytest.approx(25.2, abs=0.1)
    assert policies.fill_rate(reorder_point=6000, quantity=10_000, mean=5000, sd=707.1) == pytest.approx(
        0.99748, abs=1e-5
    )


POSITIVE = st.floats(0.1, 100.0)


@given(POSITIVE, POSITIVE, POSITIVE, POSITIVE, st.floats(0.5, 0.999))
def test_more_lead_time_never_lowers_the_reorder_point(
    mean: float, sd: float, lead: float, more: float, service: float
) -> None:
    here = policies.reorder_point(demand_mean=mean, demand_sd=sd, lead_time_days=lead, service_level=service)
    later = policies.reorder_point(demand_mean=mean, demand_sd=sd, lead_time_days=lead + more, service_level=service)
    unsure = policies.reorder_point(
        demand_mean=mean, demand_sd=sd, lead_time_days=lead, lead_time_sd_days=more, service_level=service
    )
    assert later >= here
    assert unsure >= here


@pytest.mark.parametrize(
    "call",
    [
        lambda: policies.economic_order_quantity(fixed_cost=0, holding_cost=1, demand_rate=1),
        lambda: policies.economic_production_quantity(fixed_cost=1, holding_cost=1, demand_rate=2, production_rate=2),
        lambda: policies.all_units_discount(fixed_cost=1, holding_rate=1, demand_rate=1, breaks=[]),
        lambda: policies.reorder_point(demand_mean=-1, demand_sd=1, lead_time_days=1),
        lambda: policies.reorder_point(demand_mean=1, demand_sd=1, lead_time_days=1, service_level=1.0),
    ],
)
def test_impossible_numbers_are_refused(call) -> None:
    with pytest.raises(InvalidInput):
        call()
