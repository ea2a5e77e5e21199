"""`ordersight`: the tree of commands. Heavy libraries load inside the commands."""

from __future__ import annotations

import typer

from app.cli import (
    bench,
    changes,
    checking,
    clv,
    forecast,
    importing,
    numbers,
    orders,
    purchasing,
    replenish,
    segments,
    serving,
    shop,
    tokens,
)

app = typer.Typer(
    name="ordersight",
    help="Orders, customers and stock in one honest place.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for module in (
    shop,
    importing,
    checking,
    numbers,
    orders,
    changes,
    segments,
    clv,
    forecast,
    replenish,
    purchasing,
    serving,
    tokens,
    bench,
):
    module.register(app)


def run() -> None:
    """Entry point of the `ordersight` command."""
    app()
