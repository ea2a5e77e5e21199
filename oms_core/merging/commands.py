"""Make two customers one, and undo it: orders, money, names and consents follow, and come back.

Locks are taken in the shop's one order: customers by id, then their orders, then store credit. The customers are locked
whole (`FOR UPDATE`), so that an order of the record that goes waits until it is known whose it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.customers.merge_tables import CustomerMerge
from oms_core.customers.tables import Address, Customer, CustomerIdentity
from oms_core.drafts.tables import Draft
from oms_core.finance.ledger_tables import LedgerEntry
from oms_core.finance.tables import Invoice
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.kernel.rows import table_of
from oms_core.marketing.tables import SegmentExportMember
from oms_core.merging.consents import give_back_consents, take_consents
from oms_core.merging.safety import require_one_person
from oms_core.orders.tables import Order
from oms_core.payments.credit import issue_credit
from oms_core.payments.tables import Charge, StoreCreditAccount
from oms_core.returns.case_tables import Claim
from oms_core.returns.tables import Return

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

#: Tables whose rows go with the person. Scores and memberships of segments do not: they are counted anew every night.
_TABLES = {
    table.name: table
    for table in map(
        table_of,
        (Order, Return, Claim, Draft, Invoice, LedgerEntry, Charge, CustomerIdentity, Address, SegmentExportMember),
    )
}
FOLLOWING = tuple(_TABLES)
#: Ways to reach a person that fill a gap in the kept record.
_REACHED_BY = ("name", "email", "phone", "language")
#: Rows moved back by one statement: SQLite takes 32,766 values.
CHUNK = 10_000


def merge_customers(session: Session, *, kept: str, merged: str, reason: str, actor: str = "system") -> CustomerMerge:
    """Make `merged` part of `kept`; both by number.

    Raises
    ------
    InvalidInput
        Twice the same customer, or no reason.
    NotFound
        ``customer.not_found``.
    Refused
        ``merge.…``: it is not safe that both are one person, with why.
    """
    if kept == merged:
        raise InvalidInput("merged", merged, "another customer than the one kept", code="merge.same")
    if not reason.strip():
        raise InvalidInput("reason", reason, "a word on why they are one", code="merge.no_reason")
    ours, theirs = _locked(session, kept, merged)
    require_one_person(session, ours, theirs)
    moved: dict[str, Any] = {name: _follow(session, name, theirs.id, ours.id) for name in FOLLOWING}
    moved["consents"] = take_consents(session, theirs.id, ours.id)
    moved["filled"] = _fill(ours, theirs)
    moved["credits"] = _move_credits(session, theirs, ours, reason=reason.strip(), actor=actor)
    theirs.merged_into_id = ours.id
    found = CustomerMerge(
        kept_id=ours.id, merged_id=theirs.id, at=clock.now(), actor=actor, reason=reason.strip(), moved=moved
    )
    session.add(found)
    session.flush()
    for customer, other, event in ((ours, theirs, "customer.took_in"), (theirs, ours, "customer.merged")):
        journal.record(
            session, event, "customer", customer.id, actor=actor, other=other.number, reason=reason.strip(),
            merge=found.id, orders=len(moved["orders"]),
        )  # fmt: skip
    return found


def undo_merge(session: Session, *, merge_id: int, actor: str = "system") -> CustomerMerge:
    """Part two customers again: what came with the merge goes back, what was ordered since stays.

    Raises
    ------
    NotFound
        ``merge.not_found``.
    Refused
        ``merge.undone`` when it was undone before, ``merge.later`` when the kept customer was itself merged
        since, ``credit.insufficient`` when the store credit that came has been spent.
    """
    found = session.get(CustomerMerge, merge_id)
    if found is None:
        raise NotFound("merge", merge_id)
    ours, theirs = _by_id(session, [found.kept_id, found.merged_id])
    session.refresh(found)
    if found.undone_at is not None:
        raise Refused("merge.undone", f"Merge {merge_id} was undone before.", "Merge the two again if they are one.")
    if ours.merged_into_id is not None:
        raise Refused(
            "merge.later", f"Customer {ours.number} was merged into another one since.", "Undo the later merge first."
        )
    for name in FOLLOWING:
        _return(session, name, found.moved.get(name, []), kept_id=ours.id, merged_id=theirs.id)
    give_back_consents(session, found.moved.get("consents", []), kept_id=ours.id, merged_id=theirs.id)
    _empty_again(ours, found.moved.get("filled", {}))
    theirs.merged_into_id = None
    session.flush()
    _return_credits(session, found, actor=actor)
    found.undone_at, found.undone_by = clock.now(), actor
    session.flush()
    for customer, other in ((ours, theirs), (theirs, ours)):
        journal.record(
            session, "customer.parted", "customer", customer.id, actor=actor, other=other.number, merge=found.id
        )
    return found


def _locked(session: Session, kept: str, merged: str) -> tuple[Customer, Customer]:
    numbers = sa.select(Customer.id, Customer.number).where(Customer.number.in_([kept, merged]))
    ids = {number: key for key, number in session.execute(numbers)}
    for number in (kept, merged):
        if number not in ids:
            raise NotFound("customer", number)
    first, second = _by_id(session, [ids[kept], ids[merged]])
    return first, second


def _by_id(session: Session, ids: Sequence[int]) -> list[Customer]:
    """Lock customers in order of id and return them in the order asked for."""
    statement = sa.select(Customer).where(Customer.id.in_(ids)).order_by(Customer.id).with_for_update()
    rows = {row.id: row for row in session.scalars(statement.execution_options(populate_existing=True))}
    return [rows[key] for key in ids]


def _follow(session: Session, name: str, source: int, target: int) -> list[int]:
    """Give every row of one table another owner; return which rows."""
    table = _TABLES[name]
    ids = list(session.scalars(sa.select(table.c.id).where(table.c.customer_id == source).order_by(table.c.id)))
    if ids:
        session.execute(sa.update(table).where(table.c.customer_id == source).values(_owner(table, target)))
    return ids


def _owner(table: sa.Table, customer_id: int) -> dict[str, Any]:
    """Return the columns that name the owner; a ledger's party names the customer once more."""
    return {"customer_id": customer_id} | ({"party": f"C:{customer_id}"} if "party" in table.c else {})


def _return(session: Session, name: str, ids: Sequence[int], *, kept_id: int, merged_id: int) -> None:
    table = _TABLES[name]
    for begin in range(0, len(ids), CHUNK):
        some = table.c.id.in_(ids[begin : begin + CHUNK])
        session.execute(sa.update(table).where(some, table.c.customer_id == kept_id).values(_owner(table, merged_id)))


def _fill(ours: Customer, theirs: Customer) -> dict[str, str]:
    """Fill what the kept record lacks; return what was filled."""
    filled = {name: getattr(theirs, name) for name in _REACHED_BY if not getattr(ours, name) and getattr(theirs, name)}
    for name, value in filled.items():
        setattr(ours, name, value)
    return filled


def _empty_again(ours: Customer, filled: dict[str, str]) -> None:
    """Empty what was filled, unless it was changed since."""
    for name, value in filled.items():
        if getattr(ours, name) == value:
            setattr(ours, name, None if name in {"email", "phone"} else "")


def _move_credits(session: Session, source: Customer, target: Customer, *, reason: str, actor: str) -> dict[str, int]:
    account = StoreCreditAccount
    held = sa.select(account.currency, account.balance_minor).where(
        account.customer_id == source.id, account.balance_minor > 0
    )
    balances = {currency: int(minor) for currency, minor in session.execute(held.order_by(account.currency))}
    for currency, minor in balances.items():
        _hand_over(session, source, target, minor, currency, reason=reason, actor=actor)
    return balances


def _return_credits(session: Session, found: CustomerMerge, *, actor: str) -> None:
    ours, theirs = session.get_one(Customer, found.kept_id), session.get_one(Customer, found.merged_id)
    for currency, minor in found.moved.get("credits", {}).items():
        _hand_over(session, ours, theirs, minor, currency, reason="merge undone", actor=actor)


def _hand_over(
    session: Session, source: Customer, target: Customer, minor: int, currency: str, *, reason: str, actor: str
) -> None:
    for customer, amount in ((source, -minor), (target, minor)):
        said = f"{source.number} to {target.number}: {reason}"[:300]
        issue_credit(session, customer_id=customer.id, amount_minor=amount, currency=currency, reason=said, actor=actor)
