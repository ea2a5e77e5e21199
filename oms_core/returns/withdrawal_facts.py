"""What the right of withdrawal depends on: when the last good came, what is exempt, what the shop told."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Product, Variant
from oms_core.customers.tables import Customer
from oms_core.fulfilment.tables import Shipment
from oms_core.kernel import journal
from oms_core.kernel.clock import business_date
from oms_core.kernel.errors import InvalidInput
from oms_core.kernel.journal import ShopSetting
from oms_core.orders.tables import Order, OrderLine
from oms_core.returns.taken import Taken, taken_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from sqlalchemy.orm import Session

_KEY = "withdrawal"
#: Shipment states in which a parcel will not reach the consumer; it does not hold the period back.
NOT_COMING = ("voided", "lost", "return_to_sender")


@dataclass(frozen=True, slots=True)
class WithdrawalSettings:
    """How the shop handles withdrawals.

    Attributes
    ----------
    was_informed : bool
        The shop tells of the right before each sale; otherwise the period is a year longer.
    shop_collects : bool
        The shop offers to collect the goods; then a refund may not wait for them.
    exempt_categories : mapping of str to str
        Categories the right does not cover (article 16), and the word for why: ``{"Cosmetics": "hygiene"}``.
    return_address : str
        Where goods are to be sent, printed in the acknowledgement; the nearest location when empty.
    """

    was_informed: bool = True
    shop_collects: bool = False
    exempt_categories: Mapping[str, str] = field(default_factory=dict)
    return_address: str = ""


@dataclass(frozen=True, slots=True)
class Covered:
    """Units of one order line and what the right says of them; `exempt` is empty when it covers them."""

    line: OrderLine
    shipped: int
    unshipped: int
    exempt: str = ""

    @property
    def units(self) -> int:
        """Units the consumer may still undo: here or under way, and not yet sent."""
        return self.shipped + self.unshipped


def settings(session: Session) -> WithdrawalSettings:
    """Return how the shop handles withdrawals; defaults of a shop that said nothing."""
    stored = session.scalar(sa.select(ShopSetting.value).where(ShopSetting.key == _KEY))
    return WithdrawalSettings(**stored["value"]) if stored else WithdrawalSettings()


def save_settings(session: Session, new: WithdrawalSettings, *, actor: str = "system") -> None:
    """Write how the shop handles withdrawals."""
    value = {"value": asdict(new)}
    session.execute(sa.delete(ShopSetting).where(ShopSetting.key == _KEY))
    session.execute(sa.insert(ShopSetting).values(key=_KEY, value=value))
    journal.record(session, "withdrawal.settings_saved", "shop", 0, actor=actor, **value["value"])


def last_good_on(session: Session, order: Order, zone: str, *, given: date | None = None) -> date | None:
    """Return the day the last good of an order was delivered, None while something is still to come.

    Raises
    ------
    InvalidInput
        ``withdrawal.delivery_unknown``: of an imported order nobody recorded the delivery.
    """
    if given is not None:
        return given
    parcels = session.execute(
        sa.select(Shipment.delivered_at).where(Shipment.order_id == order.id, Shipment.state.not_in(NOT_COMING))
    ).all()
    open_units = sa.func.sum(OrderLine.quantity - OrderLine.cancelled_qty - OrderLine.shipped_qty)
    to_ship = int(session.scalar(sa.select(open_units).where(OrderLine.order_id == order.id)) or 0)
    if order.is_history and not parcels:
        raise InvalidInput(
            "delivered_on", None, f"the day order {order.number} was delivered; it was imported without its parcels",
            code="withdrawal.delivery_unknown",
        )  # fmt: skip
    if to_ship > 0 or not parcels or any(row.delivered_at is None for row in parcels):
        return None
    return max(business_date(row.delivered_at, zone) for row in parcels)


def covered_lines(session: Session, order: Order, *, unsealed_kept: Collection[int] = ()) -> list[Covered]:
    """Return the lines of an order with what may still be withdrawn from, and why some may not.

    Parameters
    ----------
    unsealed_kept : collection of int
        Lines of an exempt category whose seal the consumer did not break: those are covered (art. 16(e)).
    """
    exempt = settings(session).exempt_categories
    statement = (
        sa.select(OrderLine, Product.category)
        .join(Variant, Variant.id == OrderLine.variant_id)
        .join(Product, Product.id == Variant.product_id)
        .where(OrderLine.order_id == order.id)
        .order_by(OrderLine.position)
        .execution_options(populate_existing=True)
    )
    rows = session.execute(statement).all()
    taken = taken_of(session, [line.id for line, _ in rows])
    found = []
    for line, category in rows:
        shipped = line.shipped_qty - line.returned_qty - taken.get(line.id, Taken()).units
        why = "" if line.id in unsealed_kept else exempt.get(category, "")
        why = "made_to_order" if line.stock_kind == "made_to_order" else why
        found.append(Covered(line, max(shipped, 0), line.quantity - line.cancelled_qty - line.shipped_qty, why))
    return [c for c in found if c.units]


def is_business(session: Session, order: Order) -> bool:
    """Say whether the buyer is no consumer: the right is not theirs."""
    kind = session.scalar(sa.select(Customer.kind).where(Customer.id == order.customer_id))
    return kind == "business"


def country_of(session: Session, order: Order) -> str:
    """Return the buyer's country, the shop's when it is not known."""
    if order.ship_country:
        return order.ship_country
    stored: dict[str, Any] | None = session.scalar(sa.select(ShopSetting.value).where(ShopSetting.key == "country"))
    return str(stored["value"]) if stored else "PL"
