"""Where an address is, offline: Polish postal codes, else the centre of the country.

Data: GeoNames, CC BY 4.0 (see ``data/ATTRIBUTION.md``). No other country's postal codes are
kept; their addresses are taken to be at the population-weighted centre of the country.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from math import asin, cos, radians, sin, sqrt

#: Mean radius of the Earth (IUGG), km.
EARTH_RADIUS_KM = 6371.0088
_POLISH_CODE = re.compile(r"^(\d{2})-?(\d{3})$")


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the map, degrees, and how it was found: ``given``, ``postal_code`` or ``country``."""

    latitude: float
    longitude: float
    source: str = "given"


def _rows(name: str) -> list[list[str]]:
    text = (files("oms_core.locations") / "data" / name).read_text(encoding="utf-8")
    return list(csv.reader(text.splitlines()))[1:]


@lru_cache(maxsize=1)
def _polish_codes() -> tuple[list[str], list[tuple[float, float]]]:
    rows = _rows("pl_postal_codes.csv")
    return [row[0] for row in rows], [(float(row[1]), float(row[2])) for row in rows]


@lru_cache(maxsize=1)
def _country_centres() -> dict[str, tuple[float, float]]:
    return {row[0]: (float(row[1]), float(row[2])) for row in _rows("country_centres.csv")}


@lru_cache(maxsize=4096)
def locate(country: str, postal_code: str = "") -> Point | None:
    """Return the point of an address; None when nothing is known about its country.

    A Polish code that is not in the list takes the place of the nearest lower code (codes are
    given out by area, so neighbours in number are neighbours on the map).
    """
    code = _POLISH_CODE.match(postal_code.strip()) if country == "PL" else None
    if code:
        codes, points = _polish_codes()
        at = max(bisect_right(codes, f"{code[1]}-{code[2]}") - 1, 0)
        return Point(*points[at], "postal_code")
    centre = _country_centres().get(country)
    return Point(*centre, "country") if centre else None


def distance_km(a: Point, b: Point) -> float:
    """Return the great-circle distance of two points, km (haversine)."""
    lat_a, lat_b = radians(a.latitude), radians(b.latitude)
    half_lat, half_lon = (lat_b - lat_a) / 2, radians(b.longitude - a.longitude) / 2
    h = sin(half_lat) ** 2 + cos(lat_a) * cos(lat_b) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(h)))


def countries() -> list[str]:
    """Return the ISO alpha-2 codes of the countries whose place is known, sorted."""
    return sorted(_country_centres())
