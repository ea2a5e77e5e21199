"""The scene of a demo shop: where it stands, who supplies it, who carries its parcels, when its data ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from app.demo.parcels import USUAL, Odds
from app.demo.places import SUPPLIERS, WAREHOUSES, Carrier, Trade, Warehouse, carrier_for

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Scene:
    """What the simulated business around a demo's orders looks like.

    Attributes
    ----------
    ends : datetime
        The last moment of its data: where its clock starts.
    carrier : callable
        ``(country, units, turn)`` to the carrier of a parcel; `turn` is chance in [0, 1).
    odds : callable
        ``(carrier, warehouse, country)`` to what goes wrong how often.
    counters : frozenset of str
        Channels whose customers take the goods with them.
    """

    name: str
    ends: datetime
    warehouses: tuple[Warehouse, ...]
    suppliers: tuple[Trade, ...]
    carrier: Callable[[str, int, float], Carrier]
    odds: Callable[[str, str, str], Odds]
    counters: frozenset[str] = frozenset()


def _usual(_carrier: str, _warehouse: str, _country: str) -> Odds:
    return USUAL


RETAIL = Scene(
    name="retail",
    ends=datetime(2010, 12, 9, 20, 1, tzinfo=ZoneInfo("Europe/London")),
    warehouses=WAREHOUSES,
    suppliers=SUPPLIERS,
    carrier=carrier_for,
    odds=_usual,
)


@cache
def scene(name: str) -> Scene:
    """Return the scene of a demo shop by its name."""
    if name == RETAIL.name:
        return RETAIL
    from app.demo.simulated.scene import SIMULATED

    return {SIMULATED.name: SIMULATED}[name]


def scene_of(session: Session) -> Scene:
    """Return the scene of the demo shop of a database."""
    from app.demo import marker

    return scene(str((marker.read(session) or {}).get("shop", RETAIL.name)))
