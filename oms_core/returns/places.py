"""Where goods are to be sent back: chosen by where the customer is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.locations.geography import Point, distance_km, locate
from oms_core.locations.tables import Location

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.orders.tables import Order

#: Kilometres to a place nobody can find on the map: farther than any.
_FAR_KM = 1e6


def return_place(session: Session, order: Order) -> Location | None:
    """Return the active location that goods of an order go back to, None when the shop has none.

    A place in the customer's own country first (no customs, cheaper carriage), then the nearest to
    the delivery address (great circle, km), then the shop's own ranking.
    """
    here = locate(order.ship_country, order.ship_postal_code) if order.ship_country else None

    def rank(place: Location) -> tuple[bool, float, int, int]:
        return place.country != order.ship_country, _km(here, place), place.position, place.id

    return min(session.scalars(sa.select(Location).where(Location.is_active)), key=rank, default=None)


def return_address(session: Session, order: Order) -> str:
    """Return the place as one line: name, postal code and city, country; empty when there is none."""
    place = return_place(session, order)
    if place is None:
        return ""
    town = " ".join(part for part in (place.postal_code, place.city) if part)
    return ", ".join(part for part in (place.name, town, place.country) if part)


def _km(here: Point | None, place: Location) -> float:
    if place.latitude is not None and place.longitude is not None:
        there: Point | None = Point(place.latitude, place.longitude)
    else:
        there = locate(place.country, place.postal_code)
    return _FAR_KM if here is None or there is None else distance_km(here, there)
