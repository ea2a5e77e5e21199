"""A shop in which goods came back in every way there is; and the faults its laws have to find."""

from __future__ import annotations

from datetime import date

from small_shop import ZONE, deliver_all, line_ids, sell

from oms_core.returns import claim_resolving, claims, commands, exchanges, queries, withdrawals
from oms_core.returns.addresses import save_address
from oms_core.returns.claims import NewClaimLine
from oms_core.returns.commands import NewReturnLine, UnitDecision
from oms_core.returns.exchanges import NewExchangeLine
from oms_core.returns.withdrawal_settling import settle_withdrawal
from oms_core.returns.withdrawals import Declaration

#: Law to faults, for the test that plants them.
FAULTS = {
    "returns.units_counted": [
        "UPDATE return_units SET disposition = 'not_received', moved_at = NULL WHERE id = 1",
        "UPDATE return_lines SET received_qty = received_qty - 1 WHERE id IN (SELECT return_line_id FROM return_units)",
    ],
    "returns.taken_within_shipped": ["UPDATE claim_lines SET quantity = quantity + 5"],
    "returns.sent_where_told": [
        "UPDATE returns SET send_to_why = 'because'",
        "UPDATE returns SET send_to = ''",
    ],
    "return_addresses.comparable": [
        "UPDATE return_addresses SET country = 'pl'",
        "UPDATE return_addresses SET postal_prefix = '5 0'",
    ],
    "refunds.paid_as_explained": [
        "UPDATE refunds SET total_minor = total_minor + 1",
        "DELETE FROM refund_parts WHERE id = 1",
        "UPDATE payments SET kind = 'void' WHERE kind = 'refund'",
    ],
    "exchanges.difference_adds_up": [
        "UPDATE exchanges SET settlement = 'due'",
        "UPDATE exchanges SET credit_minor = credit_minor - 1",
        "DELETE FROM order_adjustments WHERE kind = 'manual'",
        "DELETE FROM return_adjustments WHERE code = 'exchange'",
    ],
    "claims.settled_as_said": [
        "UPDATE claims SET refund_id = NULL",
        "UPDATE claims SET resolution = 'replacement' WHERE resolution = 'refund'",
        "UPDATE claims SET keeps_item = FALSE",
    ],
    "withdrawals.follow_the_calendar": [
        "UPDATE withdrawals SET refund_due_on = '2010-12-31'",
        "UPDATE withdrawals SET period_ends_on = '2010-12-31'",
    ],
    "withdrawals.acknowledged": [
        "DELETE FROM customer_messages",
        "UPDATE customer_messages SET body = 'nothing of the sort'",
    ],
}


def give_back_in_every_way(session, shop):
    """Exchange, claim and withdraw, each on an order of its own; unit by unit where goods come back."""
    save_address(session, location_id=shop.warehouse, country="PL", postal_prefix="50", address="Returns\nPolna 1")
    exchange(session, shop, bought(session, shop, "maja", BAG=1))
    claim(session, bought(session, shop, "igor", MUG=2))
    withdraw(session, bought(session, shop, "zofia", MUG=1))


def bought(session, shop, name, **units):
    order = sell(session, shop, name, **units)
    deliver_all(session, order)
    return order


def exchange(session, shop, order):
    back = [NewReturnLine(line_ids(session, order)["BAG"], 1)]
    found = exchanges.request_exchange(
        session, order_id=order.id, back=back, new=[NewExchangeLine(sku="MUG", quantity=1)], zone=ZONE
    )
    exchanges.approve_exchange(session, exchange_id=found.id)
    bring_back(session, shop, found.return_id)
    return exchanges.complete_exchange(session, exchange_id=found.id, zone=ZONE)


def bring_back(session, shop, return_id, disposition="restock"):
    """Count everything of a return in and decide on every unit alike."""
    lines = {x["id"]: x["quantity"] for x in queries.return_detail(session, return_id)["lines"]}
    units = commands.count_units(session, return_id=return_id, counts=lines, location_id=shop.warehouse, zone=ZONE)
    look = [UnitDecision(unit.id, disposition) for unit in units]
    commands.inspect_units(session, return_id=return_id, decisions=look, zone=ZONE)


def claim(session, order):
    lines = [NewClaimLine(line_ids(session, order)["MUG"], 1)]
    found = claims.open_claim(session, order_id=order.id, kind="damaged", lines=lines)
    claims.approve_claim(session, claim_id=found.id, zone=ZONE)
    return claim_resolving.resolve_claim(session, claim_id=found.id, resolution="refund", zone=ZONE)


def withdraw(session, order):
    declaration = Declaration(delivered_on=date(2010, 12, 8))
    found = withdrawals.declare_withdrawal(session, order_id=order.id, declaration=declaration, zone=ZONE)
    return settle_withdrawal(session, withdrawal_id=found.id, before_goods=True, zone=ZONE)
