"""Where the simulated shop stands: warehouses, channels, suppliers, carriers and lanes. Names are invented."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.demo.places import Trade, Warehouse
from app.demo.simulated.days import ONLINE, STORE
from oms_core.locations.geography import locate

WAREHOUSES = (
    Warehouse("WAW", "Warszawa", "PL", "Pruszków", "05-800", 52.1667, 20.8, 1, None),
    Warehouse("POZ", "Poznań", "PL", "Poznań", "60-001", 52.4064, 16.9252, 2, None),
    Warehouse("KRK", "Kraków", "PL", "Kraków", "30-001", 50.0614, 19.9366, 3, None),
)


@dataclass(frozen=True, slots=True)
class Sells:
    """A channel: its share of new customers, the calendar its buyers follow, carriage (minor, free from)."""

    code: str
    name: str
    kind: str
    share: float
    group: int
    shipping_minor: int
    free_from_minor: int
    currency: str = "PLN"
    city: str = ""
    postal_code: str = ""
    warehouse: int = -1


CHANNELS = (
    Sells("web", "Sklep internetowy", "web", 0.42, ONLINE, 1_499, 19_900),
    Sells("allegro", "Allegro", "marketplace", 0.31, ONLINE, 999, 4_500),
    Sells("store-waw", "Sklep Warszawa", "store", 0.09, STORE, 0, 0, "PLN", "Warszawa", "00-001", 0),
    Sells("store-krk", "Sklep Kraków", "store", 0.07, STORE, 0, 0, "PLN", "Kraków", "30-001", 2),
    Sells("export", "Eksport UE", "export", 0.11, ONLINE, 1_290, 14_900, "EUR"),
)
WEB, ALLEGRO, EXPORT = 0, 1, 4
STORES = (2, 3)
SUPPLIERS = (
    Trade("D01", "Ceramika Sudety", "PL", 7, 1.5, 0, 28, 60_000, 4_000, 0.97),
    Trade("D02", "Tkalnia Łódzka", "PL", 9, 2.0, 1, 28, 80_000, 5_000, 0.95),
    Trade("D03", "Huta Krosno Nowa", "PL", 12, 3.0, 2, 28, 90_000, 6_000, 0.92),
    Trade("D04", "Drewno Podhala", "PL", 8, 2.0, 3, 28, 60_000, 4_000, 0.94),
    Trade("D05", "Lichtwerk Sachsen", "DE", 14, 3.5, 4, 35, 150_000, 12_000, 0.93),
    Trade("D06", "Anatolia Home", "TR", 26, 6.0, 1, 42, 250_000, 30_000, 0.88),
    Trade("D07", "Pearl River Trading", "CN", 42, 8.0, 3, 63, 500_000, 70_000, 0.85),
)


@dataclass(frozen=True, slots=True)
class Lane:
    """What a carrier does between a warehouse and a country: days promised, and what goes wrong how often."""

    carrier: str
    service: str
    warehouse: int
    country: str
    promised_days: int
    p_late: float
    late_days_mean: float
    p_failed: float

    @property
    def name(self) -> str:
        """Return the lane as the metrics name it."""
        return f"{WAREHOUSES[self.warehouse].code} > {self.country}"


#: Carrier, service, days promised at home and abroad, late at home and abroad, price of a parcel, of a
#: unit more (minor units of the order's currency: Trans-Odra only carries abroad).
CARRIERS = (
    ("Paczkopunkt", "parcel locker", 2, 4, 0.04, 0.09, 990, 40),
    ("Kurier Wisła", "next day", 1, 3, 0.07, 0.10, 1_450, 60),
    ("Trans-Odra", "road, EU", 2, 4, 0.06, 0.13, 690, 30),
)
#: Added to the odds of being late by warehouse: Kraków's depot is the weak one.
DEPOT = (0.0, 0.01, 0.05)
LATE_DAYS_MEAN, FAILED = 1.8, 0.025
EU_FAR = {"NL": 0.05, "LT": 0.03}


@cache
def countries() -> tuple[str, ...]:
    """Return Poland and the countries exported to."""
    return ("PL", *goods()["eu"])


@cache
def lanes() -> tuple[Lane, ...]:
    """Return every lane, by carrier, warehouse and country."""
    found = []
    for carrier, service, home_days, eu_days, late_home, late_eu, *_ in CARRIERS:
        for place in range(len(WAREHOUSES)):
            for country in countries():
                is_home = country == "PL"
                late = (late_home if is_home else late_eu) + DEPOT[place] + EU_FAR.get(country, 0.0)
                promised = home_days if is_home else eu_days
                found.append(Lane(carrier, service, place, country, promised, late, LATE_DAYS_MEAN, FAILED))
    return tuple(found)


@cache
def goods() -> dict[str, Any]:
    """Read what is sold and the words it is named with."""
    return tomllib.loads((files("app.demo") / "data" / "simulated.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, eq=False)
class Towns:
    """Places customers live in; those of Poland first. `warehouse` is the nearest one."""

    table: pl.DataFrame
    warehouse: NDArray[np.int64]
    country: NDArray[np.int64]
    polish: int


@cache
def towns() -> Towns:
    """Return every postal code of Poland and the towns exported to, each with its nearest warehouse."""
    with (files("app.demo") / "data" / "polish_places.parquet").open("rb") as file:
        home = pl.read_parquet(file)
    rows = []
    for country, places in goods()["eu"].items():
        point = locate(country, "")
        if point is None:
            raise LookupError(country)
        rows += [(code, city, country, point.latitude, point.longitude) for city, code in places]
    abroad = pl.DataFrame(
        rows, schema=["postal_code", "city", "country", "latitude", "longitude"], orient="row"
    ).with_columns(region=pl.lit(""))
    every = pl.concat([home.with_columns(country=pl.lit("PL")), abroad], how="diagonal_relaxed")
    numbers = {name: n for n, name in enumerate(countries())}
    code = every["country"].replace_strict(numbers, return_dtype=pl.Int64).to_numpy()
    return Towns(every, _nearest(every), code, home.height)


def _nearest(table: pl.DataFrame) -> NDArray[np.int64]:
    """Return the index of the nearest warehouse by great circle."""
    lat = np.radians(table["latitude"].to_numpy().astype(np.float64))[:, None]
    lon = np.radians(table["longitude"].to_numpy().astype(np.float64))[:, None]
    to_lat = np.radians([w.latitude for w in WAREHOUSES])[None, :]
    to_lon = np.radians([w.longitude for w in WAREHOUSES])[None, :]
    half = np.sin((to_lat - lat) / 2) ** 2 + np.cos(lat) * np.cos(to_lat) * np.sin((to_lon - lon) / 2) ** 2
    return np.asarray(half.argmin(axis=1), dtype=np.int64)
