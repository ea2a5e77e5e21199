"""The demo's simulation in parts: pure functions of a seed, true to the real sales."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from app.demo.buying import buy
from app.demo.calendar import Calendar
from app.demo.carriage import ready_at, ship_by
from app.demo.categories import category_of
from app.demo.demand import demand
from app.demo.money import payment_plan
from app.demo.parcels import plan, promise, working_days_after
from app.demo.people import consents, person
from app.demo.places import CONTINENT, PARCEL, SUPPLIERS, carrier_for
from app.demo.terms import terms
from oms_core.fulfilment.states import SHIPMENT

ZONE = "Europe/London"
MONDAY = datetime(2010, 11, 29, 15, 0, tzinfo=UTC)
CUT = 140


@pytest.fixture(scope="module")
def sales() -> pl.DataFrame:
    """Lumpy sales of 60 products over 150 days."""
    random = np.random.default_rng(5)
    rows = []
    for variant in range(1, 61):
        for day in np.flatnonzero(random.random(150) < 0.05 + 0.3 * random.random()):
            country = "DE" if variant % 7 == 0 else "GB"
            quantity = int(random.negative_binomial(1, 0.05) + 1)
            rows.append((variant, f"{500_000 + len(rows)}", country, date(2010, 7, 1) + timedelta(int(day)), quantity))
    schema = {
        "variant_id": pl.Int64,
        "order_key": pl.String,
        "country": pl.String,
        "day": pl.Date,
        "quantity": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def bought(sales: pl.DataFrame, seed: int = 3):  # type: ignore[no-untyped-def]
    found = demand(sales, until=date(2010, 11, 27))
    calendar = Calendar(found.since, found.units.shape[1], ZONE)
    own = {v: terms(f"SKU{v}", "CREAM MUG", 250, seed=seed) for v in range(1, 61)}
    return found, buy(found, own, calendar=calendar, cut=min(CUT, calendar.days - 2), seed=seed)


def test_demand_is_every_unit_sold(sales: pl.DataFrame) -> None:
    found, _ = bought(sales)
    assert found.units.sum() == sales["quantity"].sum()


def stock(plan, units, days):  # type: ignore[no-untyped-def]
    came = np.zeros((units.shape[0], days + 400), dtype=np.int64)
    np.add.at(came, (np.array(plan.pair), np.array(plan.arrives_on)), np.array(plan.received))
    return plan.opening[:, None] + came[:, :days].cumsum(axis=1) - units.cumsum(axis=1)


def test_what_was_sold_was_on_the_shelf(sales: pl.DataFrame) -> None:
    found, made = bought(sales)
    cut = min(CUT, found.units.shape[1] - 2)
    assert stock(made.plan, found.units[:, :cut], cut).min() >= 0


def test_some_shelves_are_empty_in_the_end_while_customers_still_ask(sales: pl.DataFrame) -> None:
    found, made = bought(sales)
    assert stock(made.plan, found.units, found.units.shape[1])[:, -1].min() < 0


def test_nobody_sends_more_than_was_ordered(sales: pl.DataFrame) -> None:
    _, made = bought(sales)
    assert all(r <= o for r, o in zip(made.plan.received, made.plan.ordered, strict=True))
    assert all(units > 0 for units in made.plan.received)


def test_orders_are_whole_packs_placed_before_they_arrive(sales: pl.DataFrame) -> None:
    _, made = bought(sales)
    for pair, units, on, comes in zip(
        made.plan.pair, made.plan.ordered, made.plan.ordered_on, made.plan.arrives_on, strict=True
    ):
        assert units % terms(f"SKU{made.variant[pair]}", "CREAM MUG", 250, seed=3).pack_qty == 0
        assert comes > on or on == 0


def test_the_same_seed_buys_the_same(sales: pl.DataFrame) -> None:
    one, two, other = (bought(sales, seed)[1].plan for seed in (3, 3, 4))
    assert (one.pair, one.ordered, one.arrives_on) == (two.pair, two.ordered, two.arrives_on)
    assert one.arrives_on != other.arrives_on


def test_no_lorry_comes_at_the_weekend(sales: pl.DataFrame) -> None:
    found, made = bought(sales)
    days = {(found.since + timedelta(int(day))).weekday() for day in made.plan.arrives_on if day < 140}
    assert days <= {0, 1, 2, 3, 4}


@pytest.mark.parametrize(
    ("title", "category"),
    [
        ("WHITE HANGING HEART T-LIGHT HOLDER", "Candles and lights"),
        ("RED RETROSPOT MUG", "Kitchen and table"),
        ("SET OF 6 CHRISTMAS TREE DECORATIONS", "Christmas"),
        ("JUMBO BAG RED RETROSPOT", "Bags and purses"),
        ("SOMETHING UNHEARD OF", "Home and gifts"),
    ],
)
def test_a_category_follows_from_the_title(title: str, category: str) -> None:
    assert category_of(title) == category


def test_costs_leave_a_margin() -> None:
    for sku in range(500):
        found = terms(str(sku), "MUG", 1000, seed=1)
        assert 350 <= found.cost_minor <= 600
        assert found.moq_qty % found.pack_qty == 0
        assert 0 <= found.supplier < len(SUPPLIERS)


def test_a_person_is_obviously_invented_and_always_the_same() -> None:
    found = person("13085", "GB", seed=1)
    assert found == person("13085", "GB", seed=1)
    assert found.email.endswith("@example.com")
    assert found != person("13085", "GB", seed=2)


def test_consents_are_a_mix_with_source_and_wording() -> None:
    states = [consents(str(n), seed=1)[0] for n in range(2000)]
    share = sum(state == "subscribed" for _, state, _, _ in states) / len(states)
    assert 0.45 < share < 0.6
    assert {state for _, state, _, _ in states} >= {"subscribed", "unsubscribed", "pending", "not_subscribed"}
    assert all(source and wording for _, _, source, wording in states)


def parcels(n: int = 3000):  # type: ignore[no-untyped-def]
    promised = promise(MONDAY, PARCEL, ZONE)
    return promised, [plan(f"SH-{i}", MONDAY, promised, seed=1, zone=ZONE) for i in range(n)]


def test_a_parcel_only_does_what_the_machine_allows() -> None:
    _, found = parcels()
    for events in found:
        state = SHIPMENT.start
        for event in events:
            SHIPMENT.check("x", state, event.state)
            state = event.state


def test_events_of_a_parcel_are_in_order() -> None:
    _, found = parcels()
    for events in found:
        assert [e.at for e in events] == sorted(e.at for e in events)
        assert events[0].at > MONDAY


def test_most_parcels_are_on_time_and_some_are_not() -> None:
    promised, found = parcels()
    on_time = sum(e[-1].state == "delivered" and e[-1].at <= promised for e in found) / len(found)
    assert 0.9 < on_time < 0.96
    ends = {state for events in found for state in (e.state for e in events)}
    assert ends >= {"delivered", "delayed", "failed", "lost", "return_to_sender"}


def test_working_days_pass_over_the_weekend() -> None:
    friday = datetime(2010, 12, 3, 12, 0, tzinfo=UTC)
    assert working_days_after(friday, 1) == datetime(2010, 12, 6, 12, 0, tzinfo=UTC)


def test_the_warehouse_is_mostly_in_time() -> None:
    late = sum(ready_at(f"FO-{n}", MONDAY, seed=1, zone=ZONE) > ship_by(MONDAY, zone=ZONE) for n in range(2000))
    assert 0.005 < late / 2000 < 0.06


def test_goods_leave_after_the_order_and_on_weekdays() -> None:
    for n in range(300):
        at = ready_at(f"FO-{n}", datetime(2010, 12, 5, 11, 0, tzinfo=UTC), seed=1, zone=ZONE)
        assert at.weekday() < 5
        assert at > datetime(2010, 12, 5, 11, 0, tzinfo=UTC)


def test_money_comes_in_several_ways() -> None:
    plans = [payment_plan(str(n), MONDAY, on_account=True, seed=1) for n in range(2000)]
    kinds = {tuple(step.kind for step in found.steps) for found in plans}
    assert kinds == {("capture",), ("authorize", "capture"), ("authorize", "void", "capture")}
    assert all(list(f.steps) == sorted(f.steps, key=lambda s: s.at) for f in plans)


def test_carriers_fit_the_destination() -> None:
    assert carrier_for("GB", 5000, 0.5).service == "pallet"
    assert carrier_for("DE", 5, 0.5) == carrier_for("PL", 5, 0.5)
    assert carrier_for("US", 5, 0.5) != carrier_for("DE", 5, 0.5)
    assert "GB" not in CONTINENT
