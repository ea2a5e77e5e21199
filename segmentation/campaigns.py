"""Did writing to them earn anything? The difference of two random arms, and what a segment can show before sending.

Numbers of people in, numbers out: no database, no clock. Money is in the unit it came in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy import special

from oms_core.kernel.errors import DataNotReady, InvalidInput

Floats = NDArray[np.float64]
SENT, HELD = "sent", "held"
MEASURES = ("orders", "revenue", "margin")
CONFIDENCE, POWER = 0.95, 0.80
#: Fewer people, or fewer who ordered, in an arm than these: the interval is not to be trusted.
FEWEST_MEMBERS, FEWEST_BUYERS = 30, 5


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean of the first group less that of the second, its interval, and the two-sided p-value (NaN: no variance)."""

    effect: Any
    low: Any
    high: Any
    p_value: Any


def difference(sent: ArrayLike, held: ArrayLike, *, confidence: float = CONFIDENCE, lost: int = 0) -> Difference:
    """Compare two groups of unequal variance along the last axis.

    Parameters
    ----------
    sent, held : array_like
        One value a person; leading axes are separate comparisons.
    lost : int
        Degrees of freedom spent before, by an adjustment.

    Notes
    -----
    Welch (1947), *Biometrika* 34, with the degrees of freedom of Satterthwaite (1946).
    """
    a, b = np.asarray(sent, dtype=np.float64), np.asarray(held, dtype=np.float64)
    n, m = a.shape[-1], b.shape[-1]
    va, vb = a.var(axis=-1, ddof=1) / n, b.var(axis=-1, ddof=1) / m
    effect, error = a.mean(axis=-1) - b.mean(axis=-1), np.sqrt(va + vb)
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = (va + vb) ** 2 / (va**2 / (n - 1) + vb**2 / (m - 1)) - lost
        freedom = np.where(np.isfinite(freedom), np.maximum(freedom, 1.0), 1.0)
        reach = special.stdtrit(freedom, 0.5 + confidence / 2) * error
        p_value = 2 * special.stdtr(freedom, -np.abs(effect / error))
    return Difference(effect, effect - reach, effect + reach, p_value)


def adjusted(values: ArrayLike, before: ArrayLike) -> Floats:
    """Take out of each person's value what their past foretells, along the last axis; the mean stays.

    Notes
    -----
    CUPED: Deng, Xu, Kohavi and Walker (2013), *Improving the sensitivity of online controlled
    experiments by utilizing pre-experiment data*, equation 4. The slope is one for both arms; as the
    arms are random the effect keeps its expectation and loses the variance that the past explains.
    """
    y, x = np.asarray(values, dtype=np.float64), np.asarray(before, dtype=np.float64)
    away = x - x.mean(axis=-1, keepdims=True)
    spread = (away**2).sum(axis=-1, keepdims=True)
    together = (away * (y - y.mean(axis=-1, keepdims=True))).sum(axis=-1, keepdims=True)
    slope = np.divide(together, spread, out=np.zeros_like(together), where=spread > 0)
    return np.asarray(y - slope * away, dtype=np.float64)


def uplift(members: pl.DataFrame, *, confidence: float = CONFIDENCE) -> pl.DataFrame:
    """Return what a campaign did, one row a measure.

    Parameters
    ----------
    members : polars.DataFrame
        One row a person: ``arm`` (``sent`` or ``held``), and for each measure (``margin`` only where
        costs are known) its sum within the window and, as ``<measure>_before``, in the time before.

    Returns
    -------
    polars.DataFrame
        ``measure, sent_mean, held_mean`` (as they came), ``effect, low, high`` (a member, adjusted for
        the past), ``total, total_low, total_high`` (over all who got the message), ``p_value`` (null
        without variance), ``is_shaky``.

    Raises
    ------
    DataNotReady
        ``campaign.no_arms``: an arm holds fewer than two people.
    """
    is_sent = members.get_column("arm").eq(SENT).to_numpy()
    n, m = int(is_sent.sum()), int((~is_sent).sum())
    if min(n, m) < 2:
        raise DataNotReady(
            "campaign.no_arms",
            f"An effect is the difference of two groups; here {n:,} got the message and {m:,} were held out.",
            "Export the next one with a hold-out: ordersight segments export … --holdout 0.1",
        )
    buyers = members.group_by("arm").agg((pl.col("orders") > 0).sum())["orders"].min()
    shaky = min(n, m) < FEWEST_MEMBERS or int(str(buyers)) < FEWEST_BUYERS
    known = [measure for measure in MEASURES if measure in members.columns]
    return pl.DataFrame([_row(members, is_sent, measure, confidence) | {"is_shaky": shaky} for measure in known])


def _row(members: pl.DataFrame, is_sent: NDArray[np.bool_], measure: str, confidence: float) -> dict[str, Any]:
    values = members.get_column(measure).cast(pl.Float64).to_numpy()
    clear = adjusted(values, members.get_column(f"{measure}_before").cast(pl.Float64).to_numpy())
    found = difference(clear[is_sent], clear[~is_sent], confidence=confidence, lost=1)
    n, p_value = int(is_sent.sum()), float(found.p_value)
    effect, low, high = float(found.effect), float(found.low), float(found.high)
    return {
        "measure": measure, "sent_mean": float(values[is_sent].mean()), "held_mean": float(values[~is_sent].mean()),
        "effect": effect, "low": low, "high": high, "total": effect * n, "total_low": low * n, "total_high": high * n,
        "p_value": None if math.isnan(p_value) else p_value,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Foresight:
    """What a campaign could show before it is sent.

    Attributes
    ----------
    mean, deviation : float
        Of a member within one window, from the past.
    detectable : float
        Smallest effect a member that would be found in 80 of 100 such campaigns.
    needed_share : float or None
        Smallest hold-out that finds the uplift asked for; None when no hold-out of this segment does.
    needed_members : int or None
        People needed with half of them held out; None when nobody ordered in the past.
    """

    measure: str
    sent: int
    held: int
    mean: float
    deviation: float
    detectable: float
    needed_share: float | None
    needed_members: int | None

    @property
    def detectable_share(self) -> float | None:
        """The detectable effect as a share of the mean; None when nobody ordered in the past."""
        return self.detectable / self.mean if self.mean > 0 else None


def detectable(
    deviation: float, sent: int, held: int, *, confidence: float = CONFIDENCE, power: float = POWER
) -> float:
    """Return the smallest true difference of two means that a two-sided test finds with the given power.

    Notes
    -----
    (z_{1-α/2} + z_{power}) · σ · √(1/n + 1/m): Cohen (1988), *Statistical power analysis*, chapter 2,
    in the normal approximation.
    """
    return math.inf if min(sent, held) < 1 else _factor(confidence, power) * deviation * math.sqrt(1 / sent + 1 / held)


def needed(
    deviation: float, effect: float, members: int, *, confidence: float = CONFIDENCE, power: float = POWER
) -> tuple[float | None, int | None]:
    """Return the smallest hold-out share that finds an effect among so many people, and the fewest people for any.

    Notes
    -----
    `detectable` solved for the share h: h(1 - h) = (zσ/δ)²/N, whose smaller root exists from
    N = 4(zσ/δ)² on, where h is a half.
    """
    if effect <= 0:
        return None, None
    fewest = (_factor(confidence, power) * deviation / effect) ** 2
    within = 1 - 4 * fewest / members if members else -1.0
    return (0.5 * (1 - math.sqrt(within)) if within >= 0 else None), max(math.ceil(4 * fewest), 4)


def _factor(confidence: float, power: float) -> float:
    return float(special.ndtri(0.5 + confidence / 2) + special.ndtri(power))


def foresee(windows: pl.DataFrame, *, members: int, holdout: float, asked: float = 0.1) -> list[Foresight]:
    """Return what a campaign to a segment could show, for orders and for revenue.

    Parameters
    ----------
    windows : polars.DataFrame
        ``window, orders, revenue, orders_squared, revenue_squared``: sums over the members, of each past
        window as long as the campaign's; nobody's zeros are left out because `members` counts them.
    members : int
        People that would be divided.
    holdout : float
        Share kept back.
    asked : float
        The relative effect asked about, such as 0.1: ten of a hundred more.

    Raises
    ------
    InvalidInput
        ``export.holdout``, ``campaign.uplift``.
    """
    if not 0 <= holdout < 1:
        raise InvalidInput("holdout", holdout, "a share from 0 to below 1 was expected", code="export.holdout")
    if not 0.001 <= asked <= 10:
        raise InvalidInput(
            "uplift", asked, "a share from 0.001 to 10 was expected, such as 0.1", code="campaign.uplift"
        )
    held = round(members * holdout)
    return [_foreseen(windows, measure, members, held, asked) for measure in ("orders", "revenue")]


def _foreseen(windows: pl.DataFrame, measure: str, members: int, held: int, asked: float) -> Foresight:
    people = max(members, 1)
    means = windows.get_column(measure).to_numpy().astype(float) / people
    squares = windows.get_column(f"{measure}_squared").to_numpy().astype(float) / people
    mean = float(means.mean()) if means.size else 0.0
    variance = float((squares - means**2).mean()) if means.size else 0.0
    deviation = math.sqrt(max(variance, 0.0) * people / max(people - 1, 1))
    share, fewest = needed(deviation, asked * mean, members)
    least = detectable(deviation, members - held, held)
    return Foresight(measure, members - held, held, mean, deviation, least, share, fewest)
