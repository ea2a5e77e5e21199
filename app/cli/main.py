"""`ordersight`: the tree of commands. Heavy libraries load inside the commands."""

from __future__ import annotations

import typer

from app.cli import (
    assembly,
    bench,
    campaigns,
    changes,
    checking,
    claims,
    clv,
    costs,
    customers,
    drafts,
    exchanges,
    forecast,
    importing,
    invoices,
    ledger,
    low_stock,
    numbers,
    orders,
    payments,
    payouts,
    portal,
    privacy,
    purchasing,
    rates,
    recommend,
    replenish,
    reports,
    returns_desk,
    saved,
    segments,
    serving,
    setup,
    shop,
    templates,
    tokens,
    withdrawals,
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
    setup,
    importing,
    checking,
    numbers,
    saved,
    reports,
    orders,
    changes,
    drafts,
    assembly,
    returns_desk,
    portal,
    exchanges,
    claims,
    withdrawals,
    segments,
    templates,
    campaigns,
    customers,
    clv,
    forecast,
    replenish,
    purchasing,
    low_stock,
    payments,
    payouts,
    privacy,
    invoices,
    ledger,
    costs,
    rates,
    recommend,
    serving,
    tokens,
    bench,
):
    module.register(app)


def run() -> None:
    """Entry point of the `ordersight` command."""
    app()
