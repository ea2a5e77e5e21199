"""The scene of the simulated shop, for what happens in it after its history: parcels, suppliers, the clock."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from app.demo.parcels import Odds
from app.demo.places import Carrier
from app.demo.scenes import Scene
from app.demo.simulated.days import ZONE
from app.demo.simulated.parcels import COURIER, LOCKER, ROAD, TO_LOCKER
from app.demo.simulated.places import CARRIERS, CHANNELS, STORES, SUPPLIERS, WAREHOUSES, Lane, lanes

#: The last moment of its past: Thursday evening, when the day's last order is in.
ENDS = datetime(2026, 10, 29, 22, 0, tzinfo=ZoneInfo(ZONE))


def carrier(country: str, _units: int, turn: float) -> Carrier:
    """Choose a carrier by destination and chance (`turn` in [0, 1))."""
    number = (LOCKER if turn < TO_LOCKER else COURIER) if country == "PL" else ROAD
    code, service, home_days, eu_days, _, _, base, more = CARRIERS[number]
    return Carrier(code, service, base, more, home_days if country == "PL" else eu_days)


@cache
def _lanes() -> dict[tuple[str, str, str], Lane]:
    return {(one.carrier, WAREHOUSES[one.warehouse].code, one.country): one for one in lanes()}


def odds(carrier_code: str, warehouse: str, country: str) -> Odds:
    """Return what goes wrong on a lane; a lane nobody knows is as good as the best one."""
    lane = _lanes().get((carrier_code, warehouse, country))
    if lane is None:
        return Odds(0.0, 0.0, 0.0, 0.0)
    return Odds(delayed=lane.p_late, failed=lane.p_failed, lost=0.0, sent_back=0.0)


SIMULATED = Scene(
    name="simulated",
    ends=ENDS,
    warehouses=WAREHOUSES,
    suppliers=SUPPLIERS,
    carrier=carrier,
    odds=odds,
    counters=frozenset(CHANNELS[n].code for n in STORES),
)
