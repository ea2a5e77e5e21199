"""Exchange rates: take them in, look one up, state orders in the shop's own money."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.money_words import day, read_rows

SourceOption = Annotated[str, typer.Option("--source", help="Who published them, such as NBP or ECB.")]
ReplaceOption = Annotated[bool, typer.Option("--replace", help="Put a different rate in the place of a stored one.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(name="rates", help="Published exchange rates, and orders in the shop's own money.")
    command(group, "import", help="Take rates from a file of the NBP (CSV, JSON, XML) or a plain CSV.")(import_)
    command(group, "add", help="Add one rate: 1 BASE = RATE QUOTE on a day.")(add)
    command(group, "list", help="List stored rates, newest first.")(list_)
    command(group, "show", help="Show the rate that counts on a day.")(show)
    command(group, "restate", help="State orders and payments that have no shop money yet.")(restate)
    app.add_typer(group)


def import_(
    door: Door,
    *,
    file: Annotated[Path, typer.Argument(help="NBP table A or C, or a CSV: date, base, quote, rate.")],
    source: SourceOption = "",
    replace: ReplaceOption = False,
) -> dict[str, Any]:
    """Take the rates in, then state what waited for them."""
    from oms_core.payments.nbp import rates_of
    from oms_core.payments.rates import NewRate, publish
    from oms_core.payments.rates import restate as state

    rates = rates_of(_bytes(file), file.name)
    if rates is None:
        rows = read_rows(file, ["date", "base", "quote", "rate"])
        rates = [_rate(NewRate, row, n) for n, row in enumerate(rows, start=2)]
    workspace = door.workspace()
    with workspace.transaction() as session:
        counts = publish(session, rates, source=source or file.name, replace=replace)
        return {**counts, **state(session, workspace.shop.currency)}


def _bytes(file: Path) -> bytes:
    """Return what a file holds."""
    try:
        return file.read_bytes()
    except OSError as error:
        from oms_core.kernel.errors import InvalidInput

        raise InvalidInput("file", str(file), f"a readable file ({error.strerror})", code="input.file") from error


def _rate(make: Any, row: dict[str, str], n: int) -> Any:
    on = day(row["date"], f"date in row {n}")
    if on is None:
        from oms_core.kernel.errors import InvalidInput

        raise InvalidInput("date", "", f"a day in row {n}")
    return make(row["base"].upper(), row["quote"].upper(), on, row["rate"].replace(",", "."))


def add(
    door: Door,
    *,
    base: Annotated[str, typer.Argument(help="Currency of the one unit, such as EUR.")],
    quote: Annotated[str, typer.Argument(help="Currency of its price, such as PLN.")],
    on: Annotated[str, typer.Argument(help="Day (ISO).")],
    rate: Annotated[str, typer.Argument(help="Decimal.")],
    source: SourceOption = "by hand",
    replace: ReplaceOption = False,
) -> dict[str, Any]:
    """Add one rate, then state what waited for it."""
    from oms_core.payments.rates import NewRate, publish
    from oms_core.payments.rates import restate as state

    new = _rate(NewRate, {"base": base, "quote": quote, "date": on, "rate": rate}, 1)
    workspace = door.workspace()
    with workspace.transaction() as session:
        counts = publish(session, [new], source=source, replace=replace)
        return {**counts, **state(session, workspace.shop.currency)}


def list_(
    door: Door,
    base: Annotated[str | None, typer.Option("--base", help="Only this base.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most this many.")] = 50,
) -> list[dict[str, Any]]:
    """Return the stored rates."""
    import sqlalchemy as sa

    from oms_core.kernel.exchange import ExchangeRate

    statement = sa.select(ExchangeRate).order_by(ExchangeRate.on_date.desc(), ExchangeRate.base).limit(limit)
    if base:
        statement = statement.where(ExchangeRate.base == base.upper())
    with door.workspace().reading() as session:
        return [
            {"on": r.on_date, "base": r.base, "quote": r.quote, "rate": r.rate, "source": r.source}
            for r in session.scalars(statement)
        ]


def show(
    door: Door,
    base: Annotated[str, typer.Argument(help="Currency, such as EUR.")],
    on: Annotated[str | None, typer.Option("--on", help="Day (ISO); today when left out.")] = None,
) -> dict[str, Any]:
    """Return the rate into the shop's currency, with the day it was published for."""
    from oms_core.kernel import clock
    from oms_core.kernel.errors import NotFound
    from oms_core.kernel.exchange import rate_on

    workspace = door.workspace()
    own = workspace.shop.currency
    wanted = day(on, "on") or clock.business_date(clock.now(), workspace.shop.zone)
    with workspace.reading() as session:
        found = rate_on(session, base.upper(), own, wanted)
    if found is None:
        raise NotFound(
            "exchange rate", f"{base.upper()}/{own} on or before {wanted}", hint="Add it: ordersight rates add"
        )
    return {"base": base.upper(), "quote": own, "asked_for": wanted, "rate": found.text, "published_for": found.on}


def restate(door: Door) -> dict[str, Any]:
    """Return how many were stated, and how many still have no rate."""
    from oms_core.payments.rates import restate as state

    workspace = door.workspace()
    with workspace.transaction() as session:
        return dict(state(session, workspace.shop.currency))
