"""Chance that is the same for the same seed and the same thing, in any order and after any restart."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def dice(seed: int, *key: object) -> random.Random:
    """Return a generator that belongs to one thing (a parcel, a customer) under one seed."""
    return random.Random(f"{seed}:{':'.join(map(str, key))}")  # noqa: S311 - a simulation, no secret


def share(seed: int, *key: object) -> float:
    """Return a fixed number in [0, 1) for one thing; far cheaper than :func:`dice`."""
    return zlib.crc32(f"{seed}:{':'.join(map(str, key))}".encode()) / 2**32


def pick(options: Sequence[T], seed: int, *key: object) -> T:
    """Return one of the options, fixed for one thing."""
    return options[int(share(seed, *key) * len(options))]
