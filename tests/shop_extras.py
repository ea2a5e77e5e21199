"""What the hand-made shop lacks for marketing and buying: consents and a stored forecast."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.customers.tables import Consent, Customer
from oms_core.kernel import clock
from oms_core.kernel.database import make_engine, transaction
from oms_core.planning.commands import NewForecast, store_forecast

#: Customers without consent to marketing e-mail, by position.
WITHOUT_CONSENT = (0, 3)
CUTOFF = date(2010, 12, 8)
_LEVELS = ("0.05", "0.1", "0.25", "0.5", "0.75", "0.9", "0.95")


def give_consents(home: Path) -> list[str]:
    """Subscribe every customer but two to marketing e-mail; return the addresses that may be written to."""
    engine = make_engine(f"sqlite:///{home / 'oms.db'}")
    with transaction(engine) as session:
        rows = session.execute(sa.select(Customer.id, Customer.email).order_by(Customer.id)).all()
        for place, row in enumerate(rows):
            state = "unsubscribed" if place in WITHOUT_CONSENT else "subscribed"
            session.add(Consent(customer_id=row.id, channel="email", state=state, source="test", at=clock.now()))
    engine.dispose()
    return [row.email for place, row in enumerate(rows) if place not in WITHOUT_CONSENT]


def store_a_forecast(home: Path, *, rate: float = 3.0) -> None:
    """Store a forecast of `rate` units a day for every variant, as a run made after `CUTOFF`."""
    engine = make_engine(f"sqlite:///{home / 'oms.db'}")
    score = {
        "wape_sum": 0.4, "rmsse": 0.9, "spl": 0.3, "coverage": {"50": 0.5, "80": 0.81, "95": 0.94}, "bias": 0.02,
        "seconds": 0.1, "wrmsse": 0.9, "mase": 1.0, "wspl": 0.3,
    }  # fmt: skip
    engines = {"ordersight": score, "naive": {**score, "wape_sum": 0.9}, "seasonal_naive": {**score, "wape_sum": 0.6}}
    with transaction(engine) as session:
        variants = session.scalars(sa.select(Variant.id).order_by(Variant.id)).all()
        store_forecast(
            session, cutoff_on=CUTOFF, horizon_days=56, engine="ordersight",
            forecasts=[one for variant in variants for one in _forecasts(variant, rate)],
            scores={"engines": engines, "by_naive": {}, "horizon_days": 28},
        )  # fmt: skip
    engine.dispose()


def _forecasts(variant: int, rate: float) -> list[NewForecast]:
    days = [NewForecast(variant, "day", n, rate, _spread(rate)) for n in range(1, 29)]
    return days + [NewForecast(variant, "sum", n, rate * n, _spread(rate * n)) for n in range(7, 57, 7)]


def _spread(mean: float) -> dict[str, float]:
    return {level: round(mean * (0.5 + float(level)), 3) for level in _LEVELS}
