"""`ordersight recommend`: what a segment's members may want next, and whether that beats what is simpler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.door import Door, command

if TYPE_CHECKING:
    from app.workspace import Workspace

Text = Annotated[str, typer.Argument(metavar="NAME|EXPR", help="A segment's name, or an expression.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(help="What to offer to whom, judged on orders that came later.", no_args_is_help=True)
    command(group, "members")(members)
    command(group, "bestsellers")(bestsellers)
    command(group, "backtest")(backtest)
    app.add_typer(group, name="recommend")


def members(
    door: Door,
    *,
    expression: Text,
    count: Annotated[int, typer.Option("--count", min=1, max=50, help="SKUs a member, best first.")] = 3,
) -> Any:
    """List what each member of a segment may want next, from what is in stock, and why."""
    from app.jobs import offers, segments
    from oms_core.kernel.money import to_decimal

    workspace = _ready(door)
    found = offers.recommended(workspace, segments.evaluate(workspace, expression), count=count)
    return [
        {
            "number": row["number"], "rank": row["rank"], "sku": row["sku"], "title": row["title"],
            "price": to_decimal(row["price_minor"], row["currency"]), "why": row["why"], "in_band": row["in_band"],
        }
        for row in found.iter_rows(named=True)
    ]  # fmt: skip


def bestsellers(
    door: Door,
    *,
    expression: Text,
    count: Annotated[int, typer.Option("--count", min=1, max=50, help="SKUs, most bought first.")] = 10,
) -> Any:
    """List what the members of a segment bought most in the last 90 days, from what is in stock."""
    from app.jobs import offers, segments

    workspace = _ready(door)
    return offers.bestsellers(workspace, segments.evaluate(workspace, expression), count=count)


def backtest(
    door: Door,
    *,
    count: Annotated[int, typer.Option("--count", min=1, max=50, help="SKUs a customer.")] = 10,
) -> dict[str, Any]:
    """Judge offers on every customer's next order after a day up to which was learnt, beside what is simpler."""
    from app.jobs import offers

    return offers.judged(_ready(door), count=count)


def _ready(door: Door) -> Workspace:
    workspace = door.workspace()
    workspace.replica.refresh()
    return workspace
