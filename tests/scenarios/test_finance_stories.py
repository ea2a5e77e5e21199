"""Stories of money a manager can read; each on both databases."""

from __future__ import annotations

from datetime import date

import pytest
from finance_shop import SHOP, ZONE, broken, buy, on, order_with_tax, send_back, ship_all, small_shop
from small_shop import line_ids

from oms_core.finance import ageing, commands, cost_queries
from oms_core.finance.commands import BilledLine, Buyer
from oms_core.finance.cost_tables import SupplierInvoice
from oms_core.finance.queries import invoice_detail
from oms_core.finance.supplier_invoices import find_differences
from oms_core.finance.tables import Invoice
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import Refused
from oms_core.orders.commands import NewPayment
from oms_core.orders.tables import Order
from oms_core.payments import cod, settling
from oms_core.payments.cod import Remitted
from oms_core.payments.commands import pay
from oms_core.payments.queries import balance
from oms_core.purchasing import queries as purchase_orders
from oms_core.returns import commands as returns


def test_cash_on_delivery(engine):
    # Anna and Jan pay at the door; Ewa too, but her parcel's money never comes.
    with on(2), transaction(engine) as session:
        shop = small_shop(session)
        buy(session, shop, MUG=(20, 400))
        people = ("anna", "jan", "ewa")
        orders = {
            name: order_with_tax(session, name, payments=[_at_the_door(1230 * n)], MUG=n)
            for n, name in enumerate(people, start=1)
        }
        assert {o.payment_status for o in orders.values()} == {"authorized"}
        for name, order in orders.items():
            ship_all(session, order, tracking=f"T-{name}")
        assert {session.get_one(Order, o.id).state for o in orders.values()} == {"placed"}

    # The courier's list: Anna's money is right, Jan's is 1.00 short, and one parcel is not ours.
    with on(9), transaction(engine) as session:
        rows = [Remitted("T-anna", 1230, "PLN"), Remitted("T-jan", 2360, "PLN"), Remitted("T-nobody", 500, "PLN")]
        said = cod.book_remittance(session, carrier="inpost", reference="2026/10", rows=rows, zone=ZONE, actor="ola")
        assert [(r["name"], r["outcome"], r["expected_minor"], r["booked_minor"]) for r in said["rows"]] == [
            ("T-anna", "matched", 1230, 1230),
            ("T-jan", "short", 2460, 2360),
            ("T-nobody", "unknown", None, 0),
        ]
        assert [(m["tracking_number"], m["expected_minor"]) for m in said["missing"]] == [
            ("T-jan", 100),
            ("T-ewa", 3690),
        ]
        anna, jan = (session.get_one(Order, orders[name].id) for name in ("anna", "jan"))
        assert (anna.payment_status, anna.state, jan.payment_status) == ("paid", "closed", "partially_paid")

    # The same list sent again books nothing; under the same name with other money it is refused.
    with on(10), transaction(engine) as session:
        again = cod.book_remittance(session, carrier="inpost", reference="2026/10", rows=rows, zone=ZONE)
        assert (again["again"], balance(session, anna.id).captured_minor) == (True, 1230)
        with pytest.raises(Refused, match="is not overpaid"):
            settling.refund_overpaid(session, order_id=anna.id, zone=ZONE)

    # Jan's missing zloty is not worth a letter.
    with on(11), transaction(engine) as session:
        settling.write_off(session, order_id=jan.id, reason="courier's rounding", zone=ZONE, actor="ola")
        after = balance(session, jan.id)
        assert (after.due_minor, after.written_off_minor, after.refundable_minor) == (0, 100, 2360)
        assert session.get_one(Order, jan.id).payment_status == "paid"
        assert broken(session) == []


def _at_the_door(minor: int) -> NewPayment:
    return NewPayment(gateway="cod", amount_minor=minor, kind="authorize")


def test_an_over_payment_is_given_back_the_way_it_came(engine):
    with on(2), transaction(engine) as session:
        shop = small_shop(session)
        buy(session, shop, MUG=(5, 400))
        order = order_with_tax(session, "anna", payments=[NewPayment(gateway="card", amount_minor=1000)], MUG=1)
        pay(session, order_id=order.id, kind="capture", amount_minor=1230, gateway="transfer", zone=ZONE)
        seen = balance(session, order.id)
        assert (seen.total_minor, seen.captured_minor, seen.overpaid_minor) == (1230, 2230, 1000)
        assert session.get_one(Order, order.id).payment_status == "overpaid"
        (back,) = settling.refund_overpaid(session, order_id=order.id, zone=ZONE, actor="ola")
        assert (back.gateway, back.amount_minor) == ("transfer", 1000)
        assert balance(session, order.id).overpaid_minor == 0
        assert broken(session) == []


def test_cost_of_goods_by_fifo_with_a_late_freight_bill(engine):
    # Ten mugs at 3.40, then ten at 3.60; twelve are sold.
    with on(2), transaction(engine) as session:
        shop = small_shop(session)
        _, first = buy(session, shop, MUG=(10, 340))
    with on(3), transaction(engine) as session:
        _, second = buy(session, shop, MUG=(10, 360))
        order = order_with_tax(session, "anna", MUG=12)
        parcel = ship_all(session, order)
        (line,) = cost_queries.shipment_costs(session, SHOP, parcel.id)
        assert line["cost_minor"] == 10 * 340 + 2 * 360
        assert line["sentence"] == ("12 units of MUG cost 41.20 PLN: 10 from GR-1001 at 3.40, 2 from GR-1002 at 3.60.")
        (average,) = cost_queries.shipment_costs(session, SHOP, parcel.id, method="average")
        assert average["cost_minor"] == 12 * 350

    # A week later the haulier's bill for both lorries comes: 20.00, by value 9.71 and 10.29.
    with on(10), transaction(engine) as session:
        commands.land_cost(
            session, kind="freight", amount_minor=2000, currency="PLN", receipt_ids=[first.id, second.id], zone=ZONE,
            reference="TRANS 77",
        )  # fmt: skip
        (line,) = cost_queries.shipment_costs(session, SHOP, parcel.id)
        assert line["cost_minor"] == (3400 + 971) + round((3600 + 1029) * 2 / 10)
        # The books of the 5th, as they were seen then, have not changed.
        (then,) = cost_queries.shipment_costs(session, SHOP, parcel.id, known_on=date(2026, 3, 5))
        assert then["cost_minor"] == 4120
        (worth,) = cost_queries.stock_value(session, SHOP)
        assert (worth["units"], worth["value_minor"]) == (8, 3600 + 1029 - 926)
        (before,) = cost_queries.stock_value(session, SHOP, as_of=on_instant(2))
        assert before["units"] == 10
        whole = cost_queries.totals(session, SHOP)
        assert (whole["bought_minor"], whole["difference_minor"]) == (3400 + 3600 + 2000, 0)

    # One mug comes back: it returns at what it cost when it left.
    with on(12), transaction(engine) as session:
        send_back(session, shop, order, {line_ids(session, order)["MUG"]: 1})
        whole = cost_queries.totals(session, SHOP)
        assert (whole["given_back_minor"], whole["difference_minor"], whole["left_units"]) == (441, 0, 9)
        assert broken(session) == []


def on_instant(day: int):
    from finance_shop import MONDAY

    return MONDAY.replace(day=day, hour=23)


def test_an_invoice_is_corrected_after_a_return(engine):
    with on(2), transaction(engine) as session:
        shop = small_shop(session)
        buy(session, shop, MUG=(5, 400), BAG=(5, 900))
        order = order_with_tax(session, "anna", payments=[NewPayment(gateway="card", amount_minor=4920)], MUG=2, BAG=1)
        ship_all(session, order)
        buyer = Buyer(name="Anna Żółw Studio", tax_id="PL 774-000-14-54")
        invoice = commands.issue_invoice(session, SHOP, order_id=order.id, buyer=buyer, actor="ola")
        assert (invoice.number, invoice.net_minor, invoice.tax_minor, invoice.gross_minor) == (
            "FV/2026/00001", 4000, 920, 4920,
        )  # fmt: skip
        assert (invoice.buyer_tax_id, invoice.due_on) == ("7740001454", date(2026, 3, 16))
        # Paid already: nothing is open.
        assert ageing.open_entries(session, side="receivable", today=date(2026, 3, 2)) == []

    # Asked for twice, it is the same invoice.
    with on(3), transaction(engine) as session:
        assert commands.issue_invoice(session, SHOP, order_id=order.id).number == "FV/2026/00001"

    # One mug comes back. The correction names the original and shows before, after and the difference.
    with on(9), transaction(engine) as session:
        back = send_back(session, shop, order, {line_ids(session, order)["MUG"]: 1})
        correction = commands.correct_for_return(session, SHOP, return_id=back.id, actor="ola")
        detail = invoice_detail(session, correction.id)
        (line,) = detail["lines"]
        assert (detail["number"], detail["corrects"]) == ("FK/2026/00001", "FV/2026/00001")
        assert [line[f"{when}_qty"] for when in ("before", "after")] == [2, 1]
        assert [line[k] for k in ("before_net_minor", "after_net_minor", "net_minor")] == [2000, 1000, -1000]
        assert (detail["gross_minor"], line["tax_bp"]) == (-1230, 2300)
        assert session.get_one(Invoice, invoice.id).state == "corrected"
        # We owe Anna 12.30 until the money goes back.
        (owed,) = ageing.open_entries(session, side="receivable", today=date(2026, 3, 9))
        assert (owed["kind"], owed["open_minor"]) == ("correction", -1230)
        returns.refund_return(session, return_id=back.id, gateway="card", zone=ZONE)
        commands.settle(session)
        assert ageing.open_entries(session, side="receivable", today=date(2026, 3, 9)) == []
        assert broken(session) == []


def test_a_supplier_invoice_with_a_wrong_price(engine):
    with on(2), transaction(engine) as session:
        shop = small_shop(session)
        order, _ = buy(session, shop, MUG=(10, 500), BAG=(4, 900))
        lines = {x["sku"]: x["id"] for x in purchase_orders.purchase_order_detail(session, order.id)["lines"]}

        # The bill says 5.20 a mug and six bags; we ordered at 5.00 and got four.
        bill = commands.enter_supplier_invoice(
            session, purchase_order_id=order.id, supplier_number="F/77/2026", issued_on=date(2026, 3, 2),
            lines=[BilledLine(lines["MUG"], 10, 520), BilledLine(lines["BAG"], 6, 900)], tax_minor=2438, actor="ewa",
        )  # fmt: skip
        assert [d.sentence for d in find_differences(session, bill.id)] == [
            "MUG: billed at 5.20 PLN, ordered at 5.00 PLN: 2.00 PLN too much for 10.",
            "BAG: 6 billed, 4 ordered: 2 too many.",
            "BAG: 6 billed, 4 received: 2 have not arrived.",
        ]
        with pytest.raises(Refused, match="does not fit its order"), session.begin_nested():
            commands.approve_supplier_invoice(session, supplier_invoice_id=bill.id, zone=ZONE)
        commands.dispute_supplier_invoice(session, supplier_invoice_id=bill.id, reason="six bags?", actor="ewa")
        assert ageing.ageing(session, side="payable", today=date(2026, 3, 2)) == []

    # The supplier takes it back and sends a right one, but keeps the higher price; we accept it.
    with on(4), transaction(engine) as session:
        commands.cancel_supplier_invoice(session, supplier_invoice_id=bill.id, reason="taken back", actor="ewa")
        right = commands.enter_supplier_invoice(
            session, purchase_order_id=order.id, supplier_number="F/78/2026", issued_on=date(2026, 3, 4),
            lines=[BilledLine(lines["MUG"], 10, 520), BilledLine(lines["BAG"], 4, 900)], tax_minor=2024,
        )  # fmt: skip
        commands.approve_supplier_invoice(session, supplier_invoice_id=right.id, accept="new price list", zone=ZONE)
        # What the mugs cost is what was paid for them.
        worth = {row["sku"]: row["value_minor"] for row in cost_queries.stock_value(session, SHOP)}
        assert worth == {"MUG": 5200, "BAG": 3600}
        (row,) = ageing.ageing(session, side="payable", today=date(2026, 5, 10))
        assert (row["name"], row["open_minor"], row["days_31_60_minor"]) == ("Acme Ceramika Łódź", 10824, 10824)

    # Half now, half later.
    with on(20), transaction(engine) as session:
        commands.pay_supplier_invoice(session, supplier_invoice_id=right.id, amount_minor=5000, zone=ZONE)
        with pytest.raises(Refused, match=r"more than the 58\.24 PLN open"):
            commands.pay_supplier_invoice(session, supplier_invoice_id=right.id, amount_minor=9000, zone=ZONE)
        commands.pay_supplier_invoice(session, supplier_invoice_id=right.id, reference="przelew 12", zone=ZONE)
        assert session.get_one(SupplierInvoice, right.id).state == "paid"
        assert ageing.ageing(session, side="payable", today=date(2026, 5, 10)) == []
        assert broken(session) == []


def test_a_customer_who_pays_half(engine):
    with on(2), transaction(engine) as session:
        shop = small_shop(session)
        buy(session, shop, BAG=(5, 900))
        order = order_with_tax(session, "jan", BAG=2)
        ship_all(session, order)
        invoice = commands.issue_invoice(session, SHOP, order_id=order.id, due_days=7)
        assert (invoice.gross_minor, invoice.due_on) == (4920, date(2026, 3, 9))

    with on(5), transaction(engine) as session:
        pay(session, order_id=order.id, kind="capture", amount_minor=2460, gateway="transfer", zone=ZONE)
        assert commands.settle(session) == 1
        assert commands.settle(session) == 0  # nothing new
        (row,) = ageing.ageing(session, side="receivable", today=date(2026, 3, 5))
        assert (row["current_minor"], row["open_minor"]) == (2460, 2460)

    # Two weeks late, then two months, then half a year.
    with transaction(engine) as session:
        seen = {}
        for day in (date(2026, 3, 23), date(2026, 4, 20), date(2026, 6, 1), date(2026, 9, 1)):
            (row,) = ageing.ageing(session, side="receivable", today=day)
            (seen[day],) = [name for name, value in row.items() if name.startswith(("current", "days_")) and value]
        assert list(seen.values()) == ["days_1_30_minor", "days_31_60_minor", "days_61_90_minor", "days_over_90_minor"]
        told = ageing.statement(
            session, party=row["party"], currency="PLN", since=date(2026, 3, 1), until=date(2026, 3, 31)
        )
        assert [(e["kind"], e["amount_minor"], e["balance_minor"]) for e in told["entries"]] == [
            ("invoice", 4920, 4920),
            ("payment", -2460, 2460),
        ]
        assert (told["opening_minor"], told["closing_minor"]) == (0, 2460)
        assert broken(session) == []
