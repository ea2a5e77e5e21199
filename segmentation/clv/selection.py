"""Which purchase model fits this shop: tried at rolling origins inside its own data.

Rule: at every origin each model is fitted to what was known then and forecasts the window after it. Its loss
is the mean absolute error of orders per customer, relative to the best model's, plus the absolute bias of
the total. The lowest mean loss wins; without origins (history too short) it is the BG/NBD.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from segmentation.clv import boosting, recalibration
from segmentation.clv.acquaintance import known_before
from segmentation.clv.counting import count, position
from segmentation.clv.lasting import lasting_share, with_lasting
from segmentation.clv.models import Fitted, fit_model
from segmentation.clv.spend import spend_at
from segmentation.clv.yearly import season_ahead

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segmentation.clv.counting import Counts, Floats
    from segmentation.clv.outlook import Outlook
    from segmentation.clv.rolling import Origin

CANDIDATES = ("bgnbd", "mbgnbd", "paretonbd")
DEFAULT = "bgnbd"


@dataclass(frozen=True)
class Trial:
    """One model at one origin: what it said, what the model without dropout said, and what came.

    Attributes
    ----------
    spend : array
        Expected spend a purchase day, as known at the origin.
    """

    origin: Origin
    fitted: Fitted
    outlook: Outlook
    steady: Outlook
    spend: Floats

    @property
    def orders(self) -> Floats:
        """Orders that came."""
        return self.origin.orders

    @property
    def mae(self) -> float:
        """Mean absolute error of orders a customer."""
        return float(np.abs(self.outlook.mean - self.orders).mean())

    @property
    def log_ratio(self) -> float:
        """Return log(actual / expected) of total orders, with one average customer's added to both."""
        return _ratio(self.orders, self.outlook.mean)

    @property
    def log_value_ratio(self) -> float:
        """Return log(actual / expected) of total value, likewise."""
        return _ratio(self.origin.value, self.outlook.mean * self.spend)


@dataclass(frozen=True)
class Past:
    """The rolling origins of one horizon, the chosen model tried at each, and what was learned there.

    Attributes
    ----------
    share : float
        Customers taken never to leave, see `lasting`; 0 for a model asked for by name.
    boosted : Boosted or None
        None where too little happened to learn from.
    season : float
        Log of the factor of the season ahead, see `yearly`; 0 where no year is behind.
    """

    horizon_days: int
    winner: str
    trials: list[Trial]
    share: float = 0.0
    boosted: boosting.Boosted | None = None
    recalibration: recalibration.Recalibration | None = None
    season: float = 0.0

    @property
    def window_days(self) -> int:
        """Length of the windows; the horizon itself where there is no origin."""
        return self.trials[0].origin.horizon_days if self.trials else self.horizon_days

    @property
    def off(self) -> float:
        """Mean log(actual / expected) of the totals; 0 where there is no origin."""
        return float(np.mean([t.log_ratio for t in self.trials])) if self.trials else 0.0


def look_back(
    origins: Sequence[Origin],
    horizon_days: int,
    names: Sequence[str],
    *,
    year_ago: Origin | None = None,
    as_is: bool = False,
) -> Past:
    """Try models at the origins and return the winner's trials.

    Parameters
    ----------
    year_ago : Origin, optional
        From `yearly.year_ago`; only the winner is tried there, for the season.
    names : sequence of str
        Models to choose from.
    as_is : bool
        The model by the book: everybody is new with the first purchase seen, nobody lasts, nothing is corrected.
    """
    known = [count(o.customers) if as_is else known_before(count(o.customers)) for o in origins]
    steady = [fit_model("nbd", counts) for counts in known]
    trials = {name: [_try(name, *at) for at in zip(origins, known, steady, strict=True)] for name in names}
    winner = _best(trials)
    if as_is:
        return Past(horizon_days, winner, trials[winner])
    share = lasting_share(trials[winner])
    mixed = [_lasting(t, share) for t in trials[winner]]
    boosted = boosting.learn(mixed)
    past = Past(horizon_days, winner, mixed, share, boosted, recalibration.learn(mixed))
    if year_ago is None:
        return past
    counts = known_before(count(year_ago.customers))
    then = _lasting(_try(winner, year_ago, counts, fit_model("nbd", counts)), share)
    return replace(past, season=season_ahead(then, boosting.moved(mixed, boosted, past.off)))


def _lasting(trial: Trial, share: float) -> Trial:
    return replace(trial, outlook=with_lasting(trial.outlook, trial.steady, share))


def _try(name: str, origin: Origin, counts: Counts, steady: Fitted) -> Trial:
    where, days = position(origin.customers, counts), origin.horizon_days
    fitted = fit_model(name, counts, steady=steady)
    said, plain = (model.outlook(counts, days).take(where) for model in (fitted, steady))
    return Trial(origin, fitted, said, plain, spend_at(origin.customers))


def _ratio(actual: Floats, expected: Floats) -> float:
    one = max(float(expected.mean()), 1e-9)
    return float(np.log((actual.sum() + one) / (expected.sum() + one)))


def _best(trials: dict[str, list[Trial]]) -> str:
    names = list(trials)
    if not trials[names[0]]:
        return DEFAULT if DEFAULT in names else names[0]
    mae = np.array([[t.mae for t in trials[name]] for name in names])
    off = np.array([[abs(t.log_ratio) for t in trials[name]] for name in names])
    loss = (mae / np.maximum(mae.min(axis=0), 1e-12) + off).mean(axis=1)
    return names[int(loss.argmin())]
