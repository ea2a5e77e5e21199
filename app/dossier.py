"""One order whole, as it stands in the shop's database: what may be done to it, and on what.

The drawer's picture (`app.views.order_drawer`) comes from the replica; this is read beside it because an action
needs ids, versions and open units of this very moment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app import desk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

_HEAD = (
    "id", "number", "version", "state", "currency", "customer_id", "email", "is_history", "payment_status",
    "fulfillment_status", "ship_name", "ship_line1", "ship_city", "ship_region", "ship_postal_code", "ship_country",
    "total_minor", "shipping_minor", "discount_minor", "release_at",
)  # fmt: skip
_LINE = (
    "id", "position", "variant_id", "sku", "title", "quantity", "cancelled_qty", "shipped_qty", "returned_qty",
    "unit_price_minor", "gross_minor", "discount_minor", "is_removed", "stock_kind", "attributes", "lead_time_days",
    "bundle_sku", "bundle_qty",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything about one order; rows as plain mappings, money in minor units of its currency."""

    head: Mapping[str, Any]
    lines: list[dict[str, Any]]
    work: list[dict[str, Any]] = field(default_factory=list)
    holds: list[dict[str, Any]] = field(default_factory=list)
    parcels: list[dict[str, Any]] = field(default_factory=list)
    balance: Any = None
    payments: list[dict[str, Any]] = field(default_factory=list)
    returns: list[dict[str, Any]] = field(default_factory=list)
    exchanges: list[dict[str, Any]] = field(default_factory=list)
    claims: list[dict[str, Any]] = field(default_factory=list)
    withdrawals: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    backorders: list[dict[str, Any]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    timeline: list[dict[str, Any]] = field(default_factory=list)
    risk: Mapping[str, Any] | None = None
    suspicions: list[dict[str, Any]] = field(default_factory=list)
    companions: list[dict[str, Any]] = field(default_factory=list)
    #: Numbers of its invoices, and what of it is left to invoice (`oms_core.finance.invoicing.invoicing_state`).
    invoice: str = ""
    invoicing: Mapping[str, Any] = field(default_factory=dict)

    @property
    def live(self) -> bool:
        """Whether people may still act on it: not imported history."""
        return not self.head["is_history"]

    @property
    def sent(self) -> list[dict[str, Any]]:
        """The lines with units that left and are not back."""
        return [line for line in self.lines if line["shipped_qty"] > line["returned_qty"]]


def load(number: str) -> Dossier:
    """Read an order's dossier.

    Raises
    ------
    NotFound
        ``order.not_found``.
    """
    return desk.read(lambda session: dossier_of(session, number))


def dossier_of(session: Session, number: str) -> Dossier:
    """Read an order's dossier in an open session."""
    from oms_core.backorders.queries import backorders_list
    from oms_core.fulfilment.tables import FulfillmentHold
    from oms_core.order_changes.queries import changes_list
    from oms_core.orders.notes import notes_of
    from oms_core.orders.queries import order_named
    from oms_core.orders.tables import OrderLine
    from oms_core.orders.tags import tags_of
    from oms_core.orders.timeline import timeline
    from oms_core.payments.queries import balance
    from oms_core.returns import case_tables as cases
    from oms_core.returns.queries import returns
    from oms_core.review.consolidation import companions_of
    from oms_core.review.duplicates import suspicions_of
    from oms_core.review.tables import RiskAssessment

    order = order_named(session, number)
    key = order.id
    lines = sa.select(OrderLine).where(OrderLine.order_id == key).order_by(OrderLine.position)
    active = sa.select(FulfillmentHold).where(FulfillmentHold.order_id == key, FulfillmentHold.released_at.is_(None))
    risk = session.scalars(sa.select(RiskAssessment).where(RiskAssessment.order_id == key)).one_or_none()
    return Dossier(
        head={name: getattr(order, name) for name in _HEAD},
        lines=[{name: getattr(line, name) for name in _LINE} for line in session.scalars(lines)],
        work=_work(session, key),
        holds=[_columns(hold) for hold in session.scalars(active)],
        parcels=_parcels(session, key),
        balance=balance(session, key),
        payments=_payments(session, key),
        returns=returns(session, order_id=key),
        exchanges=_cases(session, cases.Exchange, key),
        claims=_cases(session, cases.Claim, key),
        withdrawals=_cases(session, cases.Withdrawal, key),
        changes=changes_list(session, order_id=key),
        backorders=backorders_list(session, order_id=key),
        tags=tags_of(session, [key])[key],
        notes=notes_of(session, key),
        timeline=timeline(session, key),
        risk=_columns(risk) if risk is not None else None,
        suspicions=suspicions_of(session, key),
        companions=companions_of(session, key),
        **_invoices(session, key, is_history=order.is_history),
    )


def _columns(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in sa.inspect(row).mapper.column_attrs}


def _cases(session: Session, model: Any, order_id: int) -> list[dict[str, Any]]:
    found = session.scalars(sa.select(model).where(model.order_id == order_id).order_by(model.id))
    return [_columns(row) for row in found]


def _payments(session: Session, order_id: int) -> list[dict[str, Any]]:
    from oms_core.payments.tables import Payment

    rows = session.scalars(sa.select(Payment).where(Payment.order_id == order_id).order_by(Payment.id))
    names = ("id", "kind", "amount_minor", "currency", "gateway", "external_id", "at", "parent_id")
    return [{name: getattr(row, name) for name in names} for row in rows]


def _work(session: Session, order_id: int) -> list[dict[str, Any]]:
    """Return the fulfilment orders with their open units by allocation."""
    from oms_core.fulfilment.tables import FulfillmentOrder as Work
    from oms_core.fulfilment.tables import FulfillmentOrderLine as WorkLine
    from oms_core.inventory.tables import Allocation
    from oms_core.locations.tables import Location
    from oms_core.orders.tables import OrderLine

    heads = session.execute(
        sa.select(Work.id, Work.number, Work.state, Work.ship_by_at, Work.location_id, Location.name.label("place"))
        .join(Location, Location.id == Work.location_id)
        .where(Work.order_id == order_id)
        .order_by(Work.id)
    )
    work: list[dict[str, Any]] = [{**row, "units": []} for row in heads.mappings()]
    open_qty = Allocation.quantity - Allocation.shipped_qty - Allocation.released_qty
    units = session.execute(
        sa.select(
            WorkLine.fulfillment_order_id, Allocation.id, OrderLine.sku, OrderLine.title, open_qty.label("open"),
            Allocation.shipped_qty,
        )
        .join(Allocation, Allocation.id == WorkLine.allocation_id)
        .join(OrderLine, OrderLine.id == Allocation.order_line_id)
        .where(WorkLine.fulfillment_order_id.in_([one["id"] for one in work]))
        .order_by(Allocation.id)
    )  # fmt: skip
    for row in units.mappings():
        next(one for one in work if one["id"] == row["fulfillment_order_id"])["units"].append(dict(row))
    return work


def _parcels(session: Session, order_id: int) -> list[dict[str, Any]]:
    from oms_core.fulfilment.listing import shipment_record
    from oms_core.fulfilment.tables import Shipment

    found = session.scalars(sa.select(Shipment).where(Shipment.order_id == order_id).order_by(Shipment.id)).all()
    return [shipment_record(session, one) for one in found]


def _invoices(session: Session, order_id: int, *, is_history: bool) -> dict[str, Any]:
    from oms_core.finance.invoicing import invoicing_state
    from oms_core.kernel.settings import stored_shop

    if is_history:
        return {}
    state = invoicing_state(session, stored_shop(session), order_id)
    return {"invoice": ", ".join(str(one["number"]) for one in state["invoices"]), "invoicing": state}
