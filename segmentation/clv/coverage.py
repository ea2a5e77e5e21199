"""How wide a customer's 90 % interval must be to hold nine of ten: tried at the rolling origins.

The model's own 90 % interval is right when the model is. At each origin its intervals are held against what
happened; the smallest level of `LEVELS` that held at least 90 % there is used from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from segmentation.clv import spend as spending
from segmentation.clv.worth import Bounds, order_bounds, value_bounds

if TYPE_CHECKING:
    from segmentation.clv.counting import Floats
    from segmentation.clv.outlook import Outlook
    from segmentation.clv.rolling import Origin
    from segmentation.clv.selection import Trial

NOMINAL = 0.9
LEVELS = (NOMINAL, 0.92, 0.94, 0.96, 0.975)
#: Customers looked at for each origin.
SAMPLE = 4_000
#: Sums of decimals are compared with this slack.
CENT = 1e-6


def order_level(trials: Sequence[Trial]) -> float:
    """Return the level of the intervals of orders."""
    cases = [(_few(t), t.orders[_every(t.origin)]) for t in trials]
    return _smallest(lambda level: [(order_bounds(outlook, level), actual) for outlook, actual in cases])


def value_level(trials: Sequence[Trial]) -> float:
    """Return the level of the intervals of value."""
    cases = []
    for trial in trials:
        origin = trial.origin
        n, spent = (origin.customers.get_column(c).to_numpy()[_every(origin)] for c in ("spent_n", "spent"))
        model = spending.fit(n, spent)
        if model is not None:
            given = (_few(trial), model.mean(n, spent), model.variance(n, spent))
            cases.append((given, origin.value[_every(origin)]))
    return _smallest(lambda level: [(value_bounds(*given, level), actual) for given, actual in cases])


def _every(origin: Origin) -> slice:
    return slice(None, None, -(-origin.customers.height // SAMPLE))


def _few(trial: Trial) -> Outlook:
    origin = trial.origin
    return trial.outlook.take(np.arange(origin.customers.height)[_every(origin)])


def _smallest(tried: Callable[[float], list[tuple[Bounds, Floats]]]) -> float:
    for level in LEVELS:
        inside = [(b.lo - CENT <= actual) & (actual <= b.hi + CENT) for b, actual in tried(level)]
        if not inside or np.concatenate(inside).mean() >= NOMINAL:
            return level
    return LEVELS[-1]
