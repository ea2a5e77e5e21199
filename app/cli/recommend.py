"""`ordersight recommend`: what a segment's members may want next, and whether that beats bestsellers."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.door import Door, command


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(help="What to offer to whom, judged against bestsellers.", no_args_is_help=True)
    command(group, "members")(members)
    command(group, "backtest")(backtest)
    app.add_typer(group, name="recommend")


def members(
    door: Door,
    *,
    expression: Annotated[str, typer.Argument(metavar="NAME|EXPR", help="A segment's name, or an expression.")],
    count: Annotated[int, typer.Option("--count", min=1, max=50, help="SKUs a member, best first.")] = 3,
) -> Any:
    """List what each member of a segment may want next: bought again, or bought by those with the same taste."""
    from app.jobs import segments

    workspace = door.workspace()
    workspace.replica.refresh()
    return segments.recommended(workspace, segments.evaluate(workspace, expression), count=count)


def backtest(
    door: Door,
    *,
    count: Annotated[int, typer.Option("--count", min=1, max=50, help="SKUs a customer.")] = 10,
) -> dict[str, Any]:
    """Judge recommendations on every customer's last order, which nothing was learnt from, beside bestsellers."""
    from analytics import frames
    from segmentation import recommending

    workspace = door.workspace()
    workspace.replica.refresh()
    return recommending.backtest(frames.customer_lines(workspace.replica), count=count)
