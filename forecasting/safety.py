"""Safety stock for the service a class of goods is to have: a chance not to run out, or a share met from stock.

Demand while nothing can arrive is taken as normal, with the spread of the forecast and of the lead time.

* *cycle* service alpha: z sigma with Phi(z) = alpha (never below zero)
* *fill* rate beta with backorders: sigma L(k) = Q (1 - beta), Q the demand an order covers and L the standard normal
  loss (Silver, Pyke & Thomas, *Inventory and Production Management in Supply Chains*, 4th ed., chapter 6)
* *fill* rate beta with sales lost when out: sigma L(k) = Q (1 - beta) / beta, since of a cycle's demand, Q and what is
  short, only Q is sold (van Donselaar & Broekmeulen 2013)
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri

from forecasting.panel import Bools, Floats

#: Highest multiple of the spread looked at, and bisections towards it.
MOST, TURNS = 8.0, 60


def safety_stock(*, fill: Bools, target: Floats, spread: Floats, cycle: Floats, backorders: Bools) -> Floats:
    """Return the units held beyond expected demand, shape (n,), zero or more.

    Parameters
    ----------
    fill : ndarray of bool, shape (n,)
        Where the target is a fill rate; elsewhere it is a chance not to run out in a cycle.
    target : ndarray, shape (n,)
        Share, in (0, 1).
    spread : ndarray, shape (n,)
        Standard deviation of demand while nothing can arrive, units [sigma].
    cycle : ndarray, shape (n,)
        Demand an order is to cover, units [Q].
    backorders : ndarray of bool, shape (n,)
        Where customers wait for what is out; elsewhere the sale is lost.
    """
    chance = np.clip(ndtri(target), 0.0, None)
    short = np.where(backorders, 1.0 - target, (1.0 - target) / target) * cycle
    share = np.divide(short, spread, out=np.full_like(spread, np.inf), where=spread > 0)
    return np.asarray(np.where(fill, inverse_loss(share), chance) * spread)


def inverse_loss(loss: Floats) -> Floats:
    """Return k >= 0 with standard normal loss L(k) = phi(k) - k (1 - Phi(k)); 0 where the loss is larger than L(0)."""
    low, high = np.zeros_like(loss), np.full_like(loss, MOST)
    for _ in range(TURNS):
        middle = (low + high) / 2.0
        density = np.exp(-middle * middle / 2.0) / np.sqrt(2.0 * np.pi)
        above = density - middle * (1.0 - ndtr(middle)) > loss
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.asarray((low + high) / 2.0 * (high < MOST) * (low > 0) + (low >= MOST) * MOST)
