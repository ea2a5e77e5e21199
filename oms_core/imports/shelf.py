"""Sold lines of one kind in time order, asked for the latest that still has enough units to come back."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime


class Shelf:
    """Units left of lines in time order, under a tree of maxima: an answer costs the logarithm of their number.

    A till's file may hold a million sales of one bag to one "customer": looking through them for each of
    ten thousand returns would take hours.
    """

    def __init__(self, times: list[datetime], left: list[int]) -> None:
        self._times = times
        self._size = 1 << len(left).bit_length()
        self._most = [0] * self._size + left + [0] * (self._size - len(left))
        for node in range(self._size - 1, 0, -1):
            self._most[node] = max(self._most[2 * node], self._most[2 * node + 1])

    def latest(self, quantity: int, *, until: datetime) -> int | None:
        """Return the index of the latest line sold at or before `until` with `quantity` units left."""
        node = self._size + bisect_right(self._times, until)
        # climb left from the first line too late; in the first subtree with enough, descend by its right side
        while node > 1:
            if node % 2 and self._most[node - 1] >= quantity:
                return self._descend(node - 1, quantity)
            node //= 2
        return None

    def _descend(self, node: int, quantity: int) -> int:
        while node < self._size:
            node = 2 * node + 1 if self._most[2 * node + 1] >= quantity else 2 * node
        return node - self._size

    def set(self, index: int, left: int) -> None:
        """Say how many units a line has left."""
        node = self._size + index
        self._most[node] = left
        while node > 1:
            node //= 2
            self._most[node] = max(self._most[2 * node], self._most[2 * node + 1])
