"""Lists of orders for pages: filters and search as one statement, keyed by id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.errors import InvalidInput
from oms_core.locations.tables import Channel
from oms_core.orders.queries import FILTERS
from oms_core.orders.tables import Order

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

_SHOWN = (
    "id", "number", "external_id", "placed_at", "business_date", *FILTERS, "email", "ship_name", "ship_country",
    "ship_city", "total_minor", "currency", "version",
)  # fmt: skip


def orders_statement(
    *, filters: Mapping[str, str | None], since: date | None = None, until: date | None = None, search: str = ""
) -> sa.Select[Any]:
    """Return the statement of a list of orders; the caller orders and limits it by ``Order.id``.

    Parameters
    ----------
    filters : mapping of str to str or None
        Axis (see `FILTERS`) or ``channel`` (a code) to the value wanted; None is passed over.
    since, until : date, optional
        Business dates, half open.
    search : str
        Beginning of the number or the channel's own number, or the whole e-mail.
    """
    columns = (getattr(Order, name) for name in _SHOWN)
    rows = sa.select(*columns, Channel.code.label("channel")).join(Channel, Channel.id == Order.channel_id)
    for name, value in filters.items():
        if value is not None:
            rows = rows.where(_wanted(name, value))
    if since is not None:
        rows = rows.where(Order.business_date >= since)
    if until is not None:
        rows = rows.where(Order.business_date < until)
    if search:
        begins = (column.startswith(search, autoescape=True) for column in (Order.number, Order.external_id))
        rows = rows.where(sa.or_(*begins, sa.func.lower(Order.email) == search.lower()))
    return rows


def _wanted(name: str, value: str) -> sa.ColumnElement[bool]:
    if name == "channel":
        return Channel.code == value
    if value not in FILTERS[name]:
        raise InvalidInput(name, value, f"one of {', '.join(FILTERS[name])}")
    return sa.and_(getattr(Order, name) == value)
