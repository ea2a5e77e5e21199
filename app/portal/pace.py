"""How often somebody may try to enter: buckets in this process's memory, the oldest forgotten."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from oms_core.kernel.errors import Refused

#: Buckets kept at most, so that guesses cannot fill the memory.
_MOST = 20_000


@dataclass
class Pace:
    """Buckets that hold `burst` tries and win one back every `seconds`."""

    burst: int
    seconds: float
    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def take(self, name: str) -> None:
        """Take one try of a bucket.

        Raises
        ------
        Refused
            ``portal.too_many`` with the seconds to wait.
        """
        now = time.monotonic()
        with self._turn:
            left, at = self._buckets.pop(name, (float(self.burst), now))
            left = min(float(self.burst), left + (now - at) / self.seconds)
            self._buckets[name] = (left - 1 if left >= 1 else left, now)
            while len(self._buckets) > _MOST:
                self._buckets.popitem(last=False)
        if left < 1:
            wait = max(math.ceil((1 - left) * self.seconds), 1)
            raise Refused("portal.too_many", "Too many tries.", f"Wait {wait} seconds.", retry_after=wait)

    def give_back(self, name: str) -> None:
        """Give a try back that was none: who came in has not guessed."""
        with self._turn:
            if name in self._buckets:
                left, at = self._buckets[name]
                self._buckets[name] = (min(float(self.burst), left + 1), at)
