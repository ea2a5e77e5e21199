"""Costing against numbers of a textbook, and against stories reckoned on paper.

Houston Electronics (Weygandt, Kimmel and Kieso, *Financial Accounting*, chapter 6 and appendix 6A):
100 units at $10 on 1 January, 200 at $11 on 15 April, 300 at $12 on 24 August, 400 at $13 on 27 November;
550 sold on 10 September.
"""

from __future__ import annotations

import pytest

from oms_core.finance.costing import (
    BACK,
    BOUGHT,
    FOUND,
    LOST,
    SOLD,
    Average,
    Event,
    Fifo,
    Part,
    Projection,
    method_named,
    part_of,
)
from oms_core.kernel.errors import InvalidInput


def bought(units: int, unit_cost: int, label: str = "") -> Event:
    return Event(BOUGHT, units, units * unit_cost, label=label)


HOUSTON = [bought(100, 1000, "Jan"), bought(200, 1100, "Apr"), bought(300, 1200, "Aug"), Event(SOLD, 550, ref=1),
           bought(400, 1300, "Nov")]  # fmt: skip


def test_houston_electronics_first_in_first_out():
    done = Projection(Fifo()).run(HOUSTON)
    assert done.sums().sold == 620_000  # cost of goods sold $6,200
    assert done.stock.left() == [Part("Aug", 50, 60_000), Part("Nov", 400, 520_000)]  # ending inventory $5,800


def test_houston_electronics_moving_average():
    done = Projection(Average()).run(HOUSTON)
    assert round(done.sums().sold / 100) == 6233
    (pool,) = done.stock.left()
    assert (pool.units, round(pool.cost_minor / 100)) == (450, 5767)


def test_the_parts_of_a_sale_name_where_its_units_came_from():
    ((_, _, out),) = Projection(Fifo()).run(HOUSTON).outs
    assert out.parts == [Part("Jan", 100, 100_000), Part("Apr", 200, 220_000), Part("Aug", 250, 300_000)]


@pytest.mark.parametrize("method", ["fifo", "average"])
def test_a_cost_that_does_not_divide_is_shared_to_the_last_grosz(method):
    sales = [Event(SOLD, 1, ref=n) for n in range(3)]
    done = Projection(method_named(method)).run([Event(BOUGHT, 3, 1000, label="GR-1"), *sales])
    assert [out.cost_minor for _, _, out in done.outs] == [333, 334, 333]
    assert done.stock.left() == []


def test_units_come_back_at_what_they_cost_when_they_left():
    events = [bought(2, 340), bought(2, 360), Event(SOLD, 3, ref=7), Event(BACK, 1, ref=7), Event(BACK, 2, ref=7)]
    done = Projection(Fifo()).run(events)
    assert [cost for kind, cost in done.ins if kind == BACK] == [347, 693]  # 10.40 altogether, as it left
    assert sum(p.cost_minor for p in done.stock.left()) == 1400


def test_units_sold_before_they_came_are_paid_by_the_next_that_come():
    done = Projection(Fifo()).run([bought(1, 100, "A"), Event(SOLD, 3, ref=1), bought(5, 120, "B")])
    ((_, _, out),) = done.outs
    assert (out.cost_minor, out.open_units) == (340, 0)
    assert done.stock.left() == [Part("B", 3, 360)]
    before = Projection(Fifo()).run([bought(1, 100, "A"), Event(SOLD, 3, ref=1)])
    assert (before.outs[0][2].cost_minor, before.outs[0][2].open_units) == (100, 2)


def test_found_units_are_worth_what_the_others_are_and_lost_ones_take_their_cost_along():
    done = Projection(Fifo()).run([bought(2, 300), bought(2, 500), Event(FOUND, 1), Event(LOST, 3)])
    sums = done.sums()
    assert (sums.found, sums.lost) == (400, 1100)
    assert sums.came_in == sums.went_out + sum(p.cost_minor for p in done.stock.left())


def test_units_without_a_known_cost_are_told_and_never_guessed():
    done = Projection(Fifo()).run([Event(BOUGHT, 5, None, label="no rate"), Event(SOLD, 2, ref=1)])
    assert [p.is_known for p in done.stock.left()] == [False]
    assert done.outs[0][2].parts[0].is_known is False


def test_part_of_rounds_half_up_also_below_zero_and_gives_all_for_all():
    assert [part_of(5, 1, 2), part_of(-5, 1, 2), part_of(1000, 3, 3)] == [3, -2, 1000]


def test_another_method_is_refused():
    with pytest.raises(InvalidInput, match="one of fifo, average"):
        method_named("lifo")
