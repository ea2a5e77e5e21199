"""``customer_within_distance``: points on the unit sphere, so that every back end compares one sum of squares.

Two points a and b of the unit sphere are at most d km apart where |a − b|² ≤ 4·sin²(d / 2R), R the mean radius
of the Earth (IUGG): the haversine formula without a trigonometric function in the query.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from math import cos, pi, radians, sin
from typing import TYPE_CHECKING, TypeAlias

from oms_core.kernel.expressions.faults import ExpressionFault

if TYPE_CHECKING:
    from oms_core.kernel.expressions.tree import Call

EARTH_RADIUS_KM = 6371.0088
MILE_KM = 1.609344
Vector: TypeAlias = tuple[float, float, float]


def unit_vector(latitude: float, longitude: float) -> Vector:
    """Return a point on the unit sphere; degrees in."""
    phi, theta = radians(latitude), radians(longitude)
    return cos(phi) * cos(theta), cos(phi) * sin(theta), sin(phi)


def target(call: Call, *, text: str | None = None) -> Vector:
    """Return the point a call asks about.

    Raises
    ------
    ExpressionFault
        ``expression.type`` when ``coordinates`` are not ``'latitude,longitude'`` in degrees.
    """
    try:
        latitude, longitude = (float(Decimal(part.strip())) for part in str(call.get("coordinates")).split(","))
    except (ValueError, InvalidOperation):
        latitude = longitude = 999.0
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise ExpressionFault(
            "expression.type", "The coordinates are no place on Earth", "Write coordinates: '52.23,21.01'.",
            text=text, at=call.at,
        )  # fmt: skip
    return unit_vector(latitude, longitude)


def reach(call: Call, *, text: str | None = None) -> float:
    """Return the largest squared distance on the unit sphere.

    Raises
    ------
    ExpressionFault
        ``expression.type`` without a distance, or with both kilometres and miles.
    """
    km, miles = call.get("distance_km"), call.get("distance_mi")
    said = [d for d in (km, miles) if isinstance(d, (int, Decimal))]
    if len(said) != 1 or said[0] < 0:
        sentence, hint = f"{call.name}() needs one distance, not negative", "Write distance_km: 50, or distance_mi: 30."
        raise ExpressionFault("expression.type", sentence, hint, text=text, at=call.at)
    distance = float(said[0]) * (1 if km is not None else MILE_KM)
    return 4 * sin(min(distance / EARTH_RADIUS_KM, pi) / 2) ** 2
