"""Make a person nobody: names, addresses and words go, orders, money, stock and numbers stay. It cannot be undone."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.customers.tables import Address, Consent, Customer, CustomerIdentity
from oms_core.drafts.tables import Draft
from oms_core.finance.tables import Invoice
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import Refused
from oms_core.marketing.segment_tables import CustomerTraits, SegmentMember
from oms_core.marketing.tables import CustomerScore
from oms_core.orders.tables import Order, OrderNote
from oms_core.payments.tables import StoreCreditAccount
from oms_core.privacy.person import Person, given_out, marks, person
from oms_core.privacy.sweeping import ERASED, sweep, without
from oms_core.returns.case_tables import Claim, ClaimEvidence, CustomerMessage, Withdrawal
from oms_core.returns.tables import Return

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

#: Figures of a postal code that stay: enough for a region, too few for a street.
POSTAL_FIGURES = 2


def obstacles(session: Session, one: Person) -> list[str]:
    """Return why a person cannot be erased yet: work that needs their address, or money that is theirs."""
    waiting = {
        "orders not finished": sa.select(Order.number).where(Order.id.in_(one.order_ids), Order.state == "placed"),
        "drafts open": sa.select(Draft.number).where(
            Draft.customer_id.in_(one.ids), Draft.state.in_(["open", "invoice_sent", "expired"])
        ),
        "returns open": sa.select(Return.number).where(
            Return.order_id.in_(one.order_ids), Return.state.not_in(["declined", "closed", "cancelled"])
        ),
        "store credit left": sa.select(StoreCreditAccount.currency).where(
            StoreCreditAccount.customer_id.in_(one.ids), StoreCreditAccount.balance_minor > 0
        ),
    }
    found = {why: list(session.scalars(statement)) for why, statement in waiting.items()}
    return [f"{why}: {', '.join(names[:5])}{' …' if len(names) > 5 else ''}" for why, names in found.items() if names]


def preview(session: Session, *, number: str) -> dict[str, Any]:
    """Return what erasing somebody would find: obstacles, files that held them, invoices the law keeps."""
    one = person(session, number)
    kept = sa.select(Invoice.number).where(Invoice.order_id.in_(one.order_ids), Invoice.number.is_not(None))
    return {
        "number": one.customer.number,
        "erased_at": one.customer.erased_at,
        "orders": len(one.order_ids),
        "obstacles": obstacles(session, one),
        "kept_invoices": list(session.scalars(kept.order_by(Invoice.id))),
        **given_out(session, one),
    }


def erase(session: Session, *, number: str, confirmed: str, actor: str = "system") -> dict[str, Any]:
    """Erase a person for good.

    Parameters
    ----------
    confirmed : str
        The number once more: who types it means it.

    Returns
    -------
    dict
        As `preview`, with ``changed``: rows by table.

    Raises
    ------
    NotFound
        ``customer.not_found``.
    Refused
        ``erasure.not_confirmed``, ``erasure.done`` (nobody is erased twice), ``erasure.waiting`` with
        what must be finished first.
    """
    found = preview(session, number=number)
    if found["erased_at"] is not None:
        raise Refused("erasure.done", f"Customer {number} was erased before.")
    if found["obstacles"]:
        why = "; ".join(found["obstacles"])
        raise Refused(
            "erasure.waiting", f"Customer {number} cannot be erased yet: {why}.", "Finish or cancel these first."
        )
    if confirmed != number:
        raise Refused(
            "erasure.not_confirmed",
            f"Erasing {number} touches {found['orders']:,} orders and cannot be undone;"
            f" {sum(row['outcome'] == 'exported' for row in found['exports']):,} past exports held them.",
            f"Confirm by naming the number again: --confirm {number}",
        )
    one = person(session, number)
    known = marks(session, one)
    changed = _scrub(session, one)
    _empty_drafts(session, one, (*known.reached, *known.called))
    swept = sweep(session, known)
    found["changed"] = {name: changed.get(name, 0) + swept.get(name, 0) for name in sorted({*changed, *swept})}
    found["erased_at"] = clock.now()
    session.expire_all()
    for key in one.ids:
        journal.record(
            session, "customer.erased", "customer", key, actor=actor, changed=found["changed"],
            exports=[row["id"] for row in found["exports"]], reports=[row["id"] for row in found["reports"]],
            kept_invoices=found["kept_invoices"],
        )  # fmt: skip
    return found


def nobodys_order() -> dict[str, Any]:
    """Return the columns of an order that tell who it was for, emptied; region and city stay for the numbers."""
    return {
        "email": None, "ship_name": "", "ship_line1": "",
        "ship_postal_code": sa.func.substr(Order.ship_postal_code, 1, POSTAL_FIGURES),
        "bill_name": None, "bill_line1": None, "bill_city": None, "bill_postal_code": None,
    }  # fmt: skip


def _scrub(session: Session, one: Person) -> dict[str, int]:
    """Empty the columns that are there for a person; return rows by table."""
    now, ids, orders = clock.now(), one.ids, one.order_ids
    digest = hashlib.sha256(ERASED.encode()).hexdigest()
    claims = sa.select(Claim.id).where(Claim.order_id.in_(orders))
    withdrawals = sa.select(Withdrawal.id).where(Withdrawal.order_id.in_(orders))
    returned = sa.select(Return.id).where(Return.order_id.in_(orders))
    drafts = sa.select(Draft.id).where(Draft.customer_id.in_(ids))
    told = sa.or_(
        sa.and_(CustomerMessage.object_type == "withdrawal", CustomerMessage.object_id.in_(withdrawals)),
        sa.and_(CustomerMessage.object_type == "draft", CustomerMessage.object_id.in_(drafts)),
        sa.and_(CustomerMessage.object_type == "return", CustomerMessage.object_id.in_(returned)),
    )
    statements: list[sa.Update | sa.Delete] = [
        sa.update(CustomerMessage).where(told).values(
            recipient="", body=ERASED, body_sha256=digest, error="",
            sent_at=sa.func.coalesce(CustomerMessage.sent_at, now),
        ),
        sa.delete(CustomerIdentity).where(CustomerIdentity.customer_id.in_(ids)),
        sa.delete(Address).where(Address.customer_id.in_(ids)),
        sa.delete(CustomerTraits).where(CustomerTraits.customer_id.in_(ids)),
        sa.delete(CustomerScore).where(CustomerScore.customer_id.in_(ids)),
        sa.update(SegmentMember).where(SegmentMember.customer_id.in_(ids)).values(came_because=[]),
        sa.update(SegmentMember).where(SegmentMember.customer_id.in_(ids), SegmentMember.left_id.is_not(None)).values(
            went_because=[]
        ),
        sa.update(Consent).where(Consent.customer_id.in_(ids)).values(
            state="redacted", source="", wording_version="", at=now
        ),
        sa.update(Order).where(Order.id.in_(orders)).values(nobodys_order()),
        sa.update(OrderNote).where(OrderNote.order_id.in_(orders)).values(body=ERASED),
        sa.update(Draft).where(Draft.customer_id.in_(ids)).values(email=None, note=""),
        sa.update(Withdrawal).where(Withdrawal.order_id.in_(orders)).values(name="", email="", statement=""),
        sa.update(ClaimEvidence).where(ClaimEvidence.claim_id.in_(claims)).values(body=ERASED),
        sa.update(Claim).where(Claim.order_id.in_(orders)).values(description=ERASED),
        sa.update(Customer).where(Customer.id.in_(ids)).values(
            name="", email=None, phone=None, language="", city="", postal_code="", erased_at=now
        ),
    ]  # fmt: skip
    changed: dict[str, int] = {}
    for statement in statements:
        done = session.execute(statement.execution_options(synchronize_session=False))
        rows = int(getattr(done, "rowcount", 0))
        name = str(getattr(statement.table, "name", ""))
        if rows:
            changed[name] = changed.get(name, 0) + rows
    return changed


def _empty_drafts(session: Session, one: Person, terms: Sequence[str]) -> None:
    """Take the person out of the documents of their drafts, which stay documents that can be read."""
    for draft in session.scalars(sa.select(Draft).where(Draft.customer_id.in_(one.ids))):
        draft.document = without(draft.document, terms)
    session.flush()
