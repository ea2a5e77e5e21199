"""Customer lifetime value: who will buy again, how often, for how much, and how sure that is."""

from segmentation.clv import backtest
from segmentation.clv.estimator import AUTO, Fit, Prediction, fit, predict
from segmentation.clv.history import purchase_days, summarise, tidy
from segmentation.clv.models import MODELS

__all__ = ["AUTO", "MODELS", "Fit", "Prediction", "backtest", "fit", "predict", "purchase_days", "summarise", "tidy"]
