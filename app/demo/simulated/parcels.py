"""Parcels of the simulated past: which carrier, when it left, when it was promised and when it came."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.demo.simulated.days import Ints, days
from app.demo.simulated.people import shares
from app.demo.simulated.places import CARRIERS, EXPORT, STORES, WAREHOUSES, countries, lanes

LOCKER, COURIER, ROAD = range(3)
#: Share of home parcels of consumers that go to a locker; firms take the courier.
TO_LOCKER = 0.62
_DUE_HOUR = 18.0


class Parcels:
    """Makes the shipments of orders; stores hand over what they sell."""

    def __init__(self, seed: int, until: int) -> None:
        self.seed, self.until = seed, until
        every = lanes()
        self.promised = np.array([lane.promised_days for lane in every])
        self.late = np.array([lane.p_late for lane in every])
        self.late_days = np.array([lane.late_days_mean for lane in every])
        self.failed = np.array([lane.p_failed for lane in every])

    def frames(
        self,
        order_ids: Ints,
        *,
        day: Ints,
        placed: Ints,
        place: Ints,
        channel: Ints,
        country: Ints,
        is_business: NDArray[np.bool_],
        first: dict[str, int],
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return shipments and what their carriers said; `first` has the next ids and is moved on."""
        sent = np.flatnonzero(~np.isin(channel, STORES))
        ids, day, placed = order_ids[sent], day[sent], placed[sent]
        turn = [shares(ids, self.seed, salt) for salt in range(10, 17)]
        carrier = np.where((turn[0] < TO_LOCKER) & ~is_business[sent], LOCKER, COURIER)
        carrier = np.where(channel[sent] == EXPORT, ROAD, carrier)
        lane = (carrier * len(WAREHOUSES) + place[sent]) * len(countries()) + country[sent]
        calendar = days()
        morning = placed < calendar.at(day, np.full(len(day), 14.0))
        works = np.isin(day, calendar.working_days)
        left = np.where(works & morning & (turn[1] < 0.85), day, calendar.after(day, np.ones_like(day)))
        due = calendar.after(left, self.promised[lane])
        over = 1 + np.floor(np.log(1 - turn[3]) / np.log(1 - 1 / self.late_days[lane]))
        over = np.where(turn[2] < self.late[lane], np.minimum(over, 6), 0).astype(np.int64)
        failed = turn[4] < self.failed[lane]
        came = np.where(over + failed > 0, calendar.after(due, np.maximum(1, over + failed)), due)
        shipped = np.maximum(calendar.at(left, 15 + 2.5 * turn[5]), placed + 1_800_000_000)
        delivered = np.maximum(calendar.at(came, 8 + 9 * turn[6]), shipped + 3_600_000_000)
        known = came < self.until
        return self._shipments(
            ids, first, carrier=carrier, place=place[sent], lane=lane, shipped=shipped,
            due=calendar.at(due, np.full(len(due), _DUE_HOUR)), delivered=delivered, failed=failed, known=known,
        )  # fmt: skip

    def _shipments(
        self,
        order_ids: Ints,
        first: dict[str, int],
        *,
        carrier: Ints,
        place: Ints,
        lane: Ints,
        shipped: Ints,
        due: Ints,
        delivered: Ints,
        failed: NDArray[np.bool_],
        known: NDArray[np.bool_],
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        count = len(order_ids)
        ids = pl.Series(np.arange(first["shipments"], first["shipments"] + count))
        first["shipments"] += count
        instant, here = pl.Datetime("us", "UTC"), pl.Series(known)
        number = ids.cast(pl.String).str.zfill(8)
        code = carrier.astype(np.int64)
        base, more = (np.array([c[n] for c in CARRIERS]) for n in (6, 7))
        shipments = pl.DataFrame({
            "id": ids, "number": "PS-" + number, "order_id": order_ids, "location_id": place + 1,
            "carrier": pl.Series([c[0] for c in CARRIERS]).gather(code),
            "service": pl.Series([c[1] for c in CARRIERS]).gather(code),
            "tracking_number": "S" + number,
            "lane": pl.Series([one.name for one in lanes()]).gather(lane),
            "state": pl.Series(np.where(known, "delivered", "in_transit"), dtype=pl.String),
            "shipped_at": pl.Series(shipped).cast(instant), "promised_at": pl.Series(due).cast(instant),
            "delivered_at": pl.Series(delivered).cast(instant).set(~here, None),
            "cost_minor": base[code] + more[code],
            "currency": pl.Series(["PLN", "PLN", "EUR"]).gather(code), "is_simulated": [True] * count,
        })  # fmt: skip
        told = pl.DataFrame({
            "shipment_id": ids, "shipped": shipped, "due": np.maximum(due - 25_200_000_000, shipped + 60_000_000),
            "delivered": delivered, "failed": failed, "known": known,
        })  # fmt: skip
        return shipments, _told(told, first)


def _told(parcels: pl.DataFrame, first: dict[str, int]) -> pl.DataFrame:
    """Return the carriers' events: on its way, perhaps failed, delivered."""
    said = [
        ("in_transit", "event-0", "Wyszło z magazynu", "shipped", pl.lit(value=True)),
        ("failed", "event-1", "Nie zastano odbiorcy", "due", pl.col("failed") & (pl.col("due") < pl.col("delivered"))),
        ("delivered", "event-2", "Doręczono", "delivered", pl.col("known")),
    ]
    parts = [
        parcels.filter(when & (pl.col("known") | (pl.lit(state) != "failed"))).select(
            "shipment_id", pl.col(at).cast(pl.Datetime("us", "UTC")).alias("at"), pl.lit(state).alias("state"),
            pl.lit(message).alias("message"), pl.lit(name).alias("external_id"),
        )
        for state, name, message, at, when in said
    ]  # fmt: skip
    events = pl.concat(parts).sort("shipment_id", "at", maintain_order=True)
    ids = pl.Series(np.arange(first["tracking_events"], first["tracking_events"] + events.height))
    first["tracking_events"] += events.height
    return events.with_columns(id=ids)
