"""Whatever is bought, sold, counted, moved and filled up: bins hold what is on hand, lot by lot, and no law breaks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from held import NOON
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from order_shop import ZONE, OrderShop, order_shop
from sqlalchemy.orm import Session

from oms_core.audit import bins as bin_laws
from oms_core.audit import lots as lot_laws
from oms_core.audit import stock as stock_laws
from oms_core.audit.laws import run
from oms_core.inventory import bin_moving, bin_replenishing, bins, lots
from oms_core.inventory.bin_rules import Need, Source, propose
from oms_core.inventory.bin_tables import Bin, BinReplenishmentLine
from oms_core.inventory.commands import Move, adjust, change_state, post
from oms_core.kernel import clock
from oms_core.kernel.database import make_engine, transaction
from oms_core.kernel.errors import OmsError

LAWS = [law.name for room in (bin_laws, lot_laws, stock_laws) for law in room.LAWS]
CODES = ("A1", "A2", "OV1", "OV2", "DEFAULT")
Step = Callable[[Session, OrderShop, str, int, int], object]


def _bin(session: Session, shop: OrderShop, n: int) -> int:
    return bins.bin_named(session, shop.places["Leeds"], CODES[n % len(CODES)]).id


def _arrive(session: Session, shop: OrderShop, sku: str, units: int, n: int) -> None:
    ends: Any = (None, "supplier", shop.places["Leeds"], ("available", "damaged")[n % 2])
    move = Move(shop.variants[sku], units, "opening", *ends)
    new = lots.NewLot(f"L{n % 3}", NOON.date() + timedelta(days=5 * (n % 3)), units)
    post(session, lots.split_by_lot(session, move, [new]) if sku == "YOG" else [move], zone=ZONE)


def _leave(session: Session, shop: OrderShop, sku: str, units: int, n: int) -> None:
    away: Any = ((None, "customer", "shipped"), (None, "transit", "transferred_out"))[n % 2]
    post(session, [Move(shop.variants[sku], units, away[2], shop.places["Leeds"], "available", *away[:2])], zone=ZONE)


def _confirm(session: Session, shop: OrderShop, sku: str, units: int, n: int) -> None:
    del shop, sku
    lines = session.scalars(sa.select(BinReplenishmentLine).order_by(BinReplenishmentLine.id.desc())).all()
    line = lines[n % len(lines)]
    bin_replenishing.confirm(
        session, line.bin_replenishment_id, line_id=line.id, moved=units, missing=n % 2, left=n % 3, reason="walk"
    )


STEPS: dict[str, Step] = {
    "arrive": _arrive,
    "leave": _leave,
    "confirm": _confirm,
    "lose": lambda s, shop, sku, units, n: adjust(
        s, variant_id=shop.variants[sku], location_id=shop.places["Leeds"], delta_qty=-units, reason=f"w{n}", zone=ZONE
    ),
    "state": lambda s, shop, sku, units, n: change_state(
        s, variant_id=shop.variants[sku], location_id=shop.places["Leeds"], quantity=units, from_state="available",
        to_state=("damaged", "quality_control")[n % 2], reason="walk", zone=ZONE,
    ),
    "move": lambda s, shop, sku, units, n: bin_moving.move(
        s, variant_id=shop.variants[sku], from_bin_id=_bin(s, shop, n), to_bin_id=_bin(s, shop, n // 5), quantity=units
    ),
    "count": lambda s, shop, sku, units, n: bin_moving.count(
        s, bin_id=_bin(s, shop, n), variant_id=shop.variants[sku], counted=units, reason="walk", zone=ZONE,
        lot="L1" if sku == "YOG" else "",
    ),
    "rule": lambda s, shop, sku, units, n: bins.set_rule(
        s, bin_id=_bin(s, shop, n % 2), variant_id=shop.variants[sku], minimum=units,
        maximum=units + n, increment=1 + n % 3,
    ),
    "list": lambda s, shop, *_: bin_replenishing.open_list(s, location_id=shop.places["Leeds"], zone=ZONE),
    "track": lambda s, shop, *_: lots.start_tracking(s, variant_id=shop.variants["YOG"]),
}  # fmt: skip
walks = st.lists(
    st.tuples(st.sampled_from(sorted(STEPS)), st.sampled_from(("MUG", "YOG")), st.integers(1, 6), st.integers(0, 24)),
    min_size=12, max_size=30,
)  # fmt: skip


def test_bins_always_add_up(migrated_sqlite: Path, tmp_path: Path) -> None:
    done, numbers = set[str](), count()

    @settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(walk=walks)
    def walked(walk: list[tuple[str, str, int, int]]) -> None:
        path = tmp_path / f"{next(numbers)}.db"
        path.write_bytes(migrated_sqlite.read_bytes())
        engine = make_engine(f"sqlite:///{path}")
        with clock.frozen(NOON):
            with transaction(engine) as session:
                shop = order_shop(session, {"MUG": {"Leeds": 9, "Bristol": 2}, "YOG": {"Leeds": 9, "Bristol": 2}})
                for n, code in enumerate(CODES[:4], start=1):
                    kind = "pick" if code.startswith("A") else "overstock"
                    bins.define(session, location_id=shop.places["Leeds"], code=code, kind=kind, position=n)
                for sku in ("MUG", "YOG"):
                    _seed(session, shop, sku)
                bin_replenishing.open_list(session, location_id=shop.places["Leeds"], zone=ZONE)
            for name, sku, units, n in walk:
                try:
                    with transaction(engine) as session:
                        STEPS[name](session, shop, sku, units, n)
                        done.add(name)
                except OmsError:
                    continue
            with Session(engine) as session:
                assert {row["name"]: row["first_broken"] for row in run(session, LAWS) if row["broken"]} == {}
        engine.dispose()

    walked()
    # a walk in which every step is refused proves nothing
    assert done == set(STEPS)


def _seed(session: Session, shop: OrderShop, sku: str) -> None:
    variant = shop.variants[sku]
    bins.set_rule(session, bin_id=_bin(session, shop, 0), variant_id=variant, minimum=3, maximum=8, increment=2)
    default = session.scalars(sa.select(Bin.id).where(Bin.kind == "default")).one()
    bin_moving.move(session, variant_id=variant, from_bin_id=default, to_bin_id=_bin(session, shop, 2), quantity=6)


units = st.integers(0, 30)
needs = st.lists(st.builds(Need, st.integers(1, 3), st.just(1), st.integers(1, 20), st.integers(20, 40),
                           st.integers(1, 20), units, units), max_size=4)  # fmt: skip
days = st.none() | st.dates(NOON.date(), NOON.date() + timedelta(days=3))
sources = st.lists(
    st.builds(Source, st.integers(4, 6), st.just(1), units, st.integers(1, 3), expires_on=days), max_size=4
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(needs=needs, sources=sources)
def test_a_proposal_never_overfills_and_never_takes_what_is_not_there(needs: list[Need], sources: list[Source]) -> None:
    before = sum(source.units for source in sources)
    today = NOON.date() + timedelta(days=1)
    old = sum(s.units for s in sources if s.expires_on is not None and s.expires_on < today)
    found = propose(needs, sources, today)
    assert sum(c.quantity for c in found.carries) == before - sum(s.units for s in sources) <= before - old
    for need in needs:
        carried = sum(c.quantity for c in found.carries if c.need is need)
        if carried:
            assert need.in_bin + need.coming < need.minimum
            assert need.in_bin + need.coming + carried <= need.maximum
            assert carried % need.increment == 0 or {c.why for c in found.carries if c.need is need} == {"last_units"}
        dates = [c.source.expires_on for c in found.carries if c.need is need and c.source.expires_on]
        assert dates == sorted(dates)
