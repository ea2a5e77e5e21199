"""What messages do to simulated customers: one more order, with the known probability of each."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.demo.simulated.days import FIRST, Ints
from app.demo.simulated.people import shares

if TYPE_CHECKING:
    from app.demo.simulated.lives import Lives

#: Days in which a message has its effect; a second message within them adds nothing.
EFFECT_DAYS = 28
_WILL, _WHEN = 40, 41


class Campaigns:
    """Messages by day, and the orders they cause.

    Parameters
    ----------
    messages : DataFrame
        ``number`` (of the customer), ``sent_on``.
    """

    def __init__(self, messages: pl.DataFrame, *, seed: int) -> None:
        self.seed = seed
        self.due: dict[int, list[int]] = defaultdict(list)
        sent = (
            messages.unique(["number", "sent_on"])
            .sort("number", "sent_on")
            .filter(pl.col("sent_on").diff().over("number").dt.total_days().fill_null(EFFECT_DAYS) >= EFFECT_DAYS)
            .with_columns(
                key=pl.col("number").str.slice(1).cast(pl.Int64, strict=False),
                day=(pl.col("sent_on") - FIRST).dt.total_days(),
            )
            .drop_nulls("key")
        )
        self.sent = {int(day): part["key"].to_numpy() for (day,), part in sent.group_by(["day"])}

    def send(self, day: int, lives: Lives) -> None:
        """Let a day's messages arrive: those who are alive may answer, on a day that is fixed by their number."""
        numbers = self.sent.get(day)
        if numbers is None:
            return
        rows = lives.rows(numbers)
        alive = rows["dies"] > day
        turn = shares(rows["number"] * 4_099 + day, self.seed, _WILL)
        for number in rows["number"][alive & (turn < rows["response"])].tolist():
            when = float(shares(np.array([number * 4_099 + day]), self.seed, _WHEN)[0])
            self.due[day + 1 + int(when * EFFECT_DAYS)].append(int(number))

    def answers(self, day: int, lives: Lives) -> dict[str, NDArray[Any]]:
        """Return the customers who order today because of a message, as rows of `Lives`."""
        return lives.rows(np.array(self.due.pop(day, []), dtype=np.int64))


def numbers_of(keys: Ints) -> list[str]:
    """Return customers' numbers of their ids."""
    return [f"K{key:07d}" for key in keys.tolist()]
