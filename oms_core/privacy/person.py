"""A person: the records that are one, what may be known of them by heart, and where they were given to others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.customers.tables import Address, Customer, CustomerIdentity
from oms_core.kernel.errors import NotFound
from oms_core.marketing.queries import exports_holding
from oms_core.orders.tables import Order
from oms_core.reporting.tables import ReportRun, ReportSchedule, SavedQuery
from oms_core.returns.case_tables import Withdrawal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Person:
    """The records of one person: a customer and those merged into it."""

    customer: Customer
    ids: tuple[int, ...]
    order_ids: tuple[int, ...]


def person(session: Session, number: str) -> Person:
    """Return a person by a customer's number, locked.

    Raises
    ------
    NotFound
        ``customer.not_found``.
    """
    found = session.scalar(sa.select(Customer).where(Customer.number == number))
    if found is None:
        raise NotFound("customer", number)
    if found.merged_into_id is not None:
        found = session.get_one(Customer, found.merged_into_id)
    same = sa.select(Customer.id).where(sa.or_(Customer.id == found.id, Customer.merged_into_id == found.id))
    ids = tuple(session.scalars(same.order_by(Customer.id).with_for_update()))
    orders = sa.select(Order.id).where(Order.customer_id.in_(ids)).order_by(Order.id)
    return Person(found, ids, tuple(session.scalars(orders)))


@dataclass(frozen=True, slots=True)
class Marks:
    """Texts that tell who somebody is: `reached` (e-mail, phone) are theirs, `called` (name, street) may be shared."""

    reached: tuple[str, ...]
    called: tuple[str, ...]


def marks(session: Session, one: Person) -> Marks:
    """Return every e-mail, phone, full name and street that a person's records hold."""
    columns = (
        (Customer.id, one.ids, (Customer.email, Customer.phone), (Customer.name,)),
        (CustomerIdentity.customer_id, one.ids, (_value_of("email"), _value_of("phone")), ()),
        (Address.customer_id, one.ids, (), (Address.name, Address.line1, Address.line2)),
        (
            Order.customer_id, one.ids, (Order.email,),
            (Order.ship_name, Order.ship_line1, Order.bill_name, Order.bill_line1),
        ),
        (Withdrawal.order_id, one.order_ids, (Withdrawal.email,), (Withdrawal.name,)),
    )  # fmt: skip
    reached: set[str] = set()
    called: set[str] = set()
    for key, ids, unique, shared in columns:
        reached |= _texts(session, key, ids, unique)
        called |= _texts(session, key, ids, shared)
    # a lone first name or a short word would be found in half of all texts
    return Marks(
        tuple(sorted(t for t in reached if "@" in t or sum(c.isdigit() for c in t) >= 7)),
        tuple(sorted(t for t in called if len(t) >= 6 and " " in t)),
    )


def _value_of(kind: str) -> Any:
    return sa.case((CustomerIdentity.kind == kind, CustomerIdentity.value))


def _texts(session: Session, key: Any, ids: Sequence[int], columns: Iterable[Any]) -> set[str]:
    wanted = tuple(columns)
    if not wanted:
        return set()
    rows = session.execute(sa.select(*wanted).where(key.in_(ids)).distinct())
    return {text.strip() for row in rows for text in row if text and text.strip()}


def given_out(session: Session, one: Person) -> dict[str, list[dict[str, Any]]]:
    """Return every file that held a person: ``exports`` of segments, and ``reports`` by customer that went out since.

    A report is listed when it was sent after the person's first order and has a row a customer: what
    stood in the file is not kept, so it may have held them.
    """
    exports = [row for key in one.ids for row in exports_holding(session, key)]
    first = session.scalar(sa.select(sa.func.min(Order.placed_at)).where(Order.customer_id.in_(one.ids)))
    statement = (
        sa.select(ReportRun.id, ReportRun.finished_at, ReportRun.file_name, ReportRun.delivered, SavedQuery.question)
        .join(ReportSchedule, ReportSchedule.id == ReportRun.report_schedule_id)
        .join(SavedQuery, SavedQuery.id == ReportSchedule.saved_query_id)
        .where(ReportRun.state == "sent", ReportRun.finished_at >= first)
        .order_by(ReportRun.id)
    )
    sent = list(session.execute(statement).mappings()) if first is not None else []
    reports = [
        {key: row[key] for key in ("id", "finished_at", "file_name", "delivered")}
        for row in sent
        if "customer" in (row["question"].get("by") or ())
    ]
    return {"exports": exports, "reports": reports}
