"""Money moved in every way there is, for the audit: what a healthy shop has, and what would break each law."""

from __future__ import annotations

from datetime import date

from finance_shop import SHOP, buy, order_with_tax, ship_all
from small_shop import ZONE, SmallShop, deliver_all, line_ids
from sqlalchemy.orm import Session

from oms_core.finance import commands
from oms_core.finance.commands import BilledLine, NewValue
from oms_core.orders.commands import NewPayment
from oms_core.orders.tables import Order
from oms_core.payments import cod, payouts, settling
from oms_core.payments.cod import Remitted
from oms_core.payments.commands import pay
from oms_core.payments.credit import issue_credit
from oms_core.payments.payouts import NewStatement, Stated
from oms_core.payments.rates import NewRate, publish
from oms_core.purchasing import queries as purchase_orders


def settle_in_every_way(session: Session, shop: SmallShop) -> None:
    """Pay at the door, by store credit and in euro; invoice, correct, bill, land freight, pay a supplier."""
    publish(session, [NewRate("EUR", "PLN", date(2010, 12, 8), "4.0123")], source="test")
    purchase, receipt = buy(session, shop, MUG=(10, 340), TIN=(10, 700))
    at_door = NewPayment(gateway="cod", amount_minor=1230, kind="authorize")
    door = order_with_tax(session, "basia", payments=[at_door], MUG=1)
    ship_all(session, door, tracking="T-1")
    cod.book_remittance(session, carrier="inpost", reference="1", rows=[Remitted("T-1", 1230, "PLN")], zone=ZONE)
    _on_credit(session)
    euro = order_with_tax(
        session, "hans", currency="EUR", payments=[NewPayment(gateway="card", amount_minor=1230)], MUG=1
    )
    deliver_all(session, euro)
    told = NewStatement(channel="web", reference="P-1", currency="EUR")
    payouts.book_statement(session, told, [Stated("sale", euro.number, 1230, 40)], zone=ZONE, book_fees=True)
    invoice = commands.issue_invoice(session, SHOP, order_id=door.id)
    commands.correct_invoice(
        session, SHOP, invoice_id=invoice.id, lines={1: NewValue(1, 900, 207)}, reason="promised price"
    )
    commands.draft_invoice(session, SHOP, order_id=euro.id)
    parts = order_with_tax(session, "dorota", MUG=2)
    for _ in range(2):
        one = dict.fromkeys(line_ids(session, parts).values(), 1)
        commands.issue_invoice(session, SHOP, order_id=parts.id, part_of=commands.Part(one))
    _from_supplier(session, purchase.id, receipt.id)


def _on_credit(session: Session) -> None:
    order = order_with_tax(session, "celina", MUG=1)
    customer = session.get_one(Order, order.id).customer_id or 0
    issue_credit(session, customer_id=customer, amount_minor=2000, currency="PLN", reason="broken mug")
    settling.spend_credit(session, order_id=order.id, amount_minor=1000, zone=ZONE)
    pay(session, order_id=order.id, kind="capture", amount_minor=500, gateway="card", zone=ZONE)
    settling.refund_overpaid(session, order_id=order.id, zone=ZONE)
    pay(session, order_id=order.id, kind="refund", amount_minor=300, gateway="store_credit", zone=ZONE)
    settling.write_off(session, order_id=order.id, reason="enough", zone=ZONE)


def _from_supplier(session: Session, purchase_order_id: int, receipt_id: int) -> None:
    commands.land_cost(
        session,
        kind="freight",
        amount_minor=1001,
        currency="PLN",
        receipt_ids=[receipt_id],
        zone=ZONE,
        basis="quantity",
    )
    lines = [
        BilledLine(row["id"], row["quantity"], row["unit_cost_minor"] + 10)
        for row in purchase_orders.purchase_order_detail(session, purchase_order_id)["lines"]
    ]
    bill = commands.enter_supplier_invoice(
        session, purchase_order_id=purchase_order_id, supplier_number="F/1", issued_on=date(2010, 12, 9), lines=lines
    )
    commands.approve_supplier_invoice(session, supplier_invoice_id=bill.id, accept="agreed by phone", zone=ZONE)
    commands.pay_supplier_invoice(session, supplier_invoice_id=bill.id, amount_minor=1000, zone=ZONE)


#: Law to faults that no command would ever make.
FAULTS = {
    "invoices.units_within_ordered": [
        "UPDATE invoice_lines SET quantity = quantity + 1, after_qty = after_qty + 1 WHERE order_line_id IS NOT NULL"
    ],
    "invoices.money_within_ordered": ["UPDATE invoices SET order_gross_minor = order_gross_minor - 1"],
    "payments.within_parent": [
        "UPDATE payments SET amount_minor = 99999 WHERE kind = 'refund' AND parent_id IS NOT NULL",
        "UPDATE payments SET parent_id = 1 WHERE kind = 'capture' AND gateway = 'cod'",
    ],
    "payments.shop_money": [
        "UPDATE orders SET shop_total_minor = shop_total_minor + 1 WHERE currency = 'EUR'",
        "UPDATE payments SET shop_rate = '4' WHERE currency = 'EUR'",
        "UPDATE orders SET total_minor = total_minor + 1, other_minor = other_minor + 1 WHERE id = 1",
    ],
    "credit.balance_is_its_entries": [
        "UPDATE store_credit_accounts SET balance_minor = balance_minor + 1",
        "DELETE FROM store_credit_entries WHERE kind = 'spend'",
        "UPDATE store_credit_accounts SET balance_minor = -1",
    ],
    "credit.payments_have_entries": [
        "DELETE FROM store_credit_entries WHERE kind = 'give_back'",
        "UPDATE payments SET amount_minor = amount_minor - 1 WHERE gateway = 'store_credit' AND kind = 'capture'",
    ],
    "cod.lists_add_up": [
        "UPDATE cod_remittance_lines SET amount_minor = amount_minor + 1",
        "UPDATE cod_remittances SET booked_minor = total_minor + 1",
    ],
    "payouts.statements_add_up": [
        "UPDATE payout_lines SET fee_minor = fee_minor + 1",
        "UPDATE payout_statements SET gross_minor = gross_minor + 1, net_minor = net_minor + 1",
    ],
    "invoices.lines_add_up": [
        "UPDATE invoices SET net_minor = net_minor + 1, gross_minor = gross_minor + 1 WHERE id = 1",
        "DELETE FROM invoice_lines WHERE invoice_id = 1",
        "UPDATE invoice_lines SET before_net_minor = before_net_minor + 1",
    ],
    "invoices.numbers_without_gaps": [
        "UPDATE document_counters SET last = last + 1",
        "UPDATE invoices SET sequence = 7 WHERE kind = 'correction'",
    ],
    "invoices.unchanged_since_issue": [
        "UPDATE invoices SET buyer_name = 'Somebody else' WHERE kind = 'invoice'",
        "UPDATE invoice_lines SET title = 'Something else'",
        "UPDATE invoices SET due_on = '2099-01-01' WHERE kind = 'correction'",
    ],
    "invoices.state_tells_corrections": [
        "UPDATE invoices SET state = 'issued' WHERE state = 'corrected'",
        "UPDATE invoices SET state = 'corrected' WHERE kind = 'correction'",
    ],
    "ledger.entries_are_their_documents": [
        "UPDATE ledger_entries SET amount_minor = amount_minor + 1 WHERE kind = 'invoice'",
        "DELETE FROM ledger_entries WHERE kind = 'correction'",
        "UPDATE ledger_entries SET amount_minor = amount_minor - 1 WHERE kind = 'payment'",
        "UPDATE ledger_entries SET document_id = 999 WHERE kind = 'payment'",
    ],
    "ledger.matches_within_entries": [
        "UPDATE ledger_matches SET amount_minor = 999999",
        "UPDATE ledger_entries SET party = 'C:999' WHERE kind = 'invoice'",
    ],
    "suppliers.bills_add_up": [
        "UPDATE supplier_invoice_lines SET unit_cost_minor = unit_cost_minor + 1",
        "UPDATE supplier_invoices SET state = 'paid'",
        "UPDATE supplier_payments SET amount_minor = 99999999",
    ],
    "costs.landed_adds_up": [
        "UPDATE landed_cost_lines SET amount_minor = amount_minor + 1",
        "UPDATE landed_costs SET amount_minor = amount_minor - 1",
    ],
    "costs.fifo_conserved": [
        "UPDATE stock_levels SET available = available + 1 WHERE id = 1",
        "DELETE FROM stock_movements WHERE kind = 'received'",
        "UPDATE stock_movements SET quantity = quantity + 1 WHERE kind = 'shipped'",
    ],
}  # fmt: skip
