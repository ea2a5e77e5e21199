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

#: Headings of ``--help`` and whose commands stand under each, in this order.
HEADINGS = {
    "Shop": (shop, setup, importing, checking, serving, tokens, bench),
    "Orders, stock and returns": (
        orders, changes, drafts, assembly, returns_desk, portal, exchanges, claims, withdrawals,
    ),
    "Numbers": (numbers, saved, reports),
    "Customers": (segments, templates, campaigns, recommend, customers, clv, privacy),
    "Buying": (forecast, replenish, purchasing, low_stock),
    "Money": (payments, payouts, invoices, ledger, costs, rates),
}  # fmt: skip

for heading, modules in HEADINGS.items():
    for module in modules:
        groups, commands = len(app.registered_groups), len(app.registered_commands)
        module.register(app)
        for group in app.registered_groups[groups:]:
            group.rich_help_panel = heading
        for command in app.registered_commands[commands:]:
            command.rich_help_panel = heading


def run() -> None:
    """Entry point of the `ordersight` command."""
    app()
