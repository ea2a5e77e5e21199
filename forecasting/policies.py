"""Inventory formulas with their textbook numbers: lot sizes, reorder points, losses, service.

Symbols: demand rate [lambda], fixed cost per order [K], holding cost per item and period [h],
stock-out cost per item (and period) [p], order quantity [Q], reorder point [r], base stock [S].

References
----------
Snyder & Shen, *Fundamentals of Supply Chain Theory*, 2nd ed. (2019), chapters 3–5 and appendix C.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import betainc, ndtr, ndtri, pdtr, pdtrik

from oms_core.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Lot:
    """An order quantity, items, and its cost per period; `short` is the share of demand backordered."""

    quantity: float
    cost: float
    short: float = 0.0


def _positive(**given: float) -> None:
    for name, value in given.items():
        if not value > 0:
            raise InvalidInput(name, value, "a number above zero was expected")


def _not_negative(**given: float) -> None:
    for name, value in given.items():
        if not value >= 0:
            raise InvalidInput(name, value, "zero or more was expected")


def economic_order_quantity(
    *, fixed_cost: float, holding_cost: float, demand_rate: float, stockout_cost: float | None = None
) -> Lot:
    """Return the order quantity that balances ordering against holding (EOQ).

    Parameters
    ----------
    fixed_cost : float
        Cost of placing one order [K].
    holding_cost : float
        Cost of holding one item for one period [h].
    demand_rate : float
        Items per period [lambda].
    stockout_cost : float, optional
        Cost of one item backordered for one period [p]; without it nothing is backordered.

    Notes
    -----
    Q = sqrt(2 K lambda / h), cost sqrt(2 K lambda h) (eqs. 3.4, 3.5). With backorders
    Q = sqrt(2 K lambda (h + p) / (h p)), x = h / (h + p) (eqs. 3.30–3.32).
    """
    _positive(fixed_cost=fixed_cost, holding_cost=holding_cost, demand_rate=demand_rate)
    plain = math.sqrt(2.0 * fixed_cost * demand_rate / holding_cost)
    if stockout_cost is None:
        return Lot(plain, plain * holding_cost)
    _positive(stockout_cost=stockout_cost)
    ratio = (holding_cost + stockout_cost) / stockout_cost
    quantity = plain * math.sqrt(ratio)
    return Lot(quantity, plain * holding_cost / math.sqrt(ratio), holding_cost / (holding_cost + stockout_cost))


def economic_production_quantity(
    *, fixed_cost: float, holding_cost: float, demand_rate: float, production_rate: float
) -> Lot:
    """Return the lot that is made at a finite rate [mu] while it sells (EPQ, eq. 3.38).

    Raises
    ------
    InvalidInput
        If production is not faster than demand.
    """
    if production_rate <= demand_rate:
        raise InvalidInput("production_rate", production_rate, f"it must exceed demand ({demand_rate:g})")
    return economic_order_quantity(
        fixed_cost=fixed_cost,
        holding_cost=holding_cost * (1.0 - demand_rate / production_rate),
        demand_rate=demand_rate,
    )


def all_units_discount(
    *, fixed_cost: float, holding_rate: float, demand_rate: float, breaks: Sequence[tuple[float, float]]
) -> Lot:
    """Return the best quantity when every unit gets the price of the quantity reached.

    Parameters
    ----------
    holding_rate : float
        Holding cost per period as a share of the unit cost [i].
    breaks : sequence of (min_quantity, unit_cost)
        Ascending; the first starts at 0 (section 3.4.1).
    """
    best: Lot | None = None
    for least, price in breaks:
        lot = economic_order_quantity(fixed_cost=fixed_cost, holding_cost=holding_rate * price, demand_rate=demand_rate)
        quantity = max(lot.quantity, least)
        cost = price * demand_rate + fixed_cost * demand_rate / quantity + holding_rate * price * quantity / 2.0
        if best is None or cost < best.cost:
            best = Lot(quantity, cost)
    if best is None:
        raise InvalidInput("breaks", breaks, "at least one price was expected")
    return best


def wagner_whitin(*, fixed_cost: float, holding_cost: float, demand: Sequence[float]) -> Lot:
    """Return the first order and the least cost of covering known demand, by dynamic programming.

    Notes
    -----
    theta_t = min over s > t of K + h sum_(i=t..s-1) (i - t) d_i + theta_s (eq. 3.39). The quantity
    is what period 1 orders.
    """
    _not_negative(fixed_cost=fixed_cost, holding_cost=holding_cost)
    periods = len(demand)
    theta, until = [0.0] * (periods + 1), [periods] * periods
    for t in range(periods - 1, -1, -1):
        best, held = math.inf, 0.0
        for s in range(t + 1, periods + 1):
            held += holding_cost * (s - 1 - t) * demand[s - 1]
            if fixed_cost + held + theta[s] < best:
                best, until[t] = fixed_cost + held + theta[s], s
        theta[t] = best
    return Lot(float(sum(demand[: until[0]])) if periods else 0.0, theta[0])


def critical_ratio(*, stockout_cost: float, holding_cost: float) -> float:
    """Return p / (p + h): the chance of no stock-out that balances the two costs."""
    _positive(stockout_cost=stockout_cost, holding_cost=holding_cost)
    return stockout_cost / (stockout_cost + holding_cost)


def newsvendor_normal(*, mean: float, sd: float, stockout_cost: float, holding_cost: float) -> Lot:
    """Return base stock and expected cost for normal demand (eqs. 4.16, 4.24).

    For lead time L and review of one period give mean (L + 1) mu and sd sigma sqrt(L + 1).
    """
    _positive(sd=sd)
    z = float(ndtri(critical_ratio(stockout_cost=stockout_cost, holding_cost=holding_cost)))
    density = math.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi)
    return Lot(mean + z * sd, (stockout_cost + holding_cost) * density * sd)


def newsvendor_poisson(*, mean: float, stockout_cost: float, holding_cost: float) -> Lot:
    """Return base stock (smallest S with P(D <= S) >= p / (p + h)) and expected cost for Poisson demand."""
    _positive(mean=mean)
    ratio = critical_ratio(stockout_cost=stockout_cost, holding_cost=holding_cost)
    stock = max(math.ceil(float(pdtrik(ratio, mean)) - 1e-9), 0)
    while stock > 0 and pdtr(stock - 1, mean) >= ratio:
        stock -= 1
    short, over = loss_poisson(stock, mean)
    return Lot(float(stock), holding_cost * over + stockout_cost * short)


def loss_standard_normal(z: float) -> tuple[float, float]:
    """Return E[(Z - z)+] and E[(z - Z)+] (eq. C.22)."""
    density = math.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi)
    short = density - z * (1.0 - float(ndtr(z)))
    return short, z + short


def loss_normal(x: float, mean: float, sd: float) -> tuple[float, float]:
    """Return E[(X - x)+] and E[(x - X)+] of normal X, items."""
    _positive(sd=sd)
    short, over = loss_standard_normal((x - mean) / sd)
    return sd * short, sd * over


def loss_poisson(x: int, mean: float) -> tuple[float, float]:
    """Return E[(X - x)+] and E[(x - X)+] of Poisson X, items (eq. C.41)."""
    upto = float(pdtr(x, mean)) if x >= 0 else 0.0
    exact = math.exp(x * math.log(mean) - mean - math.lgamma(x + 1)) if x >= 0 and mean > 0 else float(x == 0)
    short = -(x - mean) * (1.0 - upto) + mean * exact
    return short, x - mean + short


def loss_negative_binomial(x: int, mean: float, dispersion: float) -> tuple[float, float]:
    """Return E[(X - x)+] and E[(x - X)+] of negative binomial X with variance m + phi m², items.

    Notes
    -----
    E[X; X > x] = m P(X' > x - 1), X' with one unit of shape more (r = 1 / phi).
    """
    _positive(mean=mean, dispersion=dispersion)
    r, chance = 1.0 / dispersion, 1.0 / (1.0 + mean * dispersion)
    above = 1.0 - (float(betainc(r, x + 1, chance)) if x >= 0 else 0.0)
    heavier = 1.0 - (float(betainc(r + 1.0, x, chance)) if x >= 1 else 0.0)
    short = mean * heavier - x * above
    return short, x - mean + short


def reorder_point(
    *, demand_mean: float, demand_sd: float, lead_time_days: float, lead_time_sd_days: float = 0.0,
    service_level: float = 0.95,
) -> float:  # fmt: skip
    """Return the stock position at which an order must be placed.

    Parameters
    ----------
    demand_mean, demand_sd : float
        Units per day [mu], [sigma]; days independent.
    lead_time_days, lead_time_sd_days : float
        Days from order to receipt [L], [s_L].
    service_level : float
        Probability of no stock-out in a cycle, in (0, 1) [alpha]. Not a fill rate.

    Returns
    -------
    float
        Units [r]; not rounded, packs are applied by :mod:`forecasting.replenish`.

    Notes
    -----
    r = mu L + z_alpha sqrt(L sigma² + mu² s_L²), lead-time demand taken as normal.
    """
    _not_negative(
        demand_mean=demand_mean, demand_sd=demand_sd, lead_time_days=lead_time_days, lead_time_sd_days=lead_time_sd_days
    )
    if not 0.0 < service_level < 1.0:
        raise InvalidInput("service_level", service_level, "a probability above 0 and below 1 was expected")
    sd = math.sqrt(lead_time_days * demand_sd**2 + (demand_mean * lead_time_sd_days) ** 2)
    return demand_mean * lead_time_days + float(ndtri(service_level)) * sd


def fill_rate(*, reorder_point: float, quantity: float, mean: float, sd: float) -> float:
    """Return the share of demand met from stock under (r, Q), normal lead-time demand.

    Notes
    -----
    beta = 1 - n(r) / Q, n the loss of lead-time demand at r (section 5.3.4).
    """
    _positive(quantity=quantity)
    return 1.0 - loss_normal(reorder_point, mean, sd)[0] / quantity


@dataclass(frozen=True, slots=True)
class ReorderPolicy:
    """Reorder point and quantity, items, with the expected cost per period."""

    reorder_point: float
    quantity: float
    cost: float


def rq_cost(
    *, reorder_point: float, quantity: float, fixed_cost: float, holding_cost: float, stockout_cost: float,
    demand_rate: float, lead_mean: float, lead_sd: float,
) -> float:  # fmt: skip
    """Return the expected-inventory-level cost of (r, Q) per period (eq. 5.7).

    ``h (r - mu_L + Q / 2) + K lambda / Q + p lambda n(r) / Q`` with `lead_mean` [mu_L] and
    `lead_sd` the lead-time demand, items.
    """
    short = loss_normal(reorder_point, lead_mean, lead_sd)[0]
    held = holding_cost * (reorder_point - lead_mean + quantity / 2.0)
    return held + (fixed_cost + stockout_cost * short) * demand_rate / quantity


def reorder_policy(
    *, fixed_cost: float, holding_cost: float, stockout_cost: float, demand_rate: float, lead_mean: float,
    lead_sd: float,
) -> ReorderPolicy:  # fmt: skip
    """Return (r, Q) that minimises the expected-inventory-level cost, by alternation (section 5.2.1).

    Notes
    -----
    Q = sqrt(2 lambda (K + p n(r)) / h) and F(r) = 1 - Q h / (p lambda) until neither moves.
    """
    quantity = economic_order_quantity(
        fixed_cost=fixed_cost, holding_cost=holding_cost, demand_rate=demand_rate
    ).quantity
    point = lead_mean
    for _ in range(100):
        chance = min(max(1.0 - quantity * holding_cost / (stockout_cost * demand_rate), 1e-12), 1.0 - 1e-12)
        point = lead_mean + lead_sd * float(ndtri(chance))
        short = loss_normal(point, lead_mean, lead_sd)[0]
        better = math.sqrt(2.0 * demand_rate * (fixed_cost + stockout_cost * short) / holding_cost)
        if abs(better - quantity) < 1e-10 * quantity:
            break
        quantity = better
    cost = rq_cost(
        reorder_point=point, quantity=quantity, fixed_cost=fixed_cost, holding_cost=holding_cost,
        stockout_cost=stockout_cost, demand_rate=demand_rate, lead_mean=lead_mean, lead_sd=lead_sd,
    )  # fmt: skip
    return ReorderPolicy(point, quantity, cost)
