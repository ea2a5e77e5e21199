"""Exponential smoothing from both sides: what a period's surroundings say, the whole panel at once.

``sum_s (1 - a)^|t - s| x_s`` is a product with a matrix whose blocks off the diagonal have rank one: inside a
block it is a small matrix product, and only two running numbers go from block to block. That is several times
cheaper than one recursion forward and one backward, and gives the same sums.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from forecasting.panel import Floats

#: Speed of the two-sided level that effects and sold-out days are measured against.
BASE_SPEED = 0.06
#: Periods of a block.
BLOCK = 24


def local_level(units: Floats, seen: Floats) -> Floats:
    """Return units per exposure around each period, smoothed from both sides, shape (n, T)."""
    return ratio(around(units), around(seen))


def ratio(above: Floats, below: Floats) -> Floats:
    """Return a ratio of smoothed sums; 0 where nothing at all was seen."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 1e-12)


def around(values: Floats, speed: float = BASE_SPEED) -> Floats:
    """Return the sums of each row's values, faded by their distance from each period, shape (n, T)."""
    series, length = values.shape
    blocks = -(-length // BLOCK)
    padded = np.zeros((series, blocks * BLOCK))
    padded[:, :length] = values
    kernel, near, far = _kernels(blocks, speed)
    found = padded.reshape(series * blocks, BLOCK) @ kernel
    own = found[:, :BLOCK].reshape(series, blocks, BLOCK)
    own += (found[:, BLOCK].reshape(series, blocks) @ far)[:, :, None] * near
    own += (found[:, BLOCK + 1].reshape(series, blocks) @ far.T)[:, :, None] * near[::-1]
    return own.reshape(series, blocks * BLOCK)[:, :length]


@lru_cache(maxsize=16)
def _kernels(blocks: int, speed: float) -> tuple[Floats, Floats, Floats]:
    """Return the weights inside a block (with its sums at end and start), of a neighbour's days, and of blocks."""
    fade, place = 1.0 - speed, np.arange(BLOCK, dtype=np.float64)
    inside = fade ** np.abs(place[:, None] - place)
    kernel = np.column_stack([inside, fade ** place[::-1], fade**place])
    apart = np.arange(blocks, dtype=np.float64) - np.arange(blocks, dtype=np.float64)[:, None]
    far = np.where(apart > 0, fade ** (BLOCK * np.maximum(apart - 1, 0)), 0.0)
    return kernel, np.asarray(fade ** (place + 1)), far
