"""Two at once at one shelf: lists, workers, parcels and invoices of one order; the second sees what the first did."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from finance_shop import SHOP, broken, buy, on, order_with_tax, small_shop
from order_shop import ZONE, order_shop
from races import meanwhile
from small_shop import line_ids

from oms_core.finance import commands
from oms_core.finance.commands import Part
from oms_core.finance.tables import Invoice
from oms_core.inventory import bin_moving, bin_replenishing, bins
from oms_core.inventory.bin_tables import BinLevel, BinReplenishment
from oms_core.inventory.commands import adjust
from oms_core.kernel import clock
from oms_core.kernel.database import transaction


def test_two_runs_and_two_workers_carry_nothing_twice(engine: sa.Engine, noon: datetime) -> None:
    with clock.frozen(noon), transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 10}})
        mug, leeds = shop.variants["MUG"], shop.places["Leeds"]
        pick = bins.define(session, location_id=leeds, code="A1", kind="pick").id
        over = bins.define(session, location_id=leeds, code="OV", kind="overstock").id
        bins.set_rule(session, bin_id=pick, variant_id=mug, minimum=5, maximum=8)
        default = bins.bin_named(session, leeds, bins.DEFAULT_BIN).id
        bin_moving.move(session, variant_id=mug, from_bin_id=default, to_bin_id=over, quantity=10)

    def run(session):
        return bin_replenishing.open_list(session, location_id=leeds, zone=ZONE)

    with clock.frozen(noon):
        assert meanwhile(engine, run, run) == "bin_replenishment.nothing"
        with transaction(engine) as session:
            (made,) = session.scalars(sa.select(BinReplenishment.id)).all()
            (line,) = (one.id for one in bin_replenishing.lines_of(session, made))

        def confirm(session):
            return bin_replenishing.confirm(session, made, line_id=line, moved=8)

        assert meanwhile(engine, confirm, confirm) == "bin_replenishment.transition_refused"

        # a loss in the same moment waits for the worker, and is taken of what he has put there
        def lose(session):
            return adjust(session, variant_id=mug, location_id=leeds, delta_qty=-9, reason="fire", zone=ZONE)

        def back(session):
            return bin_moving.move(session, variant_id=mug, from_bin_id=pick, to_bin_id=over, quantity=8)

        assert meanwhile(engine, back, lose) == "done"
        with transaction(engine) as session:
            assert session.scalar(sa.select(sa.func.sum(BinLevel.quantity))) == 1


def test_two_book_keepers_cannot_invoice_the_same_units(engine: sa.Engine) -> None:
    with on(2), transaction(engine) as session:
        shop = small_shop(session)
        buy(session, shop, MUG=(20, 400))
        placed = order_with_tax(session, "anna", MUG=3)
        order, line = placed.id, line_ids(session, placed)["MUG"]

    def two(session):
        return commands.issue_invoice(session, SHOP, order_id=order, part_of=Part({line: 2}))

    with on(3):
        assert meanwhile(engine, two, two) == "invoice.more_than_ordered"
        with transaction(engine) as session:
            assert session.scalar(sa.select(sa.func.count(Invoice.id))) == 1
            assert broken(session) == []
