"""Laws of invoices, ledgers and costs: sums, numbers without gaps, nothing changed after issue, FIFO conserved."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.audit.law import Finding, Law, by_query, count_of, summed, zero
from oms_core.audit.money import PAYMENT
from oms_core.audit.stock import LEVEL, MOVEMENT
from oms_core.finance.cost_inputs import costs, events, uncollected
from oms_core.finance.cost_tables import LandedCost, LandedCostLine, SupplierInvoice, SupplierInvoiceLine
from oms_core.finance.costing import Fifo, Projection
from oms_core.finance.ledger_tables import LedgerEntry, LedgerMatch, SupplierPayment
from oms_core.finance.records import SEALED, SEALED_LINE, seal_of
from oms_core.finance.tables import DocumentCounter, Invoice, InvoiceLine
from oms_core.inventory.tables import ON_HAND_STATES
from oms_core.kernel.rows import table_of
from oms_core.kernel.settings import stored_shop

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

INVOICE, LINE, COUNTER = table_of(Invoice), table_of(InvoiceLine), table_of(DocumentCounter)
ENTRY, MATCH, PAID = table_of(LedgerEntry), table_of(LedgerMatch), table_of(SupplierPayment)
BILL, BILL_LINE = table_of(SupplierInvoice), table_of(SupplierInvoiceLine)
LANDED, LANDED_LINE = table_of(LandedCost), table_of(LandedCostLine)
_ROWS = sa.Select[*tuple[object, ...]]


def _invoice_sums() -> _ROWS:
    c = LINE.c
    odd = sa.case(
        (sa.or_(
            c.gross_minor != c.net_minor + c.tax_minor,
            c.quantity != c.after_qty - c.before_qty,
            c.net_minor != c.after_net_minor - c.before_net_minor,
            c.tax_minor != c.after_tax_minor - c.before_tax_minor,
        ), 1), else_=0,
    )  # fmt: skip
    sums = summed(LINE, c.invoice_id, net=c.net_minor, tax=c.tax_minor, odd=odd)
    i = INVOICE.c
    wrong = sa.or_(
        i.net_minor != zero(sums.c.net), i.tax_minor != zero(sums.c.tax), i.gross_minor != i.net_minor + i.tax_minor,
        zero(sums.c.odd) > 0,
    )  # fmt: skip
    return (
        sa.select(i.id, i.number, i.net_minor, i.tax_minor, i.gross_minor, zero(sums.c.net).label("net"),
                  zero(sums.c.tax).label("tax"))
        .outerjoin(sums, sums.c.key == i.id)
        .where(wrong)
    )  # fmt: skip


def _gaps() -> _ROWS:
    i = INVOICE.c
    given = (
        sa.select(i.series, i.year, sa.func.count().label("n"), sa.func.min(i.sequence).label("low"),
                  sa.func.max(i.sequence).label("top"))
        .where(i.sequence.is_not(None))
        .group_by(i.series, i.year)
        .subquery()
    )  # fmt: skip
    same = sa.and_(given.c.series == COUNTER.c.series, given.c.year == COUNTER.c.year)
    wrong = sa.or_(zero(given.c.n) != COUNTER.c.last, zero(given.c.top) != COUNTER.c.last, given.c.low != 1)
    return (
        sa.select(COUNTER.c.series, COUNTER.c.year, COUNTER.c.last, zero(given.c.n).label("n"),
                  zero(given.c.top).label("top"))
        .outerjoin(given, same)
        .where(wrong)
    )  # fmt: skip


def invoices_unchanged(session: Session) -> Finding:
    """Take the fingerprint of every issued document again."""
    heads = sa.select(INVOICE).where(INVOICE.c.state != "draft").order_by(INVOICE.c.id)
    lines = sa.select(LINE).order_by(LINE.c.invoice_id, LINE.c.position)
    by_invoice = {
        key: [dict(row) for row in rows]
        for key, rows in groupby(session.execute(lines).mappings(), key=itemgetter("invoice_id"))
    }
    checked, broken, first = 0, 0, None
    for head in session.execute(heads).mappings():
        checked += 1
        if seal_of({n: head[n] for n in SEALED}, _plain(by_invoice.get(head["id"], []))) != head["fingerprint"]:
            broken += 1
            first = first or f"invoice {head['number']} is not what was issued"
    return Finding(checked, broken, first)


def _plain(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{name: row[name] for name in SEALED_LINE} for row in rows]


def _corrections() -> _ROWS:
    """Return originals whose state does not say whether they were corrected, or that lost their own kind."""
    n = summed(INVOICE, INVOICE.c.corrects_id, n=sa.case((INVOICE.c.state != "draft", 1), else_=0))
    i = INVOICE.c
    return (
        sa.select(i.id, i.number, i.state, i.kind, zero(n.c.n).label("n"))
        .outerjoin(n, n.c.key == i.id)
        .where(sa.or_(
            (zero(n.c.n) > 0) != (i.state == "corrected"), sa.and_(i.kind == "correction", zero(n.c.n) > 0)
        ))
    )  # fmt: skip


def _documents() -> _ROWS:
    """Return ledger entries that are not what their document says, and documents without an entry."""
    i, p, b, q = INVOICE.c, PAYMENT.c, BILL.c, PAID.c
    signed = sa.case((p.kind == "refund", p.amount_minor), else_=-p.amount_minor)
    owed = b.state.in_(("approved", "paid"))
    wanted = sa.union_all(
        sa.select(i.kind.label("kind"), i.id.label("document_id"), i.gross_minor.label("wanted"), i.currency)
        .where(i.state != "draft", i.gross_minor != 0),
        sa.select(sa.literal_column("'supplier_invoice'"), b.id, b.gross_minor, b.currency)
        .where(owed, b.gross_minor != 0),
        sa.select(sa.literal_column("'supplier_payment'"), q.id, -q.amount_minor, q.currency),
    ).subquery()  # fmt: skip
    same = sa.and_(ENTRY.c.kind == wanted.c.kind, ENTRY.c.document_id == wanted.c.document_id)
    missing = (
        sa.select(wanted.c.kind, wanted.c.document_id, wanted.c.wanted, zero(ENTRY.c.amount_minor).label("amount"))
        .outerjoin(ENTRY, same)
        .where(sa.or_(zero(ENTRY.c.amount_minor) != wanted.c.wanted, ENTRY.c.currency != wanted.c.currency))
    )
    paid = (
        sa.select(ENTRY.c.kind, ENTRY.c.document_id, zero(signed).label("wanted"), ENTRY.c.amount_minor.label("amount"))
        .outerjoin(PAYMENT, p.id == ENTRY.c.document_id)
        .where(ENTRY.c.kind.in_(("payment", "refund")), ENTRY.c.amount_minor != zero(signed))
    )
    both = sa.union_all(missing, paid).subquery()
    return sa.select(both)


def _matches() -> _ROWS:
    claimed = summed(MATCH, MATCH.c.claim_id, amount=MATCH.c.amount_minor)
    settled = summed(MATCH, MATCH.c.settling_id, amount=MATCH.c.amount_minor)
    other = ENTRY.alias("other")
    strangers = (
        sa.select(MATCH.c.claim_id)
        .join(ENTRY, ENTRY.c.id == MATCH.c.claim_id)
        .join(other, other.c.id == MATCH.c.settling_id)
        .where(sa.or_(
            ENTRY.c.party != other.c.party, ENTRY.c.currency != other.c.currency, ENTRY.c.amount_minor < 0,
            other.c.amount_minor > 0,
        ))
    )  # fmt: skip
    total = zero(claimed.c.amount) + zero(settled.c.amount)
    return (
        sa.select(ENTRY.c.id, ENTRY.c.document, ENTRY.c.amount_minor, total.label("matched"))
        .outerjoin(claimed, claimed.c.key == ENTRY.c.id)
        .outerjoin(settled, settled.c.key == ENTRY.c.id)
        .where(sa.or_(total > sa.func.abs(ENTRY.c.amount_minor), ENTRY.c.id.in_(strangers)))
    )


def _bills() -> _ROWS:
    value = BILL_LINE.c.quantity * BILL_LINE.c.unit_cost_minor
    lines = summed(BILL_LINE, BILL_LINE.c.supplier_invoice_id, value=value)
    paid = summed(PAID, PAID.c.supplier_invoice_id, value=PAID.c.amount_minor)
    c = BILL.c
    settled = (c.state == "paid") != (zero(paid.c.value) == c.gross_minor)
    wrong = sa.or_(
        c.net_minor != zero(lines.c.value), c.gross_minor != c.net_minor + c.tax_minor,
        zero(paid.c.value) > c.gross_minor, sa.and_(c.state.in_(("approved", "paid")), settled),
    )  # fmt: skip
    return (
        sa.select(c.id, c.number, c.state, c.net_minor, c.gross_minor, zero(lines.c.value).label("value"),
                  zero(paid.c.value).label("paid"))
        .outerjoin(lines, lines.c.key == c.id)
        .outerjoin(paid, paid.c.key == c.id)
        .where(wrong)
    )  # fmt: skip


def _landed() -> _ROWS:
    parts = summed(LANDED_LINE, LANDED_LINE.c.landed_cost_id, amount=LANDED_LINE.c.amount_minor)
    return (
        sa.select(LANDED.c.id, LANDED.c.number, LANDED.c.amount_minor, zero(parts.c.amount).label("amount"))
        .outerjoin(parts, parts.c.key == LANDED.c.id)
        .where(LANDED.c.amount_minor != zero(parts.c.amount))
    )


@uncollected()
def costs_conserved(session: Session) -> Finding:
    """Run FIFO over the whole ledger: what came in is what went out and what is left, units as the levels say."""
    held = sum((LEVEL.c[state] for state in ON_HAND_STATES[1:]), start=LEVEL.c.available)
    on_hand = sa.select(LEVEL.c.variant_id, sa.func.sum(held)).group_by(LEVEL.c.variant_id)
    units = {row[0]: int(row[1]) for row in session.execute(on_hand)}
    transit = sa.func.sum(sa.case((MOVEMENT.c.to_state == "transit", MOVEMENT.c.quantity), else_=-MOVEMENT.c.quantity))
    moving = sa.or_(MOVEMENT.c.to_state == "transit", MOVEMENT.c.from_state == "transit")
    for key, n in session.execute(
        sa.select(MOVEMENT.c.variant_id, transit).where(moving).group_by(MOVEMENT.c.variant_id)
    ):
        units[key] = units.get(key, 0) + int(n)
    checked, broken, first = 0, 0, None
    found = costs(session, stored_shop(session))
    for key, happened in events(session, found):
        checked += 1
        done = Projection(Fifo()).run(happened)
        sums, left = done.sums(), done.stock.left()
        difference = sums.came_in - sums.went_out - sum(p.cost_minor for p in left)
        there = sum(p.units for p in left) - sum(out.open_units for _, _, out in done.outs)
        if difference or there != units.get(key, 0):
            broken += 1
            first = first or f"variant {key}: {there} units in layers, {units.get(key, 0)} in stock, {difference} lost"
    return Finding(checked, broken, first)


LAWS = (
    Law(
        "invoices.lines_add_up",
        "An invoice's net, tax and gross are the sums of its lines, and every difference is after less before.",
        by_query(
            count_of(INVOICE),
            _invoice_sums(),
            "invoice {number}: net {net_minor} (lines {net}), tax {tax_minor} (lines {tax}), gross {gross_minor}",
        ),
    ),
    Law(
        "invoices.numbers_without_gaps",
        "Numbers of a series and year run from 1 without a gap to the last one given.",
        by_query(count_of(COUNTER), _gaps(), "{series}/{year}: {n} documents up to {top}, {last} numbers given"),
    ),
    Law(
        "invoices.unchanged_since_issue",
        "Nothing that stands on an issued invoice or correction has changed.",
        invoices_unchanged,
    ),
    Law(
        "invoices.state_tells_corrections",
        "An invoice is corrected if and only if a correction names it; a correction is never corrected itself.",
        by_query(count_of(INVOICE), _corrections(), "{kind} {number} is {state} and has {n} correction(s)"),
    ),
    Law(
        "ledger.entries_are_their_documents",
        "Every issued document is in the ledger with its amount, and every entry is its document's.",
        by_query(count_of(ENTRY), _documents(), "{kind} {document_id}: {wanted} on paper, {amount} in the ledger"),
    ),
    Law(
        "ledger.matches_within_entries",
        "No more is matched than an entry holds, and only claims with what settles them, of one account.",
        by_query(count_of(MATCH), _matches(), "{document}: {matched} matched of {amount_minor}"),
    ),
    Law(
        "suppliers.bills_add_up",
        "A supplier's bill is the sum of its lines; it is paid when, and only when, all of it was sent.",
        by_query(
            count_of(BILL),
            _bills(),
            "{number} ({state}): net {net_minor} (lines {value}), gross {gross_minor}, paid {paid}",
        ),
    ),
    Law(
        "costs.landed_adds_up",
        "The parts of a landed cost add up to it exactly.",
        by_query(count_of(LANDED), _landed(), "{number}: {amount_minor} spread as {amount}"),
    ),
    Law(
        "costs.fifo_conserved",
        "By FIFO, cost that came in is cost that went out and cost that is left; layers hold what stock holds.",
        costs_conserved,
    ),
)
