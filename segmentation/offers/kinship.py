"""What goes together: how alike the buyers of each two SKUs are, worked out the cheaper of two ways.

The shrunk cosine of the buyers of SKU *i* and *j* is ``n_ij / sqrt((n_i + 20) (n_j + 20))``. For a few customers it
is asked through everybody who bought what they bought, without ever counting a pair; for many the pairs are counted
once.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from segmentation.offers.past import Past, Vector

#: Buyers of no opinion added to each SKU's count: a pair seen once among two buyers is no law.
SHRINK = 20.0
#: Counting a pair in a sparse table costs so many multiplications of a dense one.
PAIR_COST = 8
#: Numbers of a dense table worked on at once: 64 MB.
AT_ONCE = 8_000_000
#: Digits kept, so that both ways rank equals alike.
DIGITS = 9


class Kinship:
    """What goes with what in some past."""

    def __init__(self, known: Past) -> None:
        self._bought = known.bought
        buyers = np.asarray(known.bought.sum(axis=0)).ravel()
        self._scale = 1.0 / np.sqrt(buyers + SHRINK)
        self._self = buyers * self._scale**2
        self._sizes = np.asarray(known.bought.sum(axis=1)).ravel()

    def of(self, rows: NDArray[np.int64]) -> Vector:
        """Return for some customers' rows how much goes with what they bought, by SKU; 1 for what goes best.

        A SKU bought is not its own reason.
        """
        many = 2 * len(rows) * self._bought.nnz > PAIR_COST * float((self._sizes**2).sum())
        found = self._by_pairs(rows) if many or "pairs" in self.__dict__ else self._by_people(rows)
        found /= np.maximum(found.max(axis=1, keepdims=True, initial=0.0), 1e-12)
        return np.round(found, DIGITS)

    @cached_property
    def pairs(self) -> Any:
        """The shrunk cosine of each two SKUs' buyers; nothing on the diagonal."""
        counted = sparse.csr_array(self._bought.T @ self._bought)
        counted.setdiag(0.0)
        counted.eliminate_zeros()
        scale = sparse.diags_array(self._scale)
        return sparse.csr_array(scale @ counted @ scale)

    def _by_pairs(self, rows: NDArray[np.int64]) -> Vector:
        return np.asarray((self._bought[rows] @ self.pairs).toarray(), dtype=np.float64)

    def _by_people(self, rows: NDArray[np.int64]) -> Vector:
        found = np.zeros((len(rows), self._bought.shape[1]))
        step = max(1, AT_ONCE // max(self._bought.shape[0], 1))
        for start in range(0, len(rows), step):
            own = self._bought[rows[start : start + step]]
            wanted = own.toarray() * self._scale
            shared = self._bought @ np.ascontiguousarray(wanted.T)
            found[start : start + step] = (self._bought.T @ shared).T * self._scale - own.toarray() * self._self
        return np.maximum(found, 0.0)
