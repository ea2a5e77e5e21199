"""Laws of payments: parents, store credit, couriers' lists, the shop's own money."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.audit.law import Finding, Law, by_query, count_of, summed, zero
from oms_core.audit.money import PAYMENT
from oms_core.audit.stock import ORDER
from oms_core.kernel.exchange import Rate
from oms_core.kernel.rows import table_of
from oms_core.payments.accounts import STORE_CREDIT
from oms_core.payments.payout_tables import PayoutLine, PayoutStatement
from oms_core.payments.tables import CodRemittance, CodRemittanceLine, StoreCreditAccount, StoreCreditEntry

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ACCOUNT, ENTRY = table_of(StoreCreditAccount), table_of(StoreCreditEntry)
LIST, LIST_LINE = table_of(CodRemittance), table_of(CodRemittanceLine)
STATEMENT, STATED = table_of(PayoutStatement), table_of(PayoutLine)
_ROWS = sa.Select[*tuple[object, ...]]


def _beyond_parent() -> _ROWS:
    """Return payments whose children take more than they hold, or that are of another order or kind."""
    child = PAYMENT.alias("child")
    taken = summed(PAYMENT, PAYMENT.c.parent_id, amount=PAYMENT.c.amount_minor)
    kinds = sa.case((child.c.kind == "refund", "capture"), else_="authorize")
    strange = (
        sa.select(child.c.parent_id)
        .join(PAYMENT, PAYMENT.c.id == child.c.parent_id)
        .where(sa.or_(PAYMENT.c.kind != kinds, PAYMENT.c.order_id != child.c.order_id))
    )
    return (
        sa.select(PAYMENT.c.id, PAYMENT.c.kind, ORDER.c.number, PAYMENT.c.amount_minor, taken.c.amount)
        .join(taken, taken.c.key == PAYMENT.c.id)
        .join(ORDER, ORDER.c.id == PAYMENT.c.order_id)
        .where(sa.or_(taken.c.amount > PAYMENT.c.amount_minor, PAYMENT.c.id.in_(strange)))
    )


def _credit_balances() -> _ROWS:
    sums = (
        sa.select(ENTRY.c.customer_id, ENTRY.c.currency, sa.func.sum(ENTRY.c.amount_minor).label("amount"))
        .group_by(ENTRY.c.customer_id, ENTRY.c.currency)
        .subquery()
    )
    same = sa.and_(sums.c.customer_id == ACCOUNT.c.customer_id, sums.c.currency == ACCOUNT.c.currency)
    wrong = sa.or_(ACCOUNT.c.balance_minor != zero(sums.c.amount), ACCOUNT.c.balance_minor < 0)
    return (
        sa.select(ACCOUNT.c.id, ACCOUNT.c.customer_id, ACCOUNT.c.currency, ACCOUNT.c.balance_minor,
                  zero(sums.c.amount).label("amount"))
        .outerjoin(sums, same)
        .where(wrong)
    )  # fmt: skip


def _credit_payments() -> _ROWS:
    """Return payments through store credit that no entry carries with the same amount."""
    signed = sa.case((PAYMENT.c.kind == "capture", -PAYMENT.c.amount_minor), else_=PAYMENT.c.amount_minor)
    return (
        sa.select(PAYMENT.c.id, ORDER.c.number, signed.label("wanted"), zero(ENTRY.c.amount_minor).label("amount"))
        .join(ORDER, ORDER.c.id == PAYMENT.c.order_id)
        .outerjoin(ENTRY, ENTRY.c.payment_id == PAYMENT.c.id)
        .where(PAYMENT.c.gateway == STORE_CREDIT, zero(ENTRY.c.amount_minor) != signed)
    )


def _lists() -> _ROWS:
    sums = summed(LIST_LINE, LIST_LINE.c.remittance_id, total=LIST_LINE.c.amount_minor, booked=LIST_LINE.c.booked_minor)
    c = LIST.c
    wrong = sa.or_(
        c.total_minor != zero(sums.c.total), c.booked_minor != zero(sums.c.booked), c.booked_minor > c.total_minor
    )
    return (
        sa.select(c.id, c.carrier, c.reference, c.total_minor, c.booked_minor, zero(sums.c.total).label("total"),
                  zero(sums.c.booked).label("booked"))
        .outerjoin(sums, sums.c.key == c.id)
        .where(wrong)
    )  # fmt: skip


def _statements() -> _ROWS:
    sums = summed(STATED, STATED.c.statement_id, gross=STATED.c.amount_minor, fee=STATED.c.fee_minor)
    c = STATEMENT.c
    return (
        sa.select(c.id, c.reference, c.gross_minor, c.fee_minor, zero(sums.c.gross).label("gross"),
                  zero(sums.c.fee).label("fee"))
        .outerjoin(sums, sums.c.key == c.id)
        .where(sa.or_(c.gross_minor != zero(sums.c.gross), c.fee_minor != zero(sums.c.fee)))
    )  # fmt: skip


def shop_money(session: Session) -> Finding:
    """Reckon the shop's money of orders and payments again from the rate each keeps."""
    checked, broken, first = 0, 0, None
    for table, amount, worth, name in (
        (ORDER, "total_minor", "shop_total_minor", "order"),
        (PAYMENT, "amount_minor", "shop_amount_minor", "payment"),
    ):
        c = table.c
        checked += int(session.execute(count_of(table, c[worth].is_not(None))).scalar_one())
        # what is in the shop's currency already is compared by the database; only the rest is reckoned here
        trivial = sa.and_(c.currency == c.shop_currency, c[worth] == c[amount])
        rest = sa.select(c.id, c.currency, c[amount], c.shop_currency, c[worth], c.shop_rate, c.shop_rate_on)
        for row in session.execute(rest.where(c[worth].is_not(None), sa.not_(trivial)).order_by(c.id)):
            key, base, minor, quote, stated, text, day = row
            if text is None or stated != Rate(str(Decimal(text)), day).convert(minor, base, quote):
                broken += 1
                first = first or f"{name} {key}: {minor} {base} at {text} is not {stated} {quote}"
    return Finding(checked, broken, first)


LAWS = (
    Law(
        "payments.within_parent",
        "Captures and voids stay within their authorisation, refunds within their capture.",
        by_query(
            count_of(PAYMENT, PAYMENT.c.parent_id.is_not(None)),
            _beyond_parent(),
            "order {number}: {amount} acts on {kind} {id} of {amount_minor}",
        ),
    ),
    Law(
        "payments.shop_money",
        "The shop's own money of an order or payment is its amount at the rate it keeps.",
        shop_money,
    ),
    Law(
        "credit.balance_is_its_entries",
        "A customer's store credit is the sum of its entries and never below zero.",
        by_query(
            count_of(ACCOUNT),
            _credit_balances(),
            "customer {customer_id}: {balance_minor} {currency} kept, the entries say {amount}",
        ),
    ),
    Law(
        "credit.payments_have_entries",
        "Every payment through store credit stands in the customer's credit with the same amount.",
        by_query(
            count_of(PAYMENT, PAYMENT.c.gateway == STORE_CREDIT),
            _credit_payments(),
            "order {number}, payment {id}: {wanted} through store credit, the credit has {amount}",
        ),
    ),
    Law(
        "cod.lists_add_up",
        "A courier's list is the sum of its rows, and no more is booked than came.",
        by_query(
            count_of(LIST),
            _lists(),
            "{carrier} {reference}: {total_minor} (rows {total}), booked {booked_minor} (rows {booked})",
        ),
    ),
    Law(
        "payouts.statements_add_up",
        "A payout statement is the sum of its rows: what customers paid, and the fees.",
        by_query(
            count_of(STATEMENT),
            _statements(),
            "{reference}: {gross_minor} (rows {gross}), fees {fee_minor} (rows {fee})",
        ),
    ),
)
