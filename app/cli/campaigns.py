"""`ordersight campaigns`: what a message could show before it is sent, and what it brought."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.door import Door, command

Row = dict[str, Any]

Name = Annotated[str, typer.Argument(metavar="NAME|ID", help="A campaign's name or number.")]
Language = Annotated[str, typer.Option("--language", help="Language of the sentences: en or pl.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(help="Did writing to them earn anything?", no_args_is_help=True)
    command(group, "list")(list_)
    command(group, "show")(show)
    command(group, "power")(power)
    command(group, "result")(result)
    command(group, "trial")(trial)
    app.add_typer(group, name="campaigns")


def list_(door: Door) -> list[Row]:
    """List exports that held somebody back, newest first."""
    from app.jobs import campaigns

    return [campaigns.told(one) for one in campaigns.listed(door.workspace())]


def show(door: Door, name: Name) -> Row:
    """Show one campaign: to whom, when, how many were held out, until when orders count."""
    from app.jobs import campaigns

    return campaigns.told(campaigns.find(door.workspace(), name))


def power(
    door: Door,
    *,
    expression: Annotated[str, typer.Argument(metavar="NAME|EXPR", help="A segment's name, or an expression.")],
    holdout: Annotated[float, typer.Option("--holdout", help="Share kept back.")] = 0.1,
    uplift: Annotated[float, typer.Option("--uplift", help="Effect asked about: 0.1 is ten per cent more.")] = 0.1,
    window: Annotated[int, typer.Option("--window", help="Days in which orders would count.")] = 28,
    purpose: Annotated[str, typer.Option("--purpose", help="email, sms or ads.")] = "email",
    language: Language = "en",
) -> Row:
    """Say which effect a campaign to a segment could show, before it is sent."""
    from app.jobs import campaigns, segments
    from segmentation import campaign_words as words

    workspace = door.workspace()
    workspace.replica.refresh()
    found = segments.evaluate(workspace, expression)
    outlook = campaigns.power(workspace, found, purpose=purpose, holdout=holdout, asked=uplift, window_days=window)
    return {
        "members": outlook.members,
        "writable": outlook.writable,
        "window_days": outlook.window_days,
        "currency": outlook.currency,
        "measures": [
            {
                "measure": one.measure, "sent": one.sent, "held": one.held,
                "mean": campaigns.major(one.measure, one.mean, outlook.currency),
                "deviation": campaigns.major(one.measure, one.deviation, outlook.currency),
                "detectable": campaigns.major(one.measure, one.detectable, outlook.currency),
                "detectable_share": one.detectable_share,
                "needed_holdout": one.needed_share, "needed_members": one.needed_members,
                "sentence": words.foreseen(one.measure, one.detectable_share, language),
                "advice": words.advised(outlook.asked, one.needed_share, one.needed_members, language),
            }
            for one in outlook.measures
        ],
    }  # fmt: skip


def result(door: Door, *, name: Name, language: Language = "en") -> Row:
    """Show what a campaign brought by now: orders, revenue and margin more than of those held out."""
    from app.jobs import campaigns

    workspace = door.workspace()
    workspace.replica.refresh()
    return campaigns.told_result(campaigns.result(workspace, campaigns.find(workspace, name)), language)


def trial(
    _door: Door,
    *,
    shops: Annotated[int, typer.Option("--shops", min=1, help="Simulated shops, a seed each; no database.")] = 20,
    draws: Annotated[int, typer.Option("--draws", min=1, help="Hold-outs drawn in each.")] = 50,
    orders: Annotated[int, typer.Option("--orders", min=500, help="Orders of a shop in two years.")] = 1500,
    holdout: Annotated[float, typer.Option("--holdout", min=0.01, max=0.99, help="Share kept back.")] = 0.2,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the first shop.")] = 1,
) -> list[Row]:
    """Judge the readings themselves: how often the interval holds what the messages truly brought."""
    from app.demo.simulated import campaign_trial

    return campaign_trial.trial(shops=shops, draws=draws, orders=orders, holdout=holdout, seed=seed)
