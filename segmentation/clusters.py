"""Clusters of customers: a Gaussian mixture chosen by BIC among the stable ones, named by medoid, frozen.

Features are recency, orders, spend, average order, days between orders and share returned, each ``log1p`` and scaled by
median and interquartile range. A number of clusters is *stable* when mixtures fitted to bootstrap samples agree with
the one fitted to all (mean adjusted Rand index at least `STABLE`). Among the stable ones the lowest BIC wins; where
none is stable the most stable is taken and says so. What is kept is plain numbers, so that a customer's cluster changes
only when the customer does.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import polars as pl

from oms_core.kernel.errors import DataNotReady
from segmentation.cluster_names import named

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

FEATURES = ("recency", "orders", "spent", "aov", "gap", "returned")
STABLE = 0.8
#: Customers a mixture is fitted to, and bootstrap samples for each number of clusters.
MOST_ROWS, SAMPLES = 3_000, 5
#: Fewer customers with orders than this make no clusters.
LEAST = 60
SIZES = range(3, 11)
#: Added to every variance: counts repeat, and a cluster of equal customers would have none.
FLOOR = 1e-2


@dataclass(frozen=True, slots=True)
class Clusters:
    """A frozen mixture.

    Attributes
    ----------
    names : tuple of str
        Of each cluster, by its medoid.
    center, scale : tuple of float
        Median and spread of each of `FEATURES` after ``log1p``.
    weights, means, covariances : nested tuples of float
    medoids : tuple of dict
        The customer nearest each mean: number and features as they are.
    trials : tuple of dict
        ``k, bic, stability`` of every size tried; stability is None where BIC had decided already.
    stable : bool
        Whether the chosen size reached `STABLE`.
    """

    names: tuple[str, ...]
    center: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    means: tuple[tuple[float, ...], ...]
    covariances: tuple[tuple[tuple[float, ...], ...], ...]
    medoids: tuple[dict[str, Any], ...]
    trials: tuple[dict[str, Any], ...]
    stable: bool
    fitted_on: str
    customers: int
    seed: int
    features: tuple[str, ...] = FEATURES

    def body(self) -> dict[str, Any]:
        """Return the model as JSON."""
        return asdict(self)

    @classmethod
    def read(cls, body: dict[str, Any]) -> Self:
        """Return the model of stored JSON."""
        return cls(**{name: _tuples(value) for name, value in body.items()})

    def assign(self, customers: pl.DataFrame, today: date) -> pl.Series:
        """Return each customer's cluster by name; missing without orders."""
        table = features(customers, today)
        points = (np.log1p(table.select(FEATURES).to_numpy()) - np.array(self.center)) / np.array(self.scale)
        best = np.array(self.names)[log_density(points, self).argmax(axis=1)] if len(points) else []
        known = table.select("customer_id").with_columns(pl.Series("cluster", list(best), pl.String))
        return customers.select("customer_id").join(
            known, on="customer_id", how="left", maintain_order="left"
        ).get_column("cluster")  # fmt: skip


def _tuples(value: Any) -> Any:
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value


def features(customers: pl.DataFrame, today: date) -> pl.DataFrame:
    """Return ``customer_id, number`` and `FEATURES` of the customers with orders.

    The days between orders of a customer with one order are the days waited so far. Money is minor units; negative
    values count as zero.
    """
    bought = customers.filter((pl.col("orders") > 0) & pl.col("last_order_on").is_not_null())
    recency = (pl.lit(today) - pl.col("last_order_on")).dt.total_days()
    span = (pl.col("last_order_on") - pl.col("first_order_on")).dt.total_days()
    spent = pl.col("spent_minor")
    plain = bought.select(
        "customer_id",
        "number",
        recency.alias("recency"),
        pl.col("orders"),
        spent.alias("spent"),
        pl.col("aov_minor").fill_null(0).alias("aov"),
        pl.when(pl.col("orders") > 1).then(span / (pl.col("orders") - 1)).otherwise(recency).alias("gap"),
        pl.when(spent > 0).then(pl.col("returns_minor") / spent).otherwise(0.0).alias("returned"),
    )
    return plain.with_columns(pl.col(FEATURES).cast(pl.Float64).clip(lower_bound=0).fill_nan(0))


def fit(
    customers: pl.DataFrame, today: date, *, sizes: Sequence[int] = SIZES, samples: int = SAMPLES, seed: int = 0
) -> Clusters:
    """Fit mixtures of several sizes and keep the best stable one.

    Raises
    ------
    DataNotReady
        ``segment.too_few_for_clusters``: fewer than `LEAST` customers with orders.
    """
    table = features(customers, today)
    if table.height < LEAST:
        sentence = f"{table.height} customers with orders are too few for clusters: {LEAST} are needed."
        raise DataNotReady("segment.too_few_for_clusters", sentence, "Use RFM groups until then.")
    drawn = table.sample(min(table.height, MOST_ROWS), seed=seed).sort("customer_id")
    logged = np.log1p(drawn.select(FEATURES).to_numpy())
    center, scale = np.median(logged, axis=0), _spread(logged)
    points = (logged - center) / scale
    mixture, trials, stable = _choose(points, [k for k in sizes if k * 5 <= len(points)], samples, seed)
    medoids = tuple(_medoid(drawn, points, mixture, n) for n in range(mixture.n_components))
    order = np.argsort(-mixture.weights_)
    medoids = tuple(medoids[n] for n in order)
    return Clusters(
        names=named(medoids, table), center=_plain(center), scale=_plain(scale),
        weights=_plain(mixture.weights_[order]),
        means=_plain(mixture.means_[order]), covariances=_plain(mixture.covariances_[order]), medoids=medoids,
        trials=tuple(trials), stable=stable, fitted_on=today.isoformat(), customers=table.height, seed=seed,
    )  # fmt: skip


def _plain(values: Any) -> Any:
    return _tuples(np.asarray(values).round(10).tolist())


def _spread(logged: Matrix) -> Matrix:
    """Return the interquartile range of each column, else its standard deviation, else 1."""
    quartiles = np.quantile(logged, (0.25, 0.75), axis=0)
    wide, deviation = quartiles[1] - quartiles[0], logged.std(axis=0)
    spread: Matrix = np.where(wide > 1e-9, wide, np.where(deviation > 1e-9, deviation, 1.0))
    return spread


def _mixture(points: Matrix, size: int, seed: int) -> Any:
    from sklearn.mixture import GaussianMixture

    model = GaussianMixture(size, reg_covar=FLOOR, random_state=seed, max_iter=60, tol=1e-2, init_params="k-means++")
    return _quietly(model, points)


def _quietly(model: Any, points: Matrix) -> Any:
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        # a sample that needs more rounds is judged by its stability, like any other
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(points)


def _choose(points: Matrix, sizes: Sequence[int], samples: int, seed: int) -> tuple[Any, list[dict[str, Any]], bool]:
    """Return the mixture, what was tried, and whether it is stable: by rising BIC, the first that is."""
    fitted = {k: _mixture(points, k, seed) for k in sizes}
    scores = {k: round(float(fitted[k].bic(points)), 1) for k in sizes}
    agreed: dict[int, float] = {}
    for k in sorted(scores, key=scores.__getitem__):
        agreed[k] = round(_stability(points, fitted[k], samples, seed), 3)
        if agreed[k] >= STABLE:
            break
    best = max(agreed, key=lambda k: (agreed[k] >= STABLE, agreed[k]))
    trials = [{"k": k, "bic": scores[k], "stability": agreed.get(k)} for k in sizes]
    return fitted[best], trials, agreed[best] >= STABLE


def _stability(points: Matrix, mixture: Any, samples: int, seed: int) -> float:
    """Return the mean adjusted Rand index of mixtures fitted to bootstrap samples against the one fitted to all."""
    from sklearn.metrics import adjusted_rand_score

    draw, labels = np.random.default_rng(seed), mixture.predict(points)
    scores = []
    for n in range(samples):
        rows = draw.integers(0, len(points), len(points))
        again = _mixture(points[rows], mixture.n_components, seed + n + 1)
        scores.append(adjusted_rand_score(labels, again.predict(points)))
    return float(np.mean(scores))


def _medoid(drawn: pl.DataFrame, points: Matrix, mixture: Any, n: int) -> dict[str, Any]:
    """Return the customer nearest a mean in the cluster's own measure of distance."""
    away = points - mixture.means_[n]
    distance = np.einsum("ij,jk,ik->i", away, np.linalg.inv(mixture.covariances_[n]), away)
    row = drawn.row(int(distance.argmin()), named=True)
    return {name: row[name] for name in ("number", *FEATURES)}


def log_density(points: Matrix, model: Clusters) -> Matrix:
    """Return log weight + log density of each point under each cluster."""
    columns = []
    for weight, mean, covariance in zip(model.weights, model.means, model.covariances, strict=True):
        lower = np.linalg.cholesky(np.array(covariance))
        away = np.linalg.solve(lower, (points - np.array(mean)).T)
        half = np.log(np.diagonal(lower)).sum()
        columns.append(np.log(weight) - half - 0.5 * (away * away).sum(axis=0))
    return np.stack(columns, axis=1)
