"""What goods cost: of an order, of the stock at any instant, and why; freight and duty on receipts."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.money_words import ActorOption, amount, day, decimals, end_of, variant_id

MethodOption = Annotated[str, typer.Option("--method", help="fifo or average.")]
AsOfOption = Annotated[str | None, typer.Option("--as-of", help="Day (its end) or instant; now when left out.")]
KnownOption = Annotated[
    str | None, typer.Option("--known-on", help="Only costs known on this day (ISO): the books as they were then.")
]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(name="costs", help="Cost of goods and value of stock, by FIFO or moving average.")
    command(group, "goods", help="What the shipped goods of an order cost, and where they came from.")(goods)
    command(group, "value", help="What stock is worth, by variant.")(value)
    command(group, "layers", help="The layers one variant's stock is made of.")(layers)
    command(group, "totals", help="Everything that came in, was sold, was lost and is left.")(totals)
    command(group, "land", help="Spread freight, duty or the like over receipts.")(land)
    command(group, "landed", help="List landed costs, newest first.")(landed)
    command(group, "opening", help="Say what a unit of the stock we started with cost: SKU=COST …")(opening)
    command(group, "handling", help="Say what manual work costs: a unit picked, a parcel packed, a unit taken back.")(
        handling
    )
    app.add_typer(group)


def handling(
    door: Door,
    *,
    pick: Annotated[str | None, typer.Option(help="Picking one unit, in the shop's currency.")] = None,
    pack: Annotated[str | None, typer.Option(help="Packing one parcel.")] = None,
    take_back: Annotated[str | None, typer.Option("--take-back", help="Taking one returned unit back.")] = None,
) -> dict[str, Any]:
    """Keep the rates given, leave the others, and return all three; contribution margins read them."""
    from dataclasses import replace

    from oms_core.kernel.errors import InvalidInput
    from oms_core.kernel.money import to_decimal
    from oms_core.kernel.settings import save_shop, stored_shop

    workspace = door.workspace()
    given = {"pick_minor": pick, "pack_minor": pack, "take_back_minor": take_back}
    with workspace.transaction() as session:
        shop = stored_shop(session)
        rates: dict[str, Any] = {name: amount(text, shop.currency) for name, text in given.items() if text is not None}
        for name, minor in rates.items():
            if minor < 0:
                raise InvalidInput(name.removesuffix("_minor"), str(given[name]), "it must not be below zero")
        shop = replace(shop, **rates)
        if rates:
            save_shop(session, shop)
    kept = {name: to_decimal(getattr(shop, f"{name}_minor"), shop.currency) for name in ("pick", "pack", "take_back")}
    return {**kept, "currency": shop.currency}


def goods(
    door: Door,
    *,
    number: Annotated[str, typer.Argument(help="Number of the order, such as OS-000001.")],
    method: MethodOption = "fifo",
    known_on: KnownOption = None,
) -> list[dict[str, Any]]:
    """Return the cost of every shipped line with its sentence."""
    from oms_core.finance.cost_queries import order_costs
    from oms_core.orders.queries import order_named

    workspace = door.workspace()
    with workspace.reading() as session:
        order = order_named(session, number)
        rows = order_costs(session, workspace.shop, order.id, method=method, known_on=day(known_on, "known_on"))
    told = decimals(rows)
    return told if door.format == "json" else [{k: r[k] for k in ("sku", "units", "cost", "sentence")} for r in told]


def value(
    door: Door,
    *,
    as_of: AsOfOption = None,
    method: MethodOption = "fifo",
    known_on: KnownOption = None,
) -> list[dict[str, Any]]:
    """Return stock value by variant; layers with ``--format json``."""
    from oms_core.finance.cost_queries import stock_value

    workspace = door.workspace()
    with workspace.reading() as session:
        rows = stock_value(
            session, workspace.shop, as_of=end_of(as_of, workspace.shop.zone), method=method,
            known_on=day(known_on, "known_on"),
        )  # fmt: skip
    told = decimals(rows)
    return told if door.format == "json" else [{k: v for k, v in row.items() if k != "layers"} for row in told]


def layers(
    door: Door,
    *,
    sku: Annotated[str, typer.Argument(help="The variant.")],
    as_of: AsOfOption = None,
    method: MethodOption = "fifo",
    known_on: KnownOption = None,
) -> list[dict[str, Any]]:
    """Return the layers, oldest first."""
    from oms_core.finance.cost_queries import stock_value

    workspace = door.workspace()
    with workspace.reading() as session:
        rows = stock_value(
            session, workspace.shop, as_of=end_of(as_of, workspace.shop.zone), method=method,
            known_on=day(known_on, "known_on"), variant_ids=[variant_id(session, sku)],
        )  # fmt: skip
    return decimals((layer for row in rows for layer in row["layers"]), workspace.shop.currency)


def totals(
    door: Door, *, as_of: AsOfOption = None, method: MethodOption = "fifo", known_on: KnownOption = None
) -> dict[str, Any]:
    """Return the sums of the whole ledger."""
    from oms_core.finance.cost_queries import totals as reckon

    workspace = door.workspace()
    with workspace.reading() as session:
        found = reckon(
            session, workspace.shop, as_of=end_of(as_of, workspace.shop.zone), method=method,
            known_on=day(known_on, "known_on"),
        )  # fmt: skip
    (told,) = decimals([found])
    return told


def land(
    door: Door,
    *,
    receipts: Annotated[list[str], typer.Argument(help="Numbers of receipts, such as GR-1001.")],
    kind: Annotated[str, typer.Option("--kind", help="freight, duty, insurance or other.")],
    money: Annotated[str, typer.Option("--amount", help="Decimal.")],
    currency: Annotated[str | None, typer.Option("--currency", help="The shop's when left out.")] = None,
    basis: Annotated[str, typer.Option("--by", help="value, quantity or weight.")] = "value",
    on: Annotated[str | None, typer.Option("--on", help="Day it became known (ISO); today when left out.")] = None,
    reference: Annotated[str, typer.Option("--reference", help="Number of the bill.")] = "",
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Spread it and return it."""
    import sqlalchemy as sa

    from oms_core.finance.commands import land_cost
    from oms_core.kernel.errors import NotFound
    from oms_core.purchasing.tables import Receipt

    workspace = door.workspace()
    own = currency or workspace.shop.currency
    with workspace.transaction() as session:
        known = dict(session.execute(sa.select(Receipt.number, Receipt.id).where(Receipt.number.in_(receipts))).all())
        for number in receipts:
            if number not in known:
                raise NotFound("receipt", number, session.scalars(sa.select(Receipt.number)).all())
        made = land_cost(
            session, kind=kind, amount_minor=amount(money, own), currency=own, receipt_ids=list(known.values()),
            basis=basis, on_date=day(on, "on"), reference=reference, zone=workspace.shop.zone, actor=actor,
        )  # fmt: skip
        names = ("number", "kind", "basis", "amount_minor", "currency", "on_date", "reference")
        (told,) = decimals([{name: getattr(made, name) for name in names}])
        return told


def landed(door: Door) -> list[dict[str, Any]]:
    """Return the landed costs."""
    from oms_core.finance.queries import landed_costs_list

    with door.workspace().reading() as session:
        return decimals(landed_costs_list(session))


def opening(
    door: Door,
    entries: Annotated[list[str], typer.Argument(help="SKU=COST of one unit, in the shop's currency.")],
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Keep the costs and return how many."""
    from oms_core.finance.commands import set_opening_cost
    from oms_core.kernel.errors import InvalidInput

    workspace = door.workspace()
    own = workspace.shop.currency
    with workspace.transaction() as session:
        for text in entries:
            sku, separator, cost = text.rpartition("=")
            if not (separator and sku):
                raise InvalidInput("cost", text, "SKU=COST was expected", "For example: 22114=2.53")
            key = variant_id(session, sku)
            set_opening_cost(session, variant_id=key, unit_cost_minor=amount(cost, own), currency=own, actor=actor)
    return {"variants": len(entries), "currency": own}
