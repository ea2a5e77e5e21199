"""What to buy: suggestions, purchase orders, simulation, optimisation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.door import Door, command
from oms_core.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from app.jobs.replenishment import Plan
    from app.workspace import Workspace

BudgetOption = Annotated[str | None, typer.Option("--budget", help="Most money to spend, shop currency.")]
VolumeOption = Annotated[float | None, typer.Option("--volume-cap", help="Room of the container, m³.", min=0)]
SupplierOption = Annotated[str | None, typer.Option("--supplier", help="Name of the only supplier wanted.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(help="What to buy, when, from whom, and why.", no_args_is_help=True)
    command(group, "suggest")(suggest)
    command(group, "transfers")(transfers)
    command(group, "create-pos")(create_pos)
    command(group, "simulate")(simulate)
    command(group, "service")(service)
    command(group, "optimise")(optimise)
    command(group, "supply-plan")(supply_plan)
    app.add_typer(group, name="replenish")


def suggest(
    door: Door,
    supplier: SupplierOption = None,
    budget: BudgetOption = None,
    volume_cap: VolumeOption = None,
) -> list[dict[str, Any]]:
    """Suggest what to order now, most urgent first, each line with its receipt and its reason."""
    from app.jobs.transferring import told_with_moves

    workspace = door.workspace("replenish")
    workspace.replica.refresh()
    found = _plan(workspace, supplier, budget, volume_cap)
    if found.lines.is_empty():
        door.say("No SKU with a forecast has a supplier: ordersight setup import suppliers, then supplier-items.")
    return told_with_moves(workspace, found)


def transfers(
    door: Door,
    *,
    draft: Annotated[bool, typer.Option("--draft", help="Draft the transfers, one a pair of locations.")] = False,
) -> dict[str, Any]:
    """List what to move between locations before anything is bought; with --draft, draft the transfers."""
    from app.jobs.transferring import advise, draft_advised, without_ids

    workspace = door.workspace("replenish")
    workspace.replica.refresh()
    found = _plan(workspace)
    advice = advise(workspace, found.lines)
    skus = dict(found.lines.select("variant_id", "sku").iter_rows())
    lines = [
        {"sku": skus[variant], **move} for variant, one in advice.items() for move in without_ids(one)["transfers"]
    ]
    return {"lines": lines, "drafted": draft_advised(workspace, advice, actor="cli") if draft else []}


def create_pos(
    door: Door,
    supplier: SupplierOption = None,
    budget: BudgetOption = None,
    volume_cap: VolumeOption = None,
    location: Annotated[str | None, typer.Option("--location", help="Code of the location it goes to.")] = None,
) -> dict[str, Any]:
    """Draft purchase orders from the suggestions; what is drafted already is not drafted again."""
    from app.jobs.replenishment import draft_suggested

    workspace = door.workspace("replenish")
    workspace.replica.refresh()
    return draft_suggested(workspace, _plan(workspace, supplier, budget, volume_cap), location=location)


def _plan(
    workspace: Workspace, supplier: str | None = None, budget: str | None = None, volume_cap: float | None = None
) -> Plan:
    from app.jobs.replenishment import plan
    from oms_core.kernel.money import to_minor

    if budget is not None and not re.fullmatch(r"\d+(\.\d+)?", budget):
        raise InvalidInput("budget", budget, "an amount of zero or more, such as 2500 or 2500.50, was expected")
    minor = None if budget is None else to_minor(budget, workspace.shop.currency)
    return plan(
        workspace, supplier=supplier, budget_minor=minor,
        volume_cm3=None if volume_cap is None else volume_cap * 1_000_000,
    )  # fmt: skip


def simulate(
    door: Door,
    *,
    panel: Annotated[
        Path | None, typer.Option("--panel", help="CSV or Parquet: series_id, day, y. Else the shop.")
    ] = None,
    policy: Annotated[str | None, typer.Option(help="ordersight, cover, minmax or static; else all compared.")] = None,
    target_fill: Annotated[float, typer.Option("--target-fill", help="Share of units met from stock, 0–1.")] = 0.95,
    lead_time_days: Annotated[str, typer.Option(help="Days from order to receipt: 7 or 4-10.")] = "4-10",
    review_days: Annotated[int, typer.Option(help="Days between reviews.")] = 7,
    pack: Annotated[int, typer.Option(help="Units of a pack.")] = 1,
    moq: Annotated[int, typer.Option(help="Least units of an order line.")] = 0,
    burn_in_days: Annotated[int, typer.Option(help="First days that are not counted.")] = 28,
    seed: Annotated[int, typer.Option(help="Of the lead times.")] = 0,
) -> dict[str, Any]:
    """Run stock policies over real demand, with lost sales: one at a fill rate, or all compared with intervals.

    Without a panel the shop's own past is used, with its suppliers' terms and what was really ordered, and the result
    is kept for the Backtest page.
    """
    from app.jobs import stock_backtest

    low, high = _days(lead_time_days)
    terms = (low, high, review_days, pack, moq, burn_in_days)
    if panel is not None:
        return stock_backtest.of_file(panel, policy=policy, target_fill=target_fill, terms=terms, seed=seed)
    if policy is not None:
        raise InvalidInput("policy", policy, "one policy runs over a file (--panel); the shop's past compares them all")
    workspace = door.workspace("replenish")
    return stock_backtest.told(stock_backtest.run_backtest(workspace, seed=seed))


def service(
    door: Door,
    group: Annotated[str | None, typer.Argument(help="Class such as AX: value A to C, evenness X to Z.")] = None,
    cycle: Annotated[float | None, typer.Option("--cycle", help="Chance that nothing runs out, 0–1.")] = None,
    fill: Annotated[float | None, typer.Option("--fill", help="Share of units met from stock, 0–1.")] = None,
) -> list[dict[str, Any]]:
    """Say what service a class of goods is to have, and show what every class has."""
    from oms_core.planning.service import services, set_service

    workspace = door.workspace("replenish")
    if (group is None) != (cycle is None and fill is None) or (cycle is not None and fill is not None):
        raise InvalidInput(
            "service", group, "a class with either --cycle or --fill was expected", "Such as: AX --fill 0.97"
        )
    if group is not None:
        measure, target = ("cycle", cycle) if cycle is not None else ("fill", fill)
        with workspace.transaction() as session:
            set_service(
                session,
                abc=group[:1].upper(),
                xyz=group[1:].upper(),
                measure=measure,
                target=target or 0.0,
                actor="cli",
            )
    with workspace.reading() as session:
        known = services(session)
    return [
        {"class": abc + xyz, "measure": measure, "target": target} for (abc, xyz), (measure, target) in known.items()
    ]


def _days(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"\s*(\d{1,3})\s*(?:-\s*(\d{1,3})\s*)?", text)
    if not found:
        raise InvalidInput("lead_time_days", text, "days such as 7, or a range such as 4-10, were expected")
    return int(found[1]), int(found[2] or found[1])


def optimise(
    door: Door,  # noqa: ARG001 - every command is given the door
    lines: Annotated[Path, typer.Option("--lines", help="CSV or Parquet: sku, supplier, unit_cost, pack, moq, …")],
    budget: Annotated[float, typer.Option("--budget", help="Most money to spend, fixed costs included.")],
    volume_cap: Annotated[float | None, typer.Option("--volume-cap", help="Most volume.")] = None,
) -> dict[str, Any]:
    """Choose the quantities with the best value for one budget, with a certified bound."""
    from forecasting.optimise import optimise as run
    from forecasting.reading import read_file

    return run(read_file(lines), budget=budget, volume_cap=volume_cap)


def supply_plan(
    door: Door,
    by: Annotated[str, typer.Option("--by", help="month, category, supplier or sku; the last three by month too.")] = (
        "month"
    ),
) -> list[dict[str, Any]]:
    """Plan twelve months in units and cash: sales, arrivals, orders, stock, open to buy, payments."""
    from app.jobs import supply_plan as job
    from oms_core.kernel.money import to_decimal

    workspace = door.workspace("replenish")
    workspace.replica.refresh()
    found = job.supply_plan(workspace)
    return [
        {
            name.removesuffix("_minor"): to_decimal(value, found.currency) if name.endswith("_minor")
            else round(value, 1) if name in job.UNITS else value
            for name, value in row.items()
        } | {"currency": found.currency}
        for row in found.by(by).iter_rows(named=True)
    ]  # fmt: skip
