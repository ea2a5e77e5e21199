"""Demand on days marked sold out that still sold something: at least what was seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from forecasting import negative_binomial as nb
from forecasting.panel import Bools, Floats, Panel

#: Days in stock that tell how demand scatters, at most.
MOST_CELLS = 20_000
#: Most dispersion believed: bulk orders would make every lower bound a bulk order cut short.
MOST_DISPERSION = 2.0


def uncensored(panel: Panel, mean: Floats, seen_in_part: Bools) -> Panel:
    """Return the panel with expected demand where only its lower bound was seen.

    Parameters
    ----------
    panel : Panel
        Demand; `y` is a lower bound where `seen_in_part`.
    mean : ndarray, shape (n, T)
        Expected units of each period by a first fit that ignored those periods.
    seen_in_part : ndarray of bool, shape (n, T)
        Periods marked out of stock that sold something.

    Notes
    -----
    E[D | D >= y] = y + sum_{k>=y} P(D > k) / P(D >= y) for negative binomial D; one EM step from
    a fit that gave those periods no weight (Tobit-like; Conrad 1976, Nahmias 1994). Afterwards the
    period counts as fully seen.
    """
    least, expected = panel.y[seen_in_part], np.maximum(mean[seen_in_part], 1e-9)
    demand, stock = panel.y.copy(), panel.stock.copy()
    spread = _dispersion(panel, mean, seen_in_part)
    demand[seen_in_part] = truncated_mean(least, expected, np.full(len(least), spread))
    stock[seen_in_part] = 1.0
    return replace(panel, y=demand, stock=stock)


def _dispersion(panel: Panel, mean: Floats, seen_in_part: Bools) -> float:
    """Return the dispersion that full days have around their local mean, over the panel."""
    full = np.flatnonzero((panel.stock >= 1.0) & ~seen_in_part & ~np.isnan(panel.y) & (mean > 1e-6))
    full = full[:: max(1, -(-len(full) // MOST_CELLS))]
    units, expected = panel.y.ravel()[full], mean.ravel()[full]
    evidence = nb.evidence(np.maximum(units, 0.0), expected, np.zeros(len(full), dtype=np.int64), 1)
    return min(float(nb.GRID[int(evidence[0].argmax())]), MOST_DISPERSION) if len(full) else nb.FIRST_GUESS


def truncated_mean(least: Floats, mean: Floats, dispersion: Floats) -> Floats:
    """Return E[D | D >= least] of negative binomial demand, elementwise, units."""
    r = 1.0 / dispersion
    above = 1.0 - nb.cdf(least - 1.0, mean, dispersion)
    # E[D; D >= y] = m P(D' >= y-1), where D' has one more unit of shape and the same odds.
    longer = 1.0 / (r + 1.0)
    weighted = mean * (1.0 - nb.cdf(least - 2.0, mean * (r + 1.0) / r, longer))
    share = np.divide(weighted, above, out=least + mean, where=above > 1e-9)
    return np.asarray(np.maximum(share, least))
