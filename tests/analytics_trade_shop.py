"""The shop of twelve orders (`analytics_shop`) with everything that happens around an order, still on paper.

work      opened 2, 1, 3, 0 and 6 hours after orders 1, 2, 3, 4 and 7
parcels   the second parcel (InPost) failed once; parcel 7 was lost; a box of order 4 rode in it
holds     order 1 two hours (risk); order 6 a day (risk) and still (address); order 10 six hours (risk)
changes   two of order 3 confirmed, one of order 1 declined
claims    order 1: 1 A damaged, open; order 3: 1 A wrong, 5.00 paid a day later; 1 B missing, rejected
exchange  order 1: goods for 12.00; withdrawal: order 2
fees      market 5.00 on 3 April (sold nothing but carriage), gateway 1.00 on 2 April (sold 25.00 B, 14.00 C)
counts    Warsaw: 18 A as expected, 1 C where none was; Gdańsk: 2 B where 3 were
buying    1001 of S1, sent 28 March for 1 April: 10 A in time, 4 B half in time and half two days late, billed
          10 gr more for each A; 1002 of S2, sent 30 March for 2 April: 5 C, nothing came; 1003 a draft;
          1004 of S1, sent 3 April for the 10th: 10 A at 4.20
backorder 1 B of order 6 for a day; 1 C of order 12 since 3 April
payout    market's statement M-1: 22.50 of order 6 less 5.00 fee, 5.00 of it given back, 1.00 for the shelf
owed      Ann 35.00 due 1 April less 20.00; Ben 22.50 due 16 April, 5.00 of his money is not matched;
          we owe S1 81.00 less 1.00, due 2 May
"""

from __future__ import annotations

from dataclasses import replace

import analytics_shop as golden
from analytics_shop import at, day

#: What manual work costs: 20 gr a unit picked, 1.50 a parcel packed, 75 gr a unit taken back.
SHOP = replace(golden.SHOP, pick_minor=20, pack_minor=150, take_back_minor=75)
PAID = {"gateway": "bank", "currency": "PLN", "order_id": 1}


def rows() -> dict[str, list[dict]]:
    """Every row of the shop, by table, in the order of insertion."""
    found = golden.rows()
    found["fulfillment_orders"] = [
        {"id": key, "number": f"F-{key}", "order_id": key, "location_id": 1, "created_at": created}
        for key, created in (
            (1, at("03-30", 10)), (2, at("03-30", 13)), (3, at("03-31", 2.5)), (4, at("03-31")), (7, at("04-02", 19)),
        )
    ]  # fmt: skip
    found["shipments"][4]["state"] = "lost"
    riding = golden.parcel(9, 4, 2, "inpost", 0, at("04-03", 13), None, None)
    found["shipments"].append(riding | {"state": "lost", "parent_shipment_id": 7})
    found["returns"][0] |= {"received_at": at("04-02", 0), "closed_at": at("04-03")}
    found["payments"].append(
        PAID | {"id": 4, "kind": "refund", "amount_minor": 300, "external_id": "4", "at": at("04-03"),
                "business_date": day("04-03"), "return_id": 1}
    )  # fmt: skip
    found["charges"].append(
        {"id": 3, "kind": "payment_fee", "source": "s", "external_id": "3", "amount_minor": -100, "currency": "PLN",
         "at": at("04-02"), "business_date": day("04-02")}
    )  # fmt: skip
    found["suppliers"].append({"id": 2, "code": "S2", "name": "Other", "currency": "PLN", "lead_time_days": 3.0})
    return found | _desk() | _cases() | _buying() | _owed() | _paid_out()


def _paid_out() -> dict[str, list[dict]]:
    stated = (("sale", "6", 2250, 500, 6), ("refund", "6", -500, 0, 6), ("fee", "", 0, 100, None))
    return {
        "payout_statements": [
            {"id": 1, "channel_id": 2, "reference": "M-1", "currency": "PLN", "since": day("04-01"),
             "until": day("04-03"), "gross_minor": 1750, "fee_minor": 600, "net_minor": 1150, "fingerprint": "f",
             "booked_at": at("04-03"), "business_date": day("04-03")}
        ],
        "payout_lines": [
            {"id": n, "statement_id": 1, "position": n, "kind": kind, "name": name, "amount_minor": amount,
             "fee_minor": fee, "order_id": order, "on_date": day("04-02") if order else None}
            for n, (kind, name, amount, fee, order) in enumerate(stated, start=1)
        ],
    }  # fmt: skip


def _desk() -> dict[str, list[dict]]:
    held = (
        (1, 6, "address", at("04-02"), None), (2, 1, "risk", at("03-30", 8), at("03-30", 10)),
        (3, 10, "risk", at("04-03"), at("04-03", 18)), (4, 6, "risk", at("04-02"), at("04-03")),
    )  # fmt: skip
    return {
        "allocations": [
            {"id": key, "order_line_id": key, "variant_id": variant, "location_id": 1, "quantity": quantity,
             "created_at": at("03-31")}
            for key, variant, quantity in ((1, 1, 2), (2, 2, 1), (3, 1, 1), (4, 2, 1), (5, 3, 3), (8, 3, 1))
        ],
        "shipment_lines": [
            {"id": line, "shipment_id": parcel, "order_line_id": line, "allocation_id": line, "quantity": quantity}
            for line, parcel, quantity in ((1, 1, 2), (2, 2, 1), (3, 3, 1), (4, 3, 1), (5, 4, 3), (8, 7, 1))
        ],
        "tracking_events": [
            {"id": 1, "shipment_id": 2, "at": at("04-01"), "state": "failed", "external_id": "a"},
            {"id": 2, "shipment_id": 2, "at": at("04-02"), "state": "delivered", "external_id": "b"},
        ],
        "fulfillment_holds": [
            {"id": key, "order_id": number, "reason": reason, "held_by": "x", "held_at": since, "released_at": until,
             "released_how": "person" if until else ""}
            for key, number, reason, since, until in held
        ],
        "order_changes": [
            {"id": key, "number": f"CH-{key}", "order_id": number, "state": state, "base_version": 1, "journal_id": 0,
             "actions": [], "preview": {}, "proposed_by": "x", "proposed_at": at("03-31"), "decided_at": at("03-31")}
            for key, number, state in ((1, 3, "confirmed"), (2, 1, "declined"), (3, 3, "confirmed"))
        ],
        "backorders": [
            {"id": 1, "order_line_id": 12, "variant_id": 3, "quantity": 1, "kind": "backorder", "state": "waiting",
             "created_at": at("04-03")},
            {"id": 2, "order_line_id": 7, "variant_id": 2, "quantity": 1, "allocated_qty": 1, "kind": "backorder",
             "state": "allocated", "created_at": at("04-02"), "closed_at": at("04-03")},
        ],
        "stock_counts": [
            {"id": key, "number": f"CN-{key}", "location_id": key, "state": "posted", "created_at": at("04-03"),
             "created_by": "x"}
            for key in (1, 2)
        ],
        "stock_count_lines": [
            {"id": key, "stock_count_id": count, "variant_id": variant, "counted_qty": found, "expected_qty": wanted,
             "counted_at": at("04-03")}
            for key, count, variant, found, wanted in ((1, 1, 1, 18, 18), (2, 1, 3, 1, 0), (3, 2, 2, 2, 3))
        ],
    }  # fmt: skip


def _cases() -> dict[str, list[dict]]:
    return {
        "claims": [
            {"id": 1, "number": "CL-1", "order_id": 1, "kind": "damaged", "currency": "PLN", "opened_at": at("04-03")},
            {"id": 2, "number": "CL-2", "order_id": 3, "kind": "wrong", "currency": "PLN", "opened_at": at("04-02"),
             "state": "resolved", "resolution": "refund", "amount_minor": 500, "resolved_at": at("04-03")},
            {"id": 3, "number": "CL-3", "order_id": 3, "kind": "missing", "currency": "PLN", "opened_at": at("04-02"),
             "state": "rejected"},
        ],
        "claim_lines": [
            {"id": key, "claim_id": key, "order_line_id": line, "variant_id": variant, "sku": sku, "quantity": 1,
             "amount_minor": amount}
            for key, line, variant, sku, amount in ((1, 1, 1, "A", 1000), (2, 3, 1, "A", 900), (3, 4, 2, "B", 2250))
        ],
        "exchanges": [
            {"id": 1, "number": "EX-1", "order_id": 1, "return_id": 1, "new_lines": [], "currency": "PLN",
             "returned_minor": 1000, "new_minor": 1200, "difference_minor": 200, "requested_at": at("04-02")}
        ],
        "withdrawals": [
            {"id": 1, "number": "WD-1", "order_id": 2, "channel": "email", "is_whole": True, "country": "DE",
             "declared_at": at("04-03"), "declared_on": day("04-03"), "send_back_by_on": day("04-17"),
             "refund_due_on": day("04-17"), "currency": "PLN"}
        ],
    }  # fmt: skip


def _buying() -> dict[str, list[dict]]:
    orders = (
        (1, 1, "closed", at("03-28"), day("04-01")), (2, 2, "sent", at("03-30"), day("04-02")),
        (3, 2, "draft", None, day("04-02")), (4, 1, "sent", at("04-03"), day("04-10")),
    )  # fmt: skip
    lines = (
        (1, 1, 1, 10, 10, 400),
        (2, 1, 2, 4, 4, 1000),
        (3, 2, 3, 5, 0, 300),
        (4, 3, 3, 9, 0, 300),
        (5, 4, 1, 10, 0, 420),
    )
    return {
        "purchase_orders": [
            {"id": key, "number": f"100{key}", "supplier_id": supplier, "location_id": 1, "state": state,
             "currency": "PLN", "created_at": at("03-28"), "sent_at": sent, "expected_on": due}
            for key, supplier, state, sent, due in orders
        ],
        "purchase_order_lines": [
            {"id": key, "purchase_order_id": order, "position": key, "variant_id": variant, "quantity": quantity,
             "received_qty": received, "unit_cost_minor": cost}
            for key, order, variant, quantity, received, cost in lines
        ],
        "receipts": [
            {"id": 1, "number": "RC-1", "purchase_order_id": 1, "received_at": at("04-01")},
            {"id": 2, "number": "RC-2", "purchase_order_id": 1, "received_at": at("04-03")},
        ],
        "receipt_lines": [
            {"id": key, "receipt_id": receipt, "purchase_order_line_id": line, "quantity": quantity}
            for key, receipt, line, quantity in ((1, 1, 1, 10), (2, 1, 2, 2), (3, 2, 2, 2))
        ],
        "supplier_invoices": [
            {"id": 1, "number": "SI-1", "supplier_id": 1, "supplier_number": "7", "purchase_order_id": 1,
             "state": "approved", "currency": "PLN", "net_minor": 8100, "gross_minor": 8100, "issued_on": day("04-02"),
             "due_on": day("05-02"), "entered_at": at("04-02")}
        ],
        "supplier_invoice_lines": [
            {"id": 1, "supplier_invoice_id": 1, "purchase_order_line_id": 1, "quantity": 10, "unit_cost_minor": 410},
            {"id": 2, "supplier_invoice_id": 1, "purchase_order_line_id": 2, "quantity": 4, "unit_cost_minor": 1000},
        ],
    }  # fmt: skip


def _owed() -> dict[str, list[dict]]:
    entries = (
        (1, "receivable", "C:1", "invoice", "03-30", "04-01", 3500),
        (2, "receivable", "C:1", "payment", "04-02", "04-02", -2000),
        (3, "receivable", "C:2", "invoice", "04-02", "04-16", 2250),
        (4, "receivable", "C:2", "payment", "04-03", "04-03", -500),
        (5, "payable", "S:1", "supplier_invoice", "04-02", "05-02", 8100),
        (6, "payable", "S:1", "supplier_payment", "04-03", "04-03", -100),
    )  # fmt: skip
    return {
        "ledger_entries": [
            {"id": key, "side": side, "party": party, "kind": kind, "document_id": key, "document": f"D{key}",
             "customer_id": int(party[2:]) if party[0] == "C" else None, "supplier_id": 1 if party[0] == "S" else None,
             "on_date": day(on), "due_on": day(due), "amount_minor": amount, "currency": "PLN", "at": at(on)}
            for key, side, party, kind, on, due, amount in entries
        ],
        "ledger_matches": [
            {"id": 1, "claim_id": 1, "settling_id": 2, "amount_minor": 2000, "at": at("04-02")},
            {"id": 2, "claim_id": 5, "settling_id": 6, "amount_minor": 100, "at": at("04-03")},
        ],
    }  # fmt: skip
