"""Judge offers on orders that came later: learn up to a day, look at everybody's next order after it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oms_core.kernel.errors import DataNotReady
from segmentation.offers.scoring import Taste, Weights, best_of, combined, learn, reasons, top, weighed

#: Fewer customers with a later order than these prove nothing; with more the days after are as few as they can be.
FEWEST_JUDGED, ENOUGH_JUDGED = 30, 500
#: Days after the day learnt up to, the shortest that gives enough people first.
WINDOWS = (28, 56, 112, 224)
#: Customers the weights are chosen on.
MOST_CHOSEN_ON = 400
#: What is tried of each weight, one after the other.
TRIED: dict[str, tuple[float, ...]] = {
    "half_life_days": (14.0, 30.0, 90.0, 365.0),
    "together": (0.0, 0.03, 0.1, 0.3, 1.0),
    "popular": (0.003, 0.03, 0.3, 3.0),
    "price": (0.0, 0.3, 1.0),
}
Hits = NDArray[np.bool_]


@dataclass(frozen=True)
class Later:
    """What was known up to `day`, and what each known customer's next order after it held: ``customer_id, sku``."""

    day: date
    known: pl.DataFrame
    truth: pl.DataFrame

    @property
    def judged(self) -> pl.Series:
        """Customers with a next order, in order."""
        return self.truth.get_column("customer_id").unique().sort()


def apart(lines: pl.DataFrame) -> Later:
    """Part lines at a day, so that nothing of what comes later is learnt from."""
    last = cast("date", lines.get_column("business_date").max())
    found: list[Later] = []
    for days in WINDOWS:
        found.append(_apart(lines, last - timedelta(days=days)))
        if found[-1].judged.len() >= ENOUGH_JUDGED:
            return found[-1]
    return max(found, key=lambda one: one.judged.len())


def _apart(lines: pl.DataFrame, day: date) -> Later:
    known = lines.filter(pl.col("business_date") <= day)
    after = lines.filter(pl.col("business_date") > day).join(
        known.select("customer_id").unique(), on="customer_id", how="semi"
    )
    order = ["customer_id", "business_date", "order_id"]
    following = after.sort(order).group_by("customer_id", maintain_order=True).agg(pl.col("order_id").first())
    truth = after.join(following, on=["customer_id", "order_id"], how="semi").select("customer_id", "sku").unique()
    return Later(day, known, truth)


def taste_of(lines: pl.DataFrame) -> Taste:
    """Learn from all lines, weighed by what would have found the latest orders of those known before."""
    if lines.is_empty():
        return learn(lines)
    earlier = apart(lines)
    weights = chosen(earlier) if earlier.judged.len() >= FEWEST_JUDGED else Weights()
    return learn(lines, weights)


def chosen(later: Later) -> Weights:
    """Return the weights that find the most of later orders, each tried in turn; ties keep the simpler one."""
    taste = learn(later.known)
    people = later.judged
    some = people.gather_every(max(1, -(-people.len() // MOST_CHOSEN_ON)))
    truth = later.truth.filter(pl.col("customer_id").is_in(some.implode()))
    rows, count = taste.past.rows(some), min(10, taste.past.skus.len())
    own, others = reasons(taste, rows)

    def found(weights: Weights) -> float:
        best = top(combined(weighed(taste, weights), rows, own, others), count)
        return float(_recall(_matched(best, some, truth, taste.past.skus), truth).mean())

    best = taste.weights
    for name, values in TRIED.items():
        tried = [replace(best, **{name: value}) for value in values]
        best = tried[int(np.argmax([found(one) for one in tried]))]
    return best


def _matched(best: NDArray[np.int64], people: pl.Series, truth: pl.DataFrame, skus: pl.Series) -> Hits:
    held = truth.filter(pl.col("sku").is_in(skus.implode()))
    wanted = np.zeros((people.len(), skus.len()), dtype=bool)
    wanted[people.search_sorted(held["customer_id"]).to_numpy(), skus.search_sorted(held["sku"]).to_numpy()] = True
    return np.take_along_axis(wanted, best, axis=1)


def _recall(hits: Hits, truth: pl.DataFrame) -> NDArray[np.float64]:
    """Return the share of each next order that was found, of as much as could be found."""
    sizes = truth.group_by("customer_id").len().sort("customer_id").get_column("len").to_numpy()
    return np.asarray(hits.sum(axis=1) / np.minimum(sizes, hits.shape[1]), dtype=np.float64)


def backtest(lines: pl.DataFrame, *, count: int = 10) -> dict[str, Any]:
    """Judge on the next order of every customer known at an earlier day.

    Parameters
    ----------
    lines : polars.DataFrame
        See `past.past`.

    Returns
    -------
    dict
        ``customers`` judged, ``count``, ``learnt_until``, ``weights``, ``ways``: of this (``offers``), what goes
        ``together`` (the co-occurrence baseline), ``bestsellers``, and ``rebuy`` (bought most often, then bestsellers)
        the share of next orders holding one of so many SKUs (``hit_rate``) and the share of their SKUs found
        (``recall``); ``beats``: over the best of the others the gain of recall with its 95 % interval.

    Raises
    ------
    DataNotReady
        ``recommend.too_few``.
    """
    later = apart(lines) if lines.height else None
    if later is None or later.judged.len() < FEWEST_JUDGED:
        raise DataNotReady(
            "recommend.too_few",
            f"{later.judged.len() if later else 0} customers ordered again; {FEWEST_JUDGED} are needed to judge by it.",
            "Let orders come in, and try again.",
        )
    taste, people, truth = taste_of(later.known), later.judged, later.truth
    found = _ways(taste, people, count)
    recalls, ways = {}, []
    for name, best in found.items():
        hits = _matched(best, people, truth, taste.past.skus)
        recalls[name] = _recall(hits, truth)
        ways.append({"way": name, "hit_rate": float(hits.any(axis=1).mean()), "recall": float(recalls[name].mean())})
    return {
        "customers": people.len(), "count": count, "learnt_until": later.day, "weights": asdict(taste.weights),
        "ways": ways, "beats": _gain(recalls),
    }  # fmt: skip


def _ways(taste: Taste, people: pl.Series, count: int) -> dict[str, NDArray[np.int64]]:
    """Return the best columns by each way."""
    known, rows, recent = taste.past, taste.past.rows(people), taste.recent()
    count = min(count, known.skus.len())
    buyers = np.asarray(known.bought.sum(axis=0)).ravel()
    simple = {
        "together": taste.kinship.of(rows),
        "bestsellers": np.broadcast_to(recent, (len(rows), len(recent))),
        "rebuy": known.own[rows].toarray() + 1e-6 * buyers / max(float(buyers.max()), 1.0),
    }
    this = np.concatenate([best for best, _why in best_of(taste, rows, count)])
    return {"offers": this} | {name: top(np.asarray(scores), count) for name, scores in simple.items()}


def _gain(recalls: dict[str, NDArray[np.float64]]) -> dict[str, Any]:
    """Return what this finds more than the best of the others, customer by customer."""
    others = {name: float(found.mean()) for name, found in recalls.items() if name != "offers"}
    best = max(others, key=others.__getitem__)
    more = recalls["offers"] - recalls[best]
    half = 1.96 * float(more.std(ddof=1)) / len(more) ** 0.5
    mean = float(more.mean())
    return {
        "way": best,
        "gain": mean,
        "low": mean - half,
        "high": mean + half,
        "relative": mean / max(others[best], 1e-12),
    }
