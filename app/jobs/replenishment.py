"""What the shop should order: stored forecast, stock and terms to suggestions and draft purchase orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from analytics import frames
from app.jobs.receipts import RECEIPT, decided, launched
from forecasting import lead_times
from forecasting.budgeting import Cut, cut
from forecasting.price_breaks import priced, unit_cost
from forecasting.reasons import reason
from forecasting.replenish import URGENCIES, Demand, suggest
from oms_core.kernel import clock
from oms_core.kernel.errors import NotFound, Refused
from oms_core.kernel.money import to_decimal
from oms_core.planning import queries as planning
from oms_core.planning.overrides import adjusted_sums
from oms_core.planning.service import USUAL, services
from oms_core.purchasing import names
from oms_core.purchasing import queries as purchasing
from oms_core.purchasing import terms as buying_terms
from oms_core.purchasing.commands import NewLine, draft_purchase_order

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Plan:
    """Suggestions of one moment.

    Attributes
    ----------
    lines : polars.DataFrame
        As :func:`forecasting.replenish.suggest`, most urgent first; every forecast SKU has a line.
    run : dict
        The stored forecast they rest on.
    cut : Cut, optional
        What is known of a plan that was cut to a budget.
    """

    lines: pl.DataFrame
    run: Mapping[str, Any]
    cut: Cut | None = None

    @property
    def ordered(self) -> pl.DataFrame:
        """Lines with something to order."""
        return self.lines.filter(pl.col("order_qty") > 0)

    def within(self, budget_minor: int, *, volume_cm3: float | None = None, extra_minor: int = 0) -> Plan:
        """Return the plan cut to a budget (minor units of the shop's currency) and, where given, to a container."""
        found = cut(self.lines, budget_minor, volume_cm3=volume_cm3, extra_minor=extra_minor)
        return Plan(found.lines, self.run, found)

    @property
    def volume_cm3(self) -> float:
        """Volume of everything suggested; goods without a volume count nothing."""
        return float(self.lines.select((pl.col("order_qty") * pl.col("volume_cm3").fill_null(0)).sum()).item() or 0)

    @property
    def value_minor(self) -> int:
        """Cost of everything suggested, minor units."""
        return int(self.lines.select((pl.col("order_qty") * pl.col("unit_cost_minor")).sum()).item() or 0)


def plan(
    workspace: Workspace,
    *,
    supplier: str | None = None,
    budget_minor: int | None = None,
    volume_cm3: float | None = None,
) -> Plan:
    """Return what to order now.

    Parameters
    ----------
    supplier : str, optional
        Name of the only supplier wanted.
    budget_minor : int, optional
        Most to spend, minor units of the shop's currency.
    volume_cm3 : float, optional
        Room of the container; goods without a volume take none.

    Raises
    ------
    DataNotReady
        ``forecast.none`` before the first forecast.
    NotFound
        ``supplier.not_found`` with near matches.
    """
    lines, _demand, run = demanded(workspace, supplier=supplier)
    found = Plan(_sorted(lines), run)
    if budget_minor is None and volume_cm3 is None:
        return found
    return found.within(found.value_minor if budget_minor is None else budget_minor, volume_cm3=volume_cm3)


def demanded(workspace: Workspace, *, supplier: str | None = None) -> tuple[pl.DataFrame, Demand, Mapping[str, Any]]:
    """Return a plan's lines, the demand behind them row by row, and the stored forecast; errors as :func:`plan`."""
    today = clock.business_date(clock.now(), workspace.shop.zone)
    positions = frames.stock_positions(workspace.replica).filter(pl.col("supplier_id").is_not_null())
    with workspace.reading() as session:
        run = planning.latest_run(session)
        terms, volumes = buying_terms.price_breaks(session), buying_terms.volumes(session)
        sums = pl.DataFrame(adjusted_sums(session, run), infer_schema_length=None)
        wanted = services(session)
        drafted = pl.DataFrame(
            purchasing.drafted(session), schema={"variant_id": pl.Int64, "drafted": pl.Int64}, orient="row"
        )
    if supplier is not None:
        known = positions["supplier"].unique().to_list()
        if supplier not in known:
            raise NotFound("supplier", supplier, known)
        positions = positions.filter(pl.col("supplier") == supplier)
    seen = frames.supplier_lead_times(workspace.replica, today - timedelta(days=lead_times.WINDOW_DAYS))
    positions = lead_times.used(positions, seen)
    held = positions.join(drafted, on="variant_id", how="left").with_columns(pl.col("drafted").fill_null(0))
    held, demand = _matched(_served(held, wanted), sums, gone=(today - run["cutoff_on"]).days - 1)
    lines = priced(suggest(_termed(held, terms, volumes), demand, today))
    return launched(lines, run["scores"]), demand, run


def _termed(held: pl.DataFrame, terms: Sequence[Mapping[str, Any]], volumes: Mapping[int, int]) -> pl.DataFrame:
    """Return the positions with their supplier's price breaks and the volume of one unit."""
    wanted: dict[tuple[int, int], list[dict[str, int]]] = {}
    for row in terms:
        step = {"from_qty": row["from_qty"], "unit_cost_minor": row["unit_cost_minor"]}
        wanted.setdefault((row["supplier_id"], row["variant_id"]), []).append(step)
    keys = held.select("supplier_id", "variant_id").iter_rows()
    kind = pl.List(pl.Struct({"from_qty": pl.Int64, "unit_cost_minor": pl.Int64}))
    return held.with_columns(
        pl.Series("price_breaks", [wanted.get(key) for key in keys], dtype=kind),
        pl.Series("volume_cm3", [volumes.get(key) for key in held["variant_id"]], dtype=pl.Int64),
    )


def _served(held: pl.DataFrame, wanted: Mapping[tuple[str, str], tuple[str, float]]) -> pl.DataFrame:
    """Return the positions with the service their class is to have; goods never sold have the usual one."""
    rows = [(abc, xyz, measure, target) for (abc, xyz), (measure, target) in wanted.items()]
    known = pl.DataFrame(rows, schema=["abc", "xyz", "measure", "target"], orient="row")
    joined = held.join(known, on=["abc", "xyz"], how="left", maintain_order="left")
    return joined.with_columns(pl.col("measure").fill_null(USUAL[0]), pl.col("target").fill_null(USUAL[1]))


def _matched(positions: pl.DataFrame, sums: pl.DataFrame, *, gone: int) -> tuple[pl.DataFrame, Demand]:
    """Return the positions with a forecast, and their demand from tomorrow on (`gone` days are past)."""
    flat = sums.with_columns(pl.col("quantiles").struct.field("0.95").alias("high"))
    wide = flat.pivot(on="day_number", index="variant_id", values=["mean", "high"])
    days = sorted(flat["day_number"].unique().to_list())
    joined = positions.join(wide, on="variant_id", how="inner", maintain_order="left")
    mean = joined.select([f"mean_{d}" for d in days]).to_numpy()
    high = joined.select([f"high_{d}" for d in days]).to_numpy()
    past = max(min(gone, days[0] - 1), 0) / days[0]
    # Days of the forecast that are over already are taken off the front, at the first week's rate.
    late = np.array(days) - max(min(gone, days[0] - 1), 0)
    return joined.select(positions.columns), Demand(late, mean - past * mean[:, :1], high - past * mean[:, :1])


def _sorted(lines: pl.DataFrame) -> pl.DataFrame:
    rank = {name: place for place, name in enumerate(URGENCIES)}
    keys = [
        pl.col("urgency").replace_strict(rank, return_dtype=pl.Int64),
        pl.col("cover_days_now"),
        -(pl.col("rate") * pl.col("price_minor")),
        pl.col("sku"),
    ]
    return lines.sort(keys)


def told(line: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """Return a line as the command line prints it: money as decimals, the reason in English."""
    cost = int(line["unit_cost_minor"] or 0)
    return {
        "sku": line["sku"], "title": line["title"], "supplier": line["supplier"], "urgency": line["urgency"],
        "quantity": line["order_qty"], "pack": line["pack_qty"], "moq": line["moq_qty"],
        "unit_cost": to_decimal(cost, currency), "value": to_decimal(cost * line["order_qty"], currency),
        "currency": currency, "rate_per_day": round(line["rate"], 3), "demand_lead": round(line["demand_lead"], 2),
        "demand_cover": round(line["demand_cover"], 2), "safety": round(line["safety"], 2),
        "on_hand": line["on_hand"], "available": line["available"], "inbound": line["incoming"],
        "drafted": line["drafted"], "before_rounding": line["raw_qty"], "rounding": line["rounding_qty"],
        "p_stock_out": round(line["p_stock_out"], 4), "sells_out_on": line["sells_out_on"],
        "last_order_on": line["last_order_on"], "lead_time": told_lead_time(line), **decided(line, currency),
        "reason": reason(line)["en"],
    }  # fmt: skip


def told_lead_time(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return the lead time used in days, and what it rests on: the supplier's word and the deliveries seen."""
    keys = {"used": "lead_time_days", "stated": "stated_days", "seen": "seen_days", "seen_sd": "seen_sd_days"}
    found = {key: None if line[name] is None else round(line[name], 1) for key, name in keys.items()}
    return found | {"deliveries": line["seen_deliveries"]}


def create_purchase_orders(
    session: Session,
    lines: Sequence[Mapping[str, Any]],
    *,
    location_id: int,
    actor: str = "system",
    simulated: bool = False,
) -> list[Any]:
    """Draft one purchase order a supplier from lines of a plan; each line keeps its receipt.

    Parameters
    ----------
    lines : sequence of mapping
        Rows of ``Plan.lines``; ``order_qty`` may have been edited, ``raw_qty`` says what was suggested.

    Raises
    ------
    Refused
        ``replenish.nothing`` when no line has a quantity.
    """
    wanted = [line for line in lines if line["order_qty"] > 0]
    if not wanted:
        raise Refused("replenish.nothing", "There is nothing to order.", "Stock and open orders cover the forecast.")
    drafts = []
    for supplier in dict.fromkeys(line["supplier_id"] for line in wanted):
        own = [line for line in wanted if line["supplier_id"] == supplier]
        drafts.append(
            draft_purchase_order(
                session, supplier_id=supplier, location_id=location_id, lines=[_new_line(line) for line in own],
                expected_on=max(line["arrives_on"] for line in own), actor=actor, simulated=simulated,
            )
        )  # fmt: skip
    return drafts


def draft_suggested(
    workspace: Workspace, found: Plan, *, location: str | None = None, actor: str = "cli"
) -> dict[str, Any]:
    """Draft purchase orders for everything a plan suggests, in one transaction.

    What is in drafts already was taken off by the plan, so that a second run drafts nothing twice.

    Returns
    -------
    dict
        ``purchase_orders, lines, value`` (decimal) with its ``currency``, and the ``numbers``; values
        in several currencies come as ``values``.

    Raises
    ------
    NotFound
        Unknown location.
    """
    lines = list(found.ordered.iter_rows(named=True))
    drafts = []
    if lines:
        with workspace.transaction() as session:
            place = names.location_id(session, location)
            orders = create_purchase_orders(session, lines, location_id=place, actor=actor)
            drafts = [(order.number, order.currency, order.total_minor) for order in orders]
    sums: dict[str, int] = {}
    for _number, currency, minor in drafts:
        sums[currency] = sums.get(currency, 0) + minor
    values = [{"value": to_decimal(minor, currency), "currency": currency} for currency, minor in sums.items()]
    first = (
        values[0] if values else {"value": to_decimal(0, workspace.shop.currency), "currency": workspace.shop.currency}
    )
    return {
        "purchase_orders": len(drafts), "lines": len(lines), **first,
        **({"values": values} if len(values) > 1 else {}), "numbers": [number for number, _, _ in drafts],
    }  # fmt: skip


def _new_line(line: Mapping[str, Any]) -> NewLine:
    kept = {key: _plain(line[key]) for key in RECEIPT if key in line} | {"reason": reason(line)}
    return NewLine(
        variant_id=line["variant_id"],
        quantity=int(line["order_qty"]),
        unit_cost_minor=_cost(line),
        suggested_qty=int(line.get("suggested_qty") or line["order_qty"]),
        receipt=kept,
    )


def _cost(line: Mapping[str, Any]) -> int:
    """Return the unit cost at the quantity ordered, which the buyer may have changed."""
    usual = line.get("list_cost_minor")
    return unit_cost(line["order_qty"], int((line["unit_cost_minor"] if usual is None else usual) or 0),
                     line.get("price_breaks"))  # fmt: skip


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return round(value, 4) if isinstance(value, float) else value
