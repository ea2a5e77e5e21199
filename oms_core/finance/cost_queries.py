"""Answers of costing: what shipped goods cost, what stock is worth at any instant, and why."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.finance.cost_inputs import costs, events, uncollected
from oms_core.finance.costing import SOLD, Part, Projection, Sums, method_named
from oms_core.fulfilment.tables import Shipment, ShipmentLine
from oms_core.inventory.tables import StockMovement
from oms_core.kernel import clock
from oms_core.kernel.errors import NotFound
from oms_core.kernel.money import Money
from oms_core.orders.tables import OrderLine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from oms_core.kernel.settings import Shop


@dataclass(slots=True)
class Cost:
    """What units cost, by source; `unknown_units` wait for a cost or have none that is known."""

    sku: str
    units: int
    cost_minor: int
    currency: str
    unknown_units: int
    parts: list[Part]

    def sentence(self) -> str:
        """Say it in words: "5 units of MUG cost 17.40 PLN: 3 from GR-1001 at 3.40, 2 from GR-1002 at 3.60"."""
        said = ", ".join(f"{p.units} from {p.label} at {_unit(p, self.currency)}" for p in self.parts)
        open_ = self.units - sum(p.units for p in self.parts)
        waits = f"; {open_} left before any came and wait for a cost" if open_ else ""
        many = "unit" if self.units == 1 else "units"
        return f"{self.units} {many} of {self.sku} cost {Money(self.cost_minor, self.currency)}: {said}{waits}."


def _unit(part: Part, currency: str) -> str:
    """Return a part's cost of one unit with two more digits than the currency where it needs them."""
    from decimal import Decimal

    from oms_core.kernel.money import exponent

    value = Decimal(part.cost_minor).scaleb(-exponent(currency)) / part.units
    plain = value.quantize(Decimal(1).scaleb(-exponent(currency)))
    return str(plain if plain * part.units == value * part.units else value.quantize(Decimal("0.0001")))


def shipment_costs(
    session: Session, shop: Shop, shipment_id: int, *, method: str = "fifo", known_on: date | None = None
) -> list[dict[str, Any]]:
    """Return what each line of a shipment cost.

    Returns
    -------
    list of dict
        ``shipment_line_id, order_line_id, sku, units, cost_minor, currency, unknown_units, parts,
        sentence``.

    Raises
    ------
    NotFound
        ``shipment.not_found``.
    """
    statement = (
        sa.select(ShipmentLine.id, ShipmentLine.order_line_id, OrderLine.variant_id, OrderLine.sku)
        .join(OrderLine, OrderLine.id == ShipmentLine.order_line_id)
        .where(ShipmentLine.shipment_id == shipment_id)
        .order_by(ShipmentLine.id)
    )
    lines = session.execute(statement).all()
    if not lines and session.get(Shipment, shipment_id) is None:
        raise NotFound("shipment", shipment_id)
    return _costs_of(session, shop, lines, method=method, known_on=known_on)


def order_costs(
    session: Session, shop: Shop, order_id: int, *, method: str = "fifo", known_on: date | None = None
) -> list[dict[str, Any]]:
    """Return what everything shipped of an order cost, by shipment line (as :func:`shipment_costs`)."""
    statement = (
        sa.select(ShipmentLine.id, ShipmentLine.order_line_id, OrderLine.variant_id, OrderLine.sku)
        .join(OrderLine, OrderLine.id == ShipmentLine.order_line_id)
        .where(OrderLine.order_id == order_id)
        .order_by(ShipmentLine.id)
    )
    return _costs_of(session, shop, session.execute(statement).all(), method=method, known_on=known_on)


def _costs_of(
    session: Session, shop: Shop, lines: Sequence[Any], *, method: str, known_on: date | None
) -> list[dict[str, Any]]:
    variants = sorted({line.variant_id for line in lines})
    if not variants:
        return []
    found = costs(session, shop, known_on=known_on, variant_ids=variants)
    sold: dict[int, list[Part]] = {}
    units: dict[int, int] = {}
    for _, happened in events(session, found, variant_ids=variants):
        projection = Projection(method_named(method)).run(happened)
        leaving = [event for event in happened if event.kind >= SOLD]
        for event, (_, _, out) in zip(leaving, projection.outs, strict=True):
            if event.kind == SOLD and event.line is not None:
                sold.setdefault(event.line, []).extend(out.parts)
                units[event.line] = units.get(event.line, 0) + event.units
    return [_cost_record(line, sold.get(line.id, []), units.get(line.id, 0), shop.currency) for line in lines]


def _cost_record(line: Any, parts: list[Part], units: int, currency: str) -> dict[str, Any]:
    cost = Cost(
        line.sku, units, sum(p.cost_minor for p in parts), currency,
        units - sum(p.units for p in parts if p.is_known), parts,
    )  # fmt: skip
    record = asdict(cost)
    return {"shipment_line_id": line.id, "order_line_id": line.order_line_id, **record, "sentence": cost.sentence()}


@uncollected()
def stock_value(
    session: Session,
    shop: Shop,
    *,
    as_of: datetime | None = None,
    method: str = "fifo",
    known_on: date | None = None,
    variant_ids: Sequence[int] = (),
) -> list[dict[str, Any]]:
    """Return what stock is worth at an instant, by variant, with the layers it is made of.

    Parameters
    ----------
    as_of : datetime, optional
        Movements later than this have not happened; None is now.
    known_on : date, optional
        Landed costs dated later are not known; None is everything known now.

    Returns
    -------
    list of dict
        ``variant_id, sku, title, units, value_minor, currency, unknown_units, waiting_units, layers``;
        variants without stock are left out unless units wait for a cost.
    """
    found = costs(session, shop, known_on=known_on, variant_ids=variant_ids)
    names = {row.id: (row.sku, row.title) for row in session.execute(sa.select(Variant.id, Variant.sku, Variant.title))}
    rows = []
    for variant_id, happened in events(session, found, until=as_of, variant_ids=variant_ids):
        projection = Projection(method_named(method)).run(happened)
        left = projection.stock.left()
        waiting = sum(out.open_units for _, _, out in projection.outs)
        if left or waiting:
            sku, title = names[variant_id]
            rows.append({
                "variant_id": variant_id, "sku": sku, "title": title, "units": sum(p.units for p in left),
                "value_minor": sum(p.cost_minor for p in left), "currency": shop.currency,
                "unknown_units": sum(p.units for p in left if not p.is_known), "waiting_units": waiting,
                "layers": [asdict(p) for p in left],
            })  # fmt: skip
    return rows


@uncollected()
def totals(
    session: Session, shop: Shop, *, as_of: datetime | None = None, method: str = "fifo", known_on: date | None = None
) -> dict[str, Any]:
    """Return the whole ledger's costs: what came in, what was sold and lost, what is left; minor units.

    ``difference`` is what came in less what went out less what is left; zero by construction and
    checked as a law.
    """
    found = costs(session, shop, known_on=known_on)
    whole, left_minor, units, unknown, waiting, variants = Sums(), 0, 0, 0, 0, 0
    for _, happened in events(session, found, until=as_of):
        projection = Projection(method_named(method)).run(happened)
        one = projection.sums()
        for name, value in asdict(one).items():
            setattr(whole, name, getattr(whole, name) + value)
        for part in projection.stock.left():
            left_minor += part.cost_minor
            units += part.units
            unknown += 0 if part.is_known else part.units
        waiting += sum(out.open_units for _, _, out in projection.outs)
        variants += 1
    return {
        "method": method, "as_of": as_of or clock.now(), "currency": shop.currency, "variants": variants,
        **{f"{name}_minor": value for name, value in asdict(whole).items()}, "left_minor": left_minor,
        "left_units": units, "unknown_units": unknown, "waiting_units": waiting,
        "difference_minor": whole.came_in - whole.went_out - left_minor,
        "without_rate": list(found.without_rate),
    }  # fmt: skip


def movements_counted(session: Session) -> int:
    """Return how many movements the ledger has."""
    return int(session.scalar(sa.select(sa.func.count()).select_from(StockMovement)) or 0)
