"""The default forecaster: a bank of levels times a shrunk season, with counted or measured spread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

from forecasting.amounts import fit_amounts
from forecasting.censoring import uncensored
from forecasting.counts import fit_counts
from forecasting.effects import known_effects
from forecasting.growth import shared_growth
from forecasting.hidden_demand import LEAST_SEEN, Seen, hidden_demand
from forecasting.launches import ColdStart, cold_start, launch_shape
from forecasting.levels import YOUNG, Bank, make_bank, origins, weights
from forecasting.panel import Bools, Floats, Panel
from forecasting.prediction import Prediction, Spread
from forecasting.season import seasonal_shape
from forecasting.smoothing import local_level
from forecasting.trials import Trials, daily_origins, from_bank, from_refits
from forecasting.year import Year, yearly_shape
from oms_core.kernel.errors import DataNotReady
from oms_core.kernel.threads import single_threaded

#: Longest window whose mean chooses the levels, by period.
WINDOW = {"D": 28, "W": 13, "M": 6}


@dataclass(frozen=True)
class Fitted:
    """What was learned of one panel of counts or of amounts.

    Parameters
    ----------
    demand : ndarray, shape (n, T)
        Demand that levels rest on; with expectations where stock-outs hid it.
    seen : ndarray, shape (n, T)
        Weight of each period times its shape.
    scattered : ndarray, shape (n, T), optional
        Demand by which past forecasts are judged, if not that: hidden demand as it may have been.
    cold : ColdStart, optional
        Levels of series too young to be followed alone.
    """

    panel: Panel
    demand: Floats
    bank: Bank
    factors: Floats
    seen: Floats
    shape: Floats
    horizon: int
    window: int
    year: Year | None = None
    scattered: Floats | None = None
    cold: ColdStart | None = None

    def mean(self) -> Floats:
        """Return the forecast, shape (n, h)."""
        level = (self.bank.kept[self.bank.length] * self.factors).sum(axis=0)
        level = level if self.cold is None else self.cold.blended(level)
        return np.asarray(level[:, None] * self.shape[:, self.panel.length :])

    def past_mean(self) -> Floats:
        """Return what the level around each past period expects of a full one, shape (n, T)."""
        return local_level(self.demand * (self.seen > 0), self.seen) * self.shape[:, : self.panel.length]

    def whole_demand(self) -> Floats:
        """Return what was sold and what sold-out time is expected to have sold beside it, shape (n, T)."""
        if self.scattered is not None:
            return self.demand
        return np.nan_to_num(self.panel.y) + (1.0 - self.panel.stock) * self.past_mean()

    def trials(self) -> Trials:
        """Return past forecasts and what came."""
        if self.panel.calendar.freq == "D":
            came = self.demand if self.scattered is None else self.scattered
            found = from_bank(self.bank, self._factors_without, self.seen, came, self.horizon)
            return found if self.year is None else found.moved(self.year.unknown_then)
        return from_refits(self.panel, self.horizon, lambda panel, horizon: _fit(panel, horizon).mean())

    def _factors_without(self, origin: int) -> Floats:
        """Return the factors of the levels as they would be without what followed an origin."""
        freq = self.panel.calendar.freq
        return weights(self.bank, window=self.window, freq=freq, apart=range(origin, origin + self.horizon))

    @cached_property
    def spread(self) -> Spread:
        """How demand scatters around the forecast; learned when first asked for."""
        return self._learn_spread()

    @single_threaded
    def _learn_spread(self) -> Spread:
        whole = bool(self.panel.is_count().all())
        return fit_counts(self.trials()) if whole else fit_amounts(self.trials(), self.panel.y)

    def quantiles(self, mean: Floats, probabilities: Floats) -> Floats:
        """Return quantiles of each period, shape (n, h, q)."""
        return self.spread.quantiles(mean, probabilities)

    def sum_quantiles(self, mean: Floats, days: int, probabilities: Floats) -> Floats:
        """Return quantiles of the sum over the first `days` periods, shape (n, q)."""
        return self.spread.sum_quantiles(mean, days, probabilities)


class Ordersight:
    """Level bank × season × known effects, negative binomial for counts, pooled misses for amounts.

    Deterministic. Works for one point (its value goes on), constants, zeros (zero), gaps (no
    weight) and new series (drawn to the panel's typical level while young).
    """

    name = "ordersight"

    @single_threaded
    def fit(self, panel: Panel, *, horizon: int) -> Self:
        """Learn the panel for forecasts of `horizon` periods."""
        counts = panel.is_count()
        self.shape_ = (len(panel.ids), horizon)
        groups = [np.flatnonzero(rows) for rows in (counts, ~counts) if rows.any()]
        self.parts_ = [(rows, fit_panel(panel.take(rows), horizon)) for rows in groups]
        return self

    def predict(self) -> Prediction:
        """Return the forecast of the periods after the panel's last."""
        if not hasattr(self, "parts_"):
            raise DataNotReady("forecast.not_fitted", "The forecaster has learned no panel yet.", "Call fit first.")
        mean = np.zeros(self.shape_)
        for rows, fitted in self.parts_:
            mean[rows] = fitted.mean()
        cold = [fitted.cold.told(fitted.panel) for _, fitted in self.parts_ if fitted.cold is not None]
        return Prediction(mean, self.parts_, {name: told for part in cold for name, told in part.items()})


@single_threaded
def fit_panel(panel: Panel, horizon: int) -> Fitted:
    """Return the levels and shape of a panel; demand hidden by stock-outs is filled in."""
    fitted = _fit(panel, horizon)
    if not (panel.stock < 1.0).any():
        return fitted
    least = (panel.stock <= 0) & (np.nan_to_num(panel.y) > 0)
    days_of_counts = panel.calendar.freq == "D" and bool(panel.is_count().all())
    if days_of_counts and np.count_nonzero(fitted.seen) >= LEAST_SEEN:
        return _completed(fitted, least)
    if not least.any():
        return fitted
    refitted = _fit(uncensored(panel, fitted.past_mean(), least), horizon)
    return replace(refitted, panel=panel)


def _completed(fitted: Fitted, least: Bools) -> Fitted:
    """Return a fit with the levels of whole demand, what stock-outs hid filled in; shape and effects stay."""
    panel, shape = fitted.panel, fitted.shape
    share, whole = _exposure(panel), _exposure(replace(panel, stock=np.ones(panel.stock.shape)))
    known = np.nan_to_num(panel.y) * (whole > 0)
    expected, drawn = hidden_demand(Seen(known, share, whole * shape[:, : panel.length], least & (whole > 0)))
    sold = known * (share > 0)
    found = _levelled(panel, sold + expected, whole, shape, fitted.year, fitted.horizon)
    return replace(found, scattered=sold + drawn)


def _fit(panel: Panel, horizon: int) -> Fitted:
    exposure = _exposure(panel)
    growing = shared_growth(panel, exposure, horizon)
    shape = growing * seasonal_shape(panel, exposure, growing, horizon)
    launched = launch_shape(panel, exposure, shape)
    shape = shape if launched is None else shape * launched
    year = yearly_shape(panel, exposure * shape[:, : panel.length], horizon)
    shape = shape if year is None else shape * year.factors
    shape = shape * known_effects(panel, exposure, shape, horizon)
    return _levelled(panel, np.nan_to_num(panel.y), exposure, shape, year, horizon)


def _levelled(
    panel: Panel, y: Floats, exposure: Floats, shape: Floats, year: Year | None, horizon: int
) -> Fitted:  # fmt: skip
    """Return the levels of demand `y` seen with `exposure`, under a shape."""
    freq = panel.calendar.freq
    seen = exposure * shape[:, : panel.length]
    window = min(horizon, WINDOW[freq], max(1, panel.length // 3))
    tried = daily_origins(panel.length, horizon, len(y)) if freq == "D" else []
    judged = {*origins(panel.length, window, freq), *tried}
    prior, strength = _prior(y, seen)
    bank = make_bank(y, seen, prior, strength, keep=judged, grown=YOUNG[freq])
    factors = weights(bank, window=window, freq=freq)
    cold = cold_start(panel, y, seen, float(prior.max(initial=0.0)))
    return Fitted(panel, y, bank, factors, seen, shape, horizon, window, year, cold=cold)


def _exposure(panel: Panel) -> Floats:
    """Return the weight of each period: share in stock, 0 where unknown or before the first demand.

    The first demand only says that the series has begun: counting it (a sale, by definition) with
    the periods it began would overstate every sparse series that is old enough to do without.
    """
    known = ~np.isnan(panel.y)
    sold = known & (np.nan_to_num(panel.y) != 0)
    begun = np.where(sold.any(axis=1), sold.argmax(axis=1), panel.start)
    old = panel.length - begun > YOUNG[panel.calendar.freq]
    return np.asarray(panel.stock * known * (np.arange(panel.length) >= (begun + old)[:, None]))


def _prior(y: Floats, seen: Floats) -> tuple[Floats, float]:
    """Return the level a series starts from and its worth in periods.

    Gamma-Poisson: the worth is the variance within series over the variance between their levels.
    """
    total, weight = (y * (seen > 0)).sum(axis=1), seen.sum(axis=1)
    own = np.divide(total, weight, out=np.zeros_like(total), where=weight > 0)
    usable = own > 0
    if usable.sum() < 5:
        return own, 0.5
    logs = np.log(own[usable])
    between = max(float(np.exp(np.var(logs)) - 1.0), 0.05)
    deviation = (np.where(seen[usable] > 0, y[usable] - own[usable, None] * seen[usable], 0.0) ** 2).sum(axis=1)
    within = float(np.median(deviation / np.maximum(weight[usable], 1.0) / own[usable] ** 2))
    worth = float(np.clip(within / between, 0.2, 6.0))
    typical = float(np.exp(np.median(logs)))
    return np.where(usable, typical, 0.0), worth
