"""Our policy against the usual ones and against what was really ordered, on the same days: the honest table.

The rivals are tuned in hindsight: each gets the knob at which it reaches the fill rate, which nobody has before
the fact. Ours is shown both ways: tuned like them, and without hindsight, as a shop would have run it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from forecasting.engine import fit_panel
from forecasting.frontier import Change, Curve, change, change_from, trace
from forecasting.panel import Bools, Floats, Ints, Panel
from forecasting.replay import Run, lead_times, replay
from forecasting.simulate import check, start_of
from forecasting.steering import foreseen, rehearsed
from forecasting.stocking import LEVELS, Levels, Terms

OURS = "ordersight"
TARGETS = (0.9, 0.95, 0.97, 0.98, 0.99)
#: Fewer series than this make no class of their own.
LEAST_OF_CLASS = 10
#: Fill rate at which classes are compared when nothing was really ordered.
CLASS_TARGET = 0.95


def demanded(panel: Panel) -> Floats:
    """Return the demand of each day as far as it can be known: what was sold, and what sold-out time would have sold.

    Days cut short are not made smaller.
    """
    if not (panel.stock < 1.0).any():
        return np.nan_to_num(panel.y)
    return np.maximum(fit_panel(panel, 28).whole_demand(), np.nan_to_num(panel.y))


def compare(
    panel: Panel,
    *,
    terms: Terms | None = None,
    worth: Floats | None = None,
    classes: Mapping[str, Bools] | None = None,
    held: Floats | None = None,
    targets: Sequence[float] = TARGETS,
    seed: int = 0,
) -> dict[str, Any]:
    """Return what each policy holds at each fill rate, ours against every other with intervals.

    Parameters
    ----------
    panel : Panel
        Daily demand, with the share of each day in stock where it is known.
    worth : ndarray, shape (n,), optional
        Money a unit in stock; without it stock is compared in units.
    classes : mapping of str to ndarray of bool, shape (n,), optional
        Classes of series, told apart at one fill rate.
    held : ndarray, shape (n,), optional
        Mean units really in stock on the counted days; what was lost then follows from the panel's time without stock.

    Returns
    -------
    dict
        ``series, days, targets``; ``policies``: ``{name: {stock, orders}}`` lists by target (None: not reached);
        ``against``: ``{name: [{change, low, high}]}``; ``alone``: ``[{target, fill_rate, stock, orders}]`` of ours
        without hindsight; ``actual`` and ``classes`` if given.
    """
    terms = terms or Terms()
    for target in targets:
        check(panel, OURS, target, terms)
    begin, demand = start_of(panel), demanded(panel)
    seen = Panel(panel.ids, panel.calendar, panel.first, demand, np.ones(demand.shape), panel.known)
    leads = lead_times(len(panel.ids), panel.length - begin, terms, seed)
    counted = slice(begin + terms.burn_in_days, None)
    lost = (demand - np.nan_to_num(panel.y))[:, counted].sum(axis=1)
    reached = None if held is None else 1.0 - float(lost.sum()) / max(float(demand[:, counted].sum()), 1e-9)
    wanted = [*targets, *([] if reached is None else [reached])]
    future = demand[:, begin:]
    known = rehearsed(seen, demand, begin, maker=LEVELS[OURS], terms=terms, leads=leads, seed=seed + 1)
    levels = {name: known.levels if name == OURS else LEVELS[name](seen, begin, terms) for name in LEVELS}
    curves = {name: _curve(future, levels[name], terms, leads, wanted) for name in LEVELS}
    every = np.ones(len(panel.ids))
    found: dict[str, Any] = {
        "series": len(panel.ids), "days": panel.length - begin - terms.burn_in_days, "targets": list(targets),
        "policies": {
            name: {
                "stock": [_plain(curve.stock_at(t, every, worth)) for t in targets],
                "orders": [_plain(curve.orders_at(t, every)) for t in targets],
            }
            for name, curve in curves.items()
        },
        "against": {
            name: [_told(curves[OURS], curve, t, worth=worth) for t in targets]
            for name, curve in curves.items() if name != OURS
        },
        "alone": [_alone(t, foreseen(known, future, target=t, terms=terms, leads=leads), worth) for t in targets],
    }  # fmt: skip
    if held is not None and reached is not None:
        found["actual"] = _against_actual(curves[OURS], held, lost, reached, worth)
    if classes:
        target = reached if reached is not None and max(targets) >= reached >= min(targets) else CLASS_TARGET
        found["class_target"] = round(target, 4)
        found["classes"] = _by_class(curves, classes, target, worth)
    return found


def _curve(demand: Floats, levels: Levels, terms: Terms, leads: Ints, targets: Sequence[float]) -> Curve:
    return trace(lambda knob: replay(demand, levels, knob, terms, leads), levels.range, targets)


def _told(ours: Curve, theirs: Curve, target: float, **given: Any) -> dict[str, float | None]:
    return _spoken(change(ours, theirs, target, **given))


def _spoken(found: Change) -> dict[str, float | None]:
    return {"change": _plain(found.middle), "low": _plain(found.low), "high": _plain(found.high)}


def _alone(target: float, run: Run, worth: Floats | None) -> dict[str, float | int | None]:
    stock = run.on_hand.sum() if worth is None else run.on_hand @ worth
    return {
        "target": target, "fill_rate": _plain(run.fill_rate), "stock": _plain(stock), "orders": int(run.orders.sum()),
    }  # fmt: skip


def _against_actual(
    ours: Curve, held: Floats, lost: Floats, fill: float, worth: Floats | None
) -> dict[str, float | None]:
    """Return what was held and served, what ours holds at that fill rate, and the fill rate it has with that stock."""
    every = np.ones(len(held))
    stock = np.maximum.accumulate(every @ (ours.held if worth is None else ours.held * worth).T)
    money = float(held.sum() if worth is None else held @ worth)
    same = float(np.interp(money, stock, ours.fill(every)))
    return {
        "fill_rate": _plain(fill), "stock": _plain(money), "fill_at_that_stock": _plain(same),
        "ours_at_that_fill": _plain(ours.stock_at(fill, every, worth)),
        **_spoken(change_from(ours, held, lost, worth)),
    }  # fmt: skip


def _by_class(
    curves: Mapping[str, Curve], classes: Mapping[str, Bools], target: float, worth: Floats | None
) -> list[dict[str, Any]]:
    rows = []
    for name, members in classes.items():
        if members.sum() < LEAST_OF_CLASS or not curves[OURS].demand[members].sum():
            continue
        weight = members.astype(np.float64)
        rows.append({
            "class": name, "series": int(members.sum()),
            "stock": _plain(curves[OURS].stock_at(target, weight, worth)),
            "against": {
                rival: _told(curves[OURS], curve, target, rows=members, worth=worth)
                for rival, curve in curves.items() if rival != OURS
            },
        })  # fmt: skip
    return rows


def _plain(value: Any) -> float | None:
    """Return a rounded number, or None where there is none: results are kept as JSON."""
    return round(float(value), 6) if np.isfinite(value) else None
