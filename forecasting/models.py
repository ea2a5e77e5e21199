"""The forecasters by name. Adding one is one class (or point method) and one entry here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, Self

from forecasting import baselines
from forecasting.boosting import Boosted
from forecasting.challengers import ets
from forecasting.engine import Ordersight
from forecasting.panel import Panel
from forecasting.prediction import Prediction
from forecasting.statsforecast_models import StatsForecast


class Forecaster(Protocol):
    """Learns a panel, then forecasts the periods after its last."""

    name: str

    def fit(self, panel: Panel, *, horizon: int) -> Self:
        """Learn the panel for forecasts of `horizon` periods."""

    def predict(self) -> Prediction:
        """Return means and spreads; refused before `fit`."""


def _baseline(name: str, method: baselines.Method) -> Callable[[], Forecaster]:
    return lambda: baselines.Baseline(name, method)


#: Makers of fresh forecasters; the first is the default, the next two every other must beat.
MODELS: dict[str, Callable[[], Forecaster]] = {
    "ordersight": Ordersight,
    "naive": _baseline("naive", baselines.naive),
    "seasonal_naive": _baseline("seasonal_naive", baselines.seasonal_naive),
    "window_average": _baseline("window_average", baselines.window_average),
    "ses": _baseline("ses", baselines.ses),
    "tsb": _baseline("tsb", baselines.tsb),
    "sba": _baseline("sba", baselines.sba),
    "croston": _baseline("croston", baselines.croston),
    "adida": _baseline("adida", baselines.adida),
    "ets": lambda: baselines.Baseline("ets", ets, past=1),
    "auto_ets": lambda: StatsForecast("auto_ets", "AutoETS"),
    "auto_theta": lambda: StatsForecast("auto_theta", "AutoTheta"),
    "lightgbm": Boosted,
}
#: Engines that are slow (one series at a time) or need an extra package: run where they are asked for by name.
ON_REQUEST = frozenset({"ets", "auto_ets", "auto_theta", "lightgbm"})
#: Packages the engines need that come with an extra of the same name.
EXTRAS = {"auto_ets": "statsforecast", "auto_theta": "statsforecast", "lightgbm": "lightgbm"}
USUAL = tuple(name for name in MODELS if name not in ON_REQUEST)
