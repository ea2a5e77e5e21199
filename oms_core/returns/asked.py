"""What a return or a claim asks for: lines of an order, no more of each than is left, and what they are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa

from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.orders.tables import Order, OrderLine
from oms_core.returns.rules import goods_value
from oms_core.returns.taken import Taken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session


class Asked(Protocol):
    """Units of one order line, as a return or a claim names them."""

    @property
    def order_line_id(self) -> int:
        """Line of the order."""

    @property
    def quantity(self) -> int:
        """Units."""


def sold_lines(session: Session, order: Order, lines: Sequence[Asked], *, document: str) -> dict[int, OrderLine]:
    """Return the order's lines that are asked for, or refuse what is none of them.

    Parameters
    ----------
    document : str
        ``return`` or ``claim``: the room of the refusal's code.

    Raises
    ------
    NotFound
        A line of another order, or of none.
    InvalidInput
        ``<document>.no_lines``, ``<document>.line_twice``, or fewer than one unit.
    """
    if not lines:
        raise InvalidInput("lines", [], "at least one line was expected", code=f"{document}.no_lines")
    wanted = [new.order_line_id for new in lines]
    statement = sa.select(OrderLine).where(OrderLine.order_id == order.id, OrderLine.id.in_(wanted))
    sold = {line.id: line for line in session.scalars(statement.execution_options(populate_existing=True))}
    for new in lines:
        if new.order_line_id not in sold:
            raise NotFound("order line", new.order_line_id, hint=f"It is not a line of {order.number}.")
        if new.quantity < 1:
            raise InvalidInput("quantity", new.quantity, "at least 1 unit was expected")
        if wanted.count(new.order_line_id) > 1:
            raise InvalidInput("lines", new.order_line_id, "each order line once", code=f"{document}.line_twice")
    return sold


def refuse_too_many(
    lines: Sequence[Asked],
    sold: Mapping[int, OrderLine],
    taken: Mapping[int, Taken],
    *,
    code: str,
    what: str,
    left_is: str,
    hint: str,
) -> None:
    """Refuse more units than are shipped and neither returned nor spoken for, with every line at once.

    Parameters
    ----------
    what : str
        What is refused, as the sentence begins: ``More than can come back from SO-1001``.
    left_is : str
        What the units left are called: ``returnable``, ``claimable``.

    Raises
    ------
    Refused
        `code`, with ``lines`` of ``order_line_id, sku, wanted`` and `left_is`.
    """
    facts = []
    for new in lines:
        line = sold[new.order_line_id]
        left = line.shipped_qty - line.returned_qty - taken.get(line.id, Taken()).units
        if new.quantity > left:
            facts.append({"order_line_id": line.id, "sku": line.sku, "wanted": new.quantity, left_is: left})
    if facts:
        told = "; ".join(f"{f['sku']} wanted {f['wanted']}, {left_is} {f[left_is]}" for f in facts)
        raise Refused(code, f"{what}: {told}.", hint, lines=facts)


def worth_of(units: int, sold: OrderLine, taken: Mapping[int, Taken]) -> int:
    """Return what so many units of a line are worth, out of what nobody else has taken; minor units before tax."""
    others = taken.get(sold.id, Taken())
    return goods_value(
        left_minor=sold.gross_minor - sold.discount_minor - others.amount_minor,
        units=units,
        left_units=sold.quantity - sold.returned_qty - others.units,
    )
