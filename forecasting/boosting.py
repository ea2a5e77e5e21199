"""One boosted model for the whole panel, by LightGBM, on top of the default forecaster's mean.

Trees learn by what demand differed from the default's own past forecasts (Tweedie loss, the logarithm of that
forecast as offset), from how far ahead, the weekday, how the last weeks stand to the level, and how often it sold. They
are believed as far as they would have helped at the latest origins. The spread is the default's. Days of whole units
only; other panels keep the default's mean.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, Self

import numpy as np

from forecasting.engine import Fitted, Ordersight
from forecasting.extras import needed
from forecasting.levels import running
from forecasting.panel import Floats, Ints, Panel
from forecasting.prediction import Prediction
from oms_core.kernel.errors import DataNotReady
from oms_core.kernel.threads import single_threaded

EXTRA = "lightgbm"
#: Cells learned from, at least and at most, and rounds.
LEAST_CELLS, MOST_CELLS, ROUNDS = 5_000, 200_000, 150
#: Days whose rate is compared with the level, and the most a forecast is changed (log scale).
RECENT, LIMIT = (7, 28, 84), 1.0
#: Latest origins kept apart to see whether the trees help, and the shares of their changes that are tried.
HELD_OUT, SHARES = 2, (0.0, 0.25, 0.5, 0.75, 1.0)
SETTINGS: dict[str, Any] = {
    "objective": "tweedie", "tweedie_variance_power": 1.2, "learning_rate": 0.05, "num_leaves": 31, "lambda_l2": 10.0,
    "min_data_in_leaf": 200, "num_threads": 1, "seed": 0, "deterministic": True, "force_row_wise": True,
    "verbosity": -1,
}  # fmt: skip


class Boosted:
    """LightGBM on the default forecaster's mean."""

    name = "lightgbm"

    @single_threaded
    def fit(self, panel: Panel, *, horizon: int) -> Self:
        """Learn the panel for forecasts of `horizon` periods; refused without the extra."""
        lightgbm = needed("lightgbm", extra=EXTRA, engine=self.name)
        base = Ordersight().fit(panel, horizon=horizon)
        self.base_ = base.predict()
        self.mean_ = self.base_.mean.copy()
        for rows, fitted in base.parts_:
            if panel.calendar.freq == "D" and bool(fitted.panel.is_count().all()):
                self.mean_[rows] *= _change(lightgbm, fitted, self.mean_[rows])
        return self

    def predict(self) -> Prediction:
        """Return the forecast of the periods after the panel's last."""
        if not hasattr(self, "mean_"):
            raise DataNotReady("forecast.not_fitted", "The forecaster has learned no panel yet.", "Call fit first.")
        return Prediction(self.mean_, self.base_.parts, self.base_.launches)


def _change(lightgbm: ModuleType, fitted: Fitted, mean: Floats) -> Floats:
    """Return what the default's forecast is multiplied by, shape (n, h); 1 with too little to learn from."""
    trials = fitted.trials()
    cells = np.flatnonzero(trials.judged & (trials.mean > 1e-6))
    cells = cells[:: max(1, -(-len(cells) // MOST_CELLS))]
    if len(cells) < LEAST_CELLS or len(trials.past) <= 2 * HELD_OUT:
        return np.ones(mean.shape)
    origin, series, step = np.unravel_index(cells, trials.mean.shape)
    told, came = trials.mean.ravel()[cells], trials.actual.ravel()[cells]
    table = _Table(fitted)
    seen = table.rows(np.array(trials.past)[origin], series, step, told)
    held = origin < HELD_OUT
    change = _learned(lightgbm, seen[~held], told[~held], came[~held])(seen[held])
    share = _share(told[held], came[held], change)
    if share == 0.0:
        return np.ones(mean.shape)
    where = np.indices(mean.shape).reshape(2, -1)
    now = np.full(where.shape[1], fitted.bank.length)
    ahead = table.rows(now, where[0], where[1], np.maximum(mean.ravel(), 1e-6))
    return np.exp(share * _learned(lightgbm, seen, told, came)(ahead)).reshape(mean.shape)


def _learned(lightgbm: ModuleType, seen: Floats, told: Floats, came: Floats) -> Callable[[Floats], Floats]:
    """Return the change of a forecast (log scale) that demand asks for, by what was seen of it."""
    data = lightgbm.Dataset(seen, label=came, init_score=np.log(told))
    model = lightgbm.train(SETTINGS, data, num_boost_round=ROUNDS)
    return lambda rows: np.asarray(np.clip(model.predict(rows, raw_score=True), -LIMIT, LIMIT))


def _share(told: Floats, came: Floats, change: Floats) -> float:
    """Return the share of the changes that would have helped most at the latest origins, whose demand was kept apart.

    Judged by the loss that is learned (Tweedie deviance): all series together, large ones not squared.
    """
    power = SETTINGS["tweedie_variance_power"]
    losses = []
    for share in SHARES:
        mean = told * np.exp(share * change)
        losses.append(
            float((mean ** (2.0 - power) / (2.0 - power) - came * mean ** (1.0 - power) / (1.0 - power)).sum())
        )
    return SHARES[int(np.argmin(losses))]


class _Table:
    """What the trees see of a forecast: of its own past at an origin, and of the day that is forecast."""

    def __init__(self, fitted: Fitted) -> None:
        self.bank = fitted.bank
        self.first = fitted.panel.first
        self.sold = running((fitted.demand > 0).astype(np.float64))

    def rows(self, origin: Ints, series: Ints, step: Ints, told: Floats) -> Floats:
        """Return one row a forecast, shape (m, columns)."""
        whole = self._rate(series, np.zeros_like(origin), origin)
        recent = [np.log((self._rate(series, np.maximum(origin - n, 0), origin) + 0.1) / (whole + 0.1)) for n in RECENT]
        month = np.maximum(origin - 28, 0)
        often = (self.sold[series, origin] - self.sold[series, month]) / np.maximum(origin - month, 1)
        age = np.minimum(origin - self.bank.begun[series], 365)
        return np.column_stack([step, (self.first + origin + step) % 7, np.log(told), *recent, often, age])

    def _rate(self, series: Ints, start: Ints, stop: Ints) -> Floats:
        seen = self.bank.exposure[series, stop] - self.bank.exposure[series, start]
        sold = self.bank.units[series, stop] - self.bank.units[series, start]
        return np.divide(sold, seen, out=np.zeros_like(sold), where=seen > 1e-9)
