"""Our stock policy on the shop's own past, against the usual policies and what was really ordered."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from analytics import frames
from app.jobs.forecasts import awake, panel_of, without_bulk
from forecasting.comparison import compare
from forecasting.reading import make_panel, read_file
from forecasting.simulate import LEARNED, LEARNED_SHARE, simulate, start_of
from forecasting.stocking import Terms
from oms_core.kernel import clock
from oms_core.kernel.errors import DataNotReady, InvalidInput
from oms_core.kernel.money import to_decimal
from oms_core.planning.service import newest_backtest, store_backtest

if TYPE_CHECKING:
    from pathlib import Path

    from app.workspace import Workspace
    from forecasting.panel import Floats, Panel

#: Most SKUs compared, those that cost most to sell; and days of sales below which nothing can be said.
MOST, LEAST_DAYS = 600, 200
#: Days after which the nightly job compares again.
EVERY_DAYS = 7
#: Days a SKU must have been on sale when the simulation begins.
GROWN_DAYS = 28
#: Days from order to receipt where a SKU has no supplier.
USUAL_LEAD, USUAL_SPREAD = 7.0, 2.0


def run_backtest(workspace: Workspace, *, seed: int = 0, actor: str = "cli") -> dict[str, Any]:
    """Compare the policies on the shop's past, and keep the result.

    Returns
    -------
    dict
        As of :func:`forecasting.comparison.compare`; money in minor units of the shop's currency. ``backtest`` is
        its number, ``until_on`` the last day, ``coverage`` the share of all units sold that is compared; left out are
        SKUs too new to have been learned, those beyond :data:`MOST`, and ``bulk``: what was ordered beyond the usual,
        which is bought to order.

    Raises
    ------
    DataNotReady
        ``backtest.too_little_data``: fewer than 200 days of orders.
    """
    begun = time.perf_counter()
    workspace.replica.refresh()
    everything = awake(frames.demand_panel(workspace.replica))
    sold = without_bulk(everything)
    days = sold["day"].n_unique()
    if days < LEAST_DAYS:
        raise DataNotReady(
            "backtest.too_little_data", f"A backtest of stock needs {LEAST_DAYS} days of orders; the shop has {days}.",
            "Import history (ordersight import), or come back later.", days=days,
        )  # fmt: skip
    kept = _most_bought(workspace, _known_before(sold, days))
    panel = panel_of(sold.join(kept.select("series_id"), on="series_id", how="semi"))
    rows = pl.DataFrame({"series_id": panel.ids.cast(pl.String)}).join(
        kept, on="series_id", how="left", maintain_order="left"
    )
    terms = terms_of(rows)
    found = compare(
        panel, terms=terms, worth=rows["unit_cost"].to_numpy(), classes=_classes(rows),
        held=_held(workspace, panel, rows, terms), seed=seed,
    )  # fmt: skip
    until = panel.days(panel.length - 1, 1)[0]
    found |= {
        "currency": workspace.shop.currency, "until_on": until.isoformat(),
        "coverage": round(float(np.nan_to_num(panel.y).sum() / max(float(everything["y"].sum()), 1.0)), 4),
        "bulk": round(1.0 - float(sold["y"].sum()) / max(float(everything["y"].sum()), 1.0), 4),
    }  # fmt: skip
    with workspace.transaction() as session:
        number = store_backtest(session, until_on=until, results=found, actor=actor).id
    return {"backtest": number, **found, "seconds": round(time.perf_counter() - begun, 3)}


def _known_before(sold: pl.DataFrame, days: int) -> pl.DataFrame:
    """Return the SKUs that were on sale for a month before the simulation begins: no policy knows one before."""
    begun = sold["day"].min() + pl.duration(days=min(LEARNED, int(LEARNED_SHARE * days)) - GROWN_DAYS)
    first = sold.group_by("series_id").agg(pl.col("day").min())
    return sold.join(first.filter(pl.col("day") <= begun), on="series_id", how="semi")


def run_when_due(workspace: Workspace, *, actor: str) -> None:
    """Compare again when the newest result is :data:`EVERY_DAYS` old, or there is none."""
    with workspace.reading() as session:
        newest = newest_backtest(session)
    today = clock.business_date(clock.now(), workspace.shop.zone)
    if newest is None or (today - newest.until_on).days >= EVERY_DAYS:
        run_backtest(workspace, actor=actor)


def of_file(
    path: Path, *, policy: str | None, target_fill: float, terms: tuple[int, int, int, int, int, int], seed: int
) -> dict[str, Any]:
    """Return one policy at a fill rate over the days of a file, or without a name all of them compared.

    Parameters
    ----------
    terms : tuple of int
        Of :class:`forecasting.stocking.Terms`, in its order.
    """
    panel = make_panel(read_file(path), freq="D")
    if not len(panel.ids):
        raise InvalidInput("panel", path.name, "every series was refused")
    if policy is None:
        return {**compare(panel, terms=Terms(*terms), seed=seed), "refused": panel.refused}
    found = simulate(panel, policy=policy, target_fill=target_fill, terms=Terms(*terms), seed=seed)
    return {**found, "refused": panel.refused}


def told(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a result as the command line prints it: money as decimals of its currency."""

    def money(value: Any) -> Any:
        return None if value is None else to_decimal(round(value), found["currency"])

    policies = {
        name: {**one, "stock": [money(value) for value in one["stock"]]} for name, one in found["policies"].items()
    }
    parts = {key: [{**row, "stock": money(row["stock"])} for row in found.get(key, [])] for key in ("alone", "classes")}
    actual = found.get("actual")
    spoken = {key: money(actual[key]) for key in ("stock", "ours_at_that_fill")} if actual else {}
    return {**found, "policies": policies, **parts, **({"actual": {**actual, **spoken}} if actual else {})}


def terms_of(rows: pl.DataFrame) -> Terms:
    """Return lead times of each SKU's supplier as a range of equal mean and variance, its packs and minimum."""
    mean = rows["lead_time_days"].fill_null(USUAL_LEAD).to_numpy()
    half = rows["lead_time_sd_days"].fill_null(USUAL_SPREAD).to_numpy() * np.sqrt(3.0)
    low = np.maximum(np.round(mean - half), 1).astype(np.int64)
    high = np.maximum(np.round(mean + half), low).astype(np.int64)
    pack = np.maximum(rows["pack_qty"].fill_null(1).to_numpy(), 1).astype(np.int64)
    return Terms(low, high, 7, pack, rows["moq_qty"].fill_null(0).to_numpy().astype(np.int64))


def _most_bought(workspace: Workspace, sold: pl.DataFrame) -> pl.DataFrame:
    """Return the SKUs that cost most to sell, with cost, class and terms of their supplier."""
    known = frames.stock_positions(workspace.replica).rename({"sku": "series_id"})
    units = sold.group_by("series_id").agg(pl.col("y").sum().alias("units"))
    cost = pl.coalesce(pl.col("cost_minor"), pl.col("price_minor") / 2, 1.0)
    return (
        units.join(known, on="series_id", how="inner").with_columns(unit_cost=cost.cast(pl.Float64))
        .sort(pl.col("units") * pl.col("unit_cost"), "series_id", descending=[True, False]).head(MOST)
    )  # fmt: skip


def _classes(rows: pl.DataFrame) -> dict[str, Any]:
    name = (rows["abc"] + rows["xyz"]).fill_null("")
    return {one: (name == one).to_numpy() for one in sorted(set(name.to_list())) if one and "U" not in one}


def _held(workspace: Workspace, panel: Panel, rows: pl.DataFrame, terms: Terms) -> Floats | None:
    """Return what was available on an average counted day; None where the shop kept no stock."""
    first = start_of(panel) + terms.burn_in_days
    days = panel.days(first, panel.length - first)
    held = frames.stock_held(workspace.replica, since=days[0], until=days[-1]).select("variant_id", "mean_available")
    if held.is_empty():
        return None
    mean = rows.join(held, on="variant_id", how="left", maintain_order="left")["mean_available"]
    return np.asarray(mean.fill_null(0.0).cast(pl.Float64).to_numpy())
