"""Every law passes on a healthy shop, and finds a fault planted behind the commands' back; on both databases."""

from __future__ import annotations

import uuid
from datetime import date

import bin_shop
import buying_constraints
import catalogue_faults
import forecast_shop
import merge_shop
import money_trade
import pytest
import returns_shop
import segment_shop
import sqlalchemy as sa
import told_shop
from held import BACKENDS, NOON
from second_look import second_look
from small_shop import ZONE, available, deliver_all, line_ids, sell, small_shop, stock
from sqlalchemy.orm import Session

from oms_core.audit.laws import LAWS, run
from oms_core.audit.records import MACHINES
from oms_core.backorders import commands as backorders
from oms_core.drafts import commands as drafts
from oms_core.fulfilment import commands as fulfilment
from oms_core.fulfilment.tables import FulfillmentOrder, FulfillmentOrderLine
from oms_core.imports.tables import ImportDocument, ImportRun, RejectedRow
from oms_core.inventory import commands as inventory
from oms_core.inventory import counts, lots, reservations, transfers
from oms_core.kernel import clock
from oms_core.kernel.database import make_engine, transaction
from oms_core.kernel.errors import NotFound
from oms_core.kernel.settings import Shop
from oms_core.marketing.commands import save_segment
from oms_core.order_changes import commands as order_changes
from oms_core.orders.commands import NewAdjustment, cancel_order
from oms_core.orders.tables import Order, OrderLine
from oms_core.purchasing import commands as purchasing
from oms_core.purchasing import queries as purchase_orders
from oms_core.purchasing.commands import NewLine
from oms_core.returns import commands as returns
from oms_core.returns import queries as return_queries
from oms_core.returns.commands import NewReturnLine, ReceivedLine
from oms_core.schema import METADATA


def trade(session: Session) -> None:
    """Do a bit of everything, through the commands."""
    shop = small_shop(session)
    stock(session, shop, MUG=40, BAG=40, TIN=40)
    buy(session, shop)
    carriage = [NewAdjustment(kind="shipping", amount_minor=900), NewAdjustment(kind="discount", amount_minor=-100)]
    whole = sell(session, shop, "anna", adjustments=carriage, MUG=3, BAG=2)
    deliver_all(session, whole)
    take_back(session, shop, whole)
    part = sell(session, shop, "jan", MUG=4, TIN=2)
    key = session.scalar(sa.select(FulfillmentOrder.id).where(FulfillmentOrder.order_id == part.id))
    (first, *_) = [line.allocation_id for line in work_lines(session, key)]
    fulfilment.ship(session, fulfillment_order_id=key, carrier="dpd", lines={first: 1}, zone=ZONE)
    sell(session, shop, "ewa", paid=False, TIN=1)
    gone = sell(session, shop, "ola", BAG=1)
    cancel_order(session, gone.id, reason="changed my mind", zone=ZONE)
    inventory.adjust(
        session, variant_id=shop.variants["BAG"], location_id=shop.warehouse, delta_qty=-1, reason="broken", zone=ZONE
    )
    move = transfers.draft_transfer(
        session, from_location_id=shop.warehouse, to_location_id=shop.store, lines={shop.variants["TIN"]: 5}
    )
    transfers.ship_transfer(session, move.id, zone=ZONE)
    (line,) = session.scalars(sa.select(transfers.TransferLine.id)).all()
    transfers.receive_transfer(session, move.id, received={line: 3}, lost={line: 1}, reason="box missing", zone=ZONE)
    for expression in ("country IN ('PL')", "country IN ('PL', 'DE')"):
        save_segment(session, name="Europe", expression=expression)
    history(session, shop)
    edit(session, shop)
    second_look(session, shop)
    returns_shop.give_back_in_every_way(session, shop)
    money_trade.settle_in_every_way(session, shop)
    segment_shop.remember(session)
    forecast_shop.judge_and_know_better(session)
    merge_shop.meet_twice(session, shop)
    told_shop.tell(session, zone=ZONE)
    stock_rooms(session, shop)
    offer(session)


def offer(session):
    """Keep a draft, and complete another."""
    document = {"channel": "web", "currency": "PLN", "lines": [{"sku": "MUG", "quantity": 1}]}
    drafts.create(session, document)
    drafts.complete(session, Shop(zone=ZONE), drafts.create(session, document).id, gateway="cash")


def edit(session, shop):
    """Change an order after it was placed: units off, a line off, a line on, another price, carriage, a discount."""
    off = [NewAdjustment(kind="discount", amount_minor=-500)]
    order = sell(session, shop, "iga", adjustments=off, MUG=3, BAG=1, TIN=2)
    keys = line_ids(session, order)
    actions = [
        {"kind": "set_quantity", "line_id": keys["MUG"], "quantity": 2},
        {"kind": "remove_line", "line_id": keys["BAG"]},
        {"kind": "set_price", "line_id": keys["TIN"], "unit_price_minor": 2500},
        {"kind": "add_line", "sku": "BAG", "quantity": 1},
        {"kind": "set_shipping", "amount_minor": 300},
    ]
    order_changes.confirm(session, order_changes.propose(session, order.id, actions, zone=ZONE).id, zone=ZONE)
    later = [{"kind": "set_discount", "amount_minor": 700}]
    order_changes.confirm(session, order_changes.propose(session, order.id, later, zone=ZONE).id, zone=ZONE)


def stock_rooms(session, shop):
    """Hold, count, track by lot and promise from goods to come, so that every law of stock has something to look at."""
    tin, bag, mug = (shop.variants[sku] for sku in ("TIN", "BAG", "MUG"))
    for units, minutes in ((2, 15), (1, 1)):
        reservations.reserve(session, channel_id=shop.channel, lines={tin: units}, minutes=minutes, zone=ZONE)
    gone = reservations.reserve(session, channel_id=shop.channel, lines={tin: 1}, zone=ZONE)
    reservations.release(session, gone.id, zone=ZONE)
    count = counts.open_count(session, location_id=shop.warehouse, variant_ids=[bag, mug])
    on_hand = available(session, bag, shop.warehouse)
    counts.enter(session, count.id, counted={bag: on_hand + 2})
    counts.post_count(session, count.id, reason="cycle count", skip_uncounted=True, zone=ZONE)
    lots.start_tracking(session, variant_id=bag)
    bin_shop.fill_up(session, shop)
    backorders.set_policy(session, mug, "backorder")
    sell(session, shop, "piotr", paid=False, MUG=500)


def work_lines(session, key):
    return session.scalars(
        sa.select(FulfillmentOrderLine).where(FulfillmentOrderLine.fulfillment_order_id == key)
    ).all()


def buy(session, shop):
    lines = [NewLine(shop.variants["MUG"], 10, 500), NewLine(shop.variants["BAG"], 4, 900)]
    order = purchasing.draft_purchase_order(session, supplier_id=shop.supplier, location_id=shop.warehouse, lines=lines)
    purchasing.send(session, purchase_order_id=order.id, zone=ZONE)
    first = purchase_orders.purchase_order_detail(session, order.id)["lines"][0]["id"]
    purchasing.receive(session, purchase_order_id=order.id, lines={first: 6}, zone=ZONE)


def take_back(session, shop, order):
    keys = line_ids(session, order)
    lines = [NewReturnLine(keys["MUG"], 2), NewReturnLine(keys["BAG"], 1)]
    found = returns.request_return(session, order_id=order.id, lines=lines, zone=ZONE)
    returns.approve_return(session, return_id=found.id)
    back = {x["sku"]: x["id"] for x in return_queries.return_detail(session, found.id)["lines"]}
    came = [ReceivedLine(back["MUG"], 2, "restock"), ReceivedLine(back["BAG"], 1, "scrap")]
    returns.receive_return(session, return_id=found.id, lines=came, location_id=shop.warehouse, zone=ZONE)
    returns.refund_return(session, return_id=found.id, gateway="card", zone=ZONE)
    returns.close_return(session, return_id=found.id)


def history(session, shop):
    """Write what an import writes: an order that happened before us, its document, a rejected row."""
    kept = ImportRun(source="csv", files=[], started_at=NOON, counts={})
    session.add(kept)
    session.flush()
    document = ImportDocument(
        source="csv", external_id="H1", import_run_id=kept.id, row_count=1, total_qty=2, total_micro=0, code_hash=0
    )
    session.add(document)
    old = Order(
        number="H1", channel_id=shop.channel, external_id="H1", currency="PLN", state="closed", placed_at=NOON,
        business_date=date(2010, 12, 1), gross_minor=2000, total_minor=2000, payment_status="paid",
        fulfillment_status="fulfilled",
        delivery_status="delivered", is_history=True,
    )  # fmt: skip
    session.add(old)
    session.flush()
    session.add(
        OrderLine(
            order_id=old.id, position=1, variant_id=shop.variants["MUG"], sku="MUG", quantity=2,
            unit_price_minor=1000, gross_minor=2000, shipped_qty=2,
        )
    )  # fmt: skip
    session.add(
        RejectedRow(
            import_run_id=kept.id, source="csv", file_name="a.csv", row_number=7, raw_sha256="0" * 64, raw={},
            code="import.quantity", reason="no number",
        )
    )  # fmt: skip
    session.flush()


#: PostgreSQL has no switch for its checks: they are dropped where faults are planted, once the shop has traded.
NO_CHECKS = """
DO $$ DECLARE guard record; BEGIN
  FOR guard IN SELECT conrelid::regclass AS owner, conname FROM pg_constraint
    WHERE contype = 'c' AND connamespace = 'public'::regnamespace
  LOOP EXECUTE 'ALTER TABLE ' || guard.owner || ' DROP CONSTRAINT ' || quote_ident(guard.conname); END LOOP;
END $$
"""


@pytest.fixture(scope="module", params=BACKENDS)
def healthy(request, tmp_path_factory):
    """An engine on a shop that traded; one a module and database, for tests roll back what they plant."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("audit") / "oms.db"
        path.write_bytes(request.getfixturevalue("migrated_sqlite").read_bytes())
        url = f"sqlite:///{path}"
    else:
        server = request.getfixturevalue("postgres")
        name = f"audit_{uuid.uuid4().hex[:12]}"
        url = server.create(name, request.getfixturevalue("migrated_postgres"))
    engine = make_engine(url)
    with clock.frozen(NOON), transaction(engine) as session:
        trade(session)
    if request.param == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql(NO_CHECKS)
    yield engine
    engine.dispose()
    if request.param == "postgresql":
        server.drop(name)


def test_a_healthy_shop_breaks_no_law(healthy):
    with Session(healthy) as session:
        found = run(session)
        assert {row["name"]: row["first_broken"] for row in found if row["broken"]} == {}
        # a law that looked at nothing has shown nothing
        assert {row["name"] for row in found if row["checked"] == 0} == set()


def test_an_empty_shop_breaks_no_law(engine):
    with Session(engine) as session:
        assert [row["name"] for row in run(session) if row["broken"]] == []


#: Law to faults: statements that no command would ever run.
FAULTS = {
    "stock.reserved_equals_reservations": [
        "UPDATE stock_levels SET reserved = reserved + 1 WHERE reserved > 0",
        "UPDATE reservation_lines SET released_qty = 1 WHERE id = 1",
    ],
    "stock.ended_reservations_hold_nothing": [
        "UPDATE reservations SET state = 'expired' WHERE id = 1",
        "UPDATE reservation_lines SET released_qty = 0 WHERE id = 3",
    ],
    "stock.reservations_in_ledger": [
        "UPDATE stock_movements SET reservation_line_id = NULL WHERE to_state = 'reserved'",
        "UPDATE reservation_lines SET quantity = quantity + 1 WHERE id = 1",
    ],
    "stock.counts_in_ledger": [
        "UPDATE stock_count_lines SET counted_qty = counted_qty + 1 WHERE posted_qty IS NOT NULL",
        "UPDATE stock_counts SET state = 'open'",
        "DELETE FROM stock_movements WHERE count_line_id IS NOT NULL",
    ],
    "stock.lots_equal_on_hand": [
        "UPDATE lot_levels SET quantity = quantity + 1 WHERE id = 1",
        "UPDATE lot_levels SET pool = 'damaged' WHERE id = 1",
        "UPDATE variants SET tracks_lots = true WHERE sku = 'MUG'",
    ],
    "stock.lots_equal_entries": ["DELETE FROM lot_entries WHERE id = 1"],
    "backorders.within_ordered": [
        "UPDATE backorders SET quantity = quantity + 1 WHERE state = 'waiting'",
        "UPDATE order_lines SET cancelled_qty = 1 WHERE quantity = 500",
    ],
    "backorders.wait_for_open_orders": [
        "UPDATE orders SET state = 'closed' WHERE id = (SELECT order_id FROM order_lines WHERE quantity = 500)",
        "UPDATE backorders SET state = 'allocated' WHERE state = 'waiting'",
    ],
    "stock.levels_equal_movements": [
        "UPDATE stock_levels SET available = available + 1 WHERE id = 1",
        "DELETE FROM stock_movements WHERE id = 1",
        "UPDATE stock_movements SET to_location_id = 2 WHERE id = 2",
        "DELETE FROM stock_levels WHERE id = 1",
    ],
    "stock.movements_balance": [
        "UPDATE stock_movements SET to_location_id = NULL WHERE kind = 'received'",
        "UPDATE stock_movements SET kind = 'opening' WHERE kind = 'shipped'",
        "UPDATE stock_movements SET quantity = -quantity WHERE id = 1",
        "UPDATE stock_movements SET to_location_id = 2 WHERE kind = 'allocated'",
        "UPDATE stock_movements SET kind = 'conjured' WHERE id = 1",
    ],
    "stock.nothing_oversold": [
        "UPDATE stock_levels SET available = -1 WHERE id = 1",
        "UPDATE stock_levels SET damaged = -1 WHERE id = 1",
    ],
    "stock.committed_equals_allocations": [
        "UPDATE stock_levels SET committed = committed + 1 WHERE id = 1",
        "DELETE FROM allocations WHERE shipped_qty = 0 AND released_qty = 0",
    ],
    "stock.allocations_in_ledger": [
        "UPDATE allocations SET shipped_qty = shipped_qty - 1 WHERE shipped_qty > 0",
        "UPDATE stock_movements SET allocation_id = NULL WHERE kind = 'released'",
        "UPDATE allocations SET quantity = quantity + 1 WHERE id = 1",
    ],
    "stock.promised_within_ordered": ["UPDATE allocations SET quantity = 100 WHERE id = 1"],
    "stock.transfers_in_ledger": [
        "UPDATE transfer_lines SET received_qty = received_qty + 1",
        "UPDATE transfer_lines SET lost_qty = 0",
        "DELETE FROM stock_movements WHERE kind = 'transferred_out'",
    ],
    "orders.line_money": [
        "UPDATE order_lines SET gross_minor = gross_minor + 1 WHERE id = 1",
        "UPDATE order_lines SET discount_minor = gross_minor + 1 WHERE id = 1",
    ],
    "orders.money_adds_up": [
        "UPDATE orders SET total_minor = total_minor + 1 WHERE id = 1",
        "UPDATE orders SET gross_minor = gross_minor + 1, other_minor = other_minor - 1 WHERE id = 1",
        "DELETE FROM order_adjustments WHERE kind = 'discount'",
        "UPDATE order_adjustments SET amount_minor = 901 WHERE kind = 'shipping'",
        "DELETE FROM order_lines WHERE id = 1",
    ],
    "orders.units_within_ordered": ["UPDATE order_lines SET cancelled_qty = 1 WHERE shipped_qty = quantity"],
    "orders.status_follows_facts": [
        "UPDATE orders SET payment_status = 'paid' WHERE payment_status = 'none'",
        "UPDATE orders SET delivery_status = 'failed' WHERE is_history",
        "DELETE FROM payments WHERE kind = 'capture'",
        "UPDATE orders SET state = 'placed' WHERE id = 1",
    ],
    "orders.journal_tells": ["DELETE FROM journal WHERE event = 'order.placed'"],
    "fulfilment.work_has_its_allocations": [
        "UPDATE fulfillment_orders SET location_id = 2 WHERE id = 1",
        "UPDATE fulfillment_order_lines SET order_line_id = 2 WHERE id = 1",
        "UPDATE fulfillment_orders SET order_id = 2 WHERE id = 1",
    ],
    "fulfilment.work_follows_units": [
        "UPDATE fulfillment_orders SET state = 'closed' WHERE state = 'in_progress'",
        "UPDATE fulfillment_orders SET state = 'open' WHERE state = 'closed'",
    ],
    "fulfilment.shipments_consume_their_own": [
        "UPDATE shipment_lines SET allocation_id = 3 WHERE id = 1",
        "UPDATE shipments SET location_id = 2 WHERE id = 1",
        "UPDATE shipments SET fulfillment_order_id = 2 WHERE id = 1",
    ],
    "fulfilment.allocations_count_shipments": ["UPDATE shipment_lines SET quantity = quantity + 1 WHERE id = 1"],
    "fulfilment.lines_count_shipments": ["DELETE FROM shipment_lines WHERE id = 1"],
    "fulfilment.shipments_in_ledger": ["UPDATE stock_movements SET shipment_line_id = NULL WHERE kind = 'shipped'"],
    "fulfilment.carriers_said_so": [
        "UPDATE shipments SET state = 'lost' WHERE state = 'label_purchased'",
        "UPDATE shipments SET delivered_at = NULL WHERE state = 'delivered'",
    ],
    "holds.held_work_waits": [
        "UPDATE fulfillment_orders SET state = 'open' WHERE state = 'on_hold'",
        "UPDATE fulfillment_orders SET state = 'on_hold' WHERE state = 'open'",
        "DELETE FROM fulfillment_holds WHERE reason = 'address'",
    ],
    "holds.held_work_remembers": ["UPDATE fulfillment_orders SET held_from = NULL WHERE state = 'on_hold'"],
    "holds.end_with_their_order": [
        "UPDATE fulfillment_holds SET released_at = NULL, released_how = '' WHERE released_how = 'order_ended'"
    ],
    "fulfilment.scheduled_until_release": ["UPDATE orders SET release_at = NULL WHERE release_at IS NOT NULL"],
    "fulfilment.riders_follow_their_parcel": [
        "UPDATE shipments SET state = 'in_transit', delivered_at = NULL WHERE tracking_number = 'TOGETHER'",
        "UPDATE shipments SET tracking_number = 'X' WHERE parent_shipment_id IS NOT NULL",
        "UPDATE shipments SET parent_shipment_id = 999 WHERE parent_shipment_id IS NOT NULL",
    ],
    "review.level_follows_score": [
        "UPDATE risk_assessments SET level = 'medium' WHERE level = 'high'",
        "UPDATE risk_assessments SET score = 10 WHERE level = 'high'",
    ],
    "review.danger_is_held": ["DELETE FROM fulfillment_holds WHERE guard_key = 'risk'"],
    "review.rejected_are_cancelled": ["UPDATE orders SET state = 'placed' WHERE cancel_reason = 'risk'"],
    "review.duplicates_of_one_buyer": [
        "UPDATE duplicate_suspicions SET other_order_id = 1",
        "UPDATE duplicate_suspicions SET decided_at = NULL",
    ],
    "routing.decisions_kept": ["DELETE FROM routing_decisions WHERE id = 1"],
    "returns.within_shipped": ["UPDATE order_lines SET returned_qty = shipped_qty + 1 WHERE id = 1"],
    "returns.counted_on_lines": [
        "UPDATE order_lines SET returned_qty = returned_qty - 1 WHERE id = 1",
        "UPDATE return_lines SET received_qty = 1 WHERE id = 1",
    ],
    "returns.money_adds_up": [
        "UPDATE return_lines SET amount_minor = amount_minor + 1 WHERE id = 1",
        "DELETE FROM return_adjustments",
        "UPDATE returns SET total_minor = total_minor + 1",
    ],
    "returns.reverse_their_own_sale": [
        "UPDATE return_lines SET order_line_id = 3 WHERE id = 1",
        "UPDATE returns SET order_id = 2",
    ],
    "returns.in_ledger": ["DELETE FROM stock_movements WHERE kind = 'returned'"],
    "payments.refunds_within_captured": ["UPDATE payments SET amount_minor = 99999 WHERE kind = 'refund'"],
    "payments.refunds_within_return": ["UPDATE payments SET amount_minor = amount_minor + 1 WHERE kind = 'refund'"],
    "payments.one_currency": [
        "UPDATE payments SET currency = 'EUR' WHERE id = 1",
        "UPDATE returns SET currency = 'EUR'",
        "UPDATE shipments SET currency = 'EUR' WHERE id = 1",
    ],
    "purchasing.money_adds_up": ["UPDATE purchase_order_lines SET unit_cost_minor = 501 WHERE id = 1"],
    "purchasing.received_equals_receipts": [
        "UPDATE purchase_order_lines SET received_qty = 7 WHERE id = 1",
        "DELETE FROM receipt_lines",
        "UPDATE purchase_order_lines SET cancelled_qty = 5 WHERE id = 1",
    ],
    "purchasing.receipts_in_ledger": [
        "DELETE FROM stock_movements WHERE kind = 'received'",
        "UPDATE stock_movements SET variant_id = 2 WHERE kind = 'received'",
        "UPDATE stock_movements SET to_location_id = 2 WHERE kind = 'received'",
        "UPDATE receipt_lines SET quantity = 5",
    ],
    "purchasing.state_follows_lines": [
        "UPDATE purchase_orders SET state = 'received'",
        "UPDATE purchase_orders SET state = 'sent'",
        "UPDATE purchase_orders SET state = 'cancelled'",
    ],
    "states.known_and_reachable": [
        "UPDATE orders SET state = 'lost' WHERE id = 1",
        "UPDATE transfers SET state = 'forgotten'",
        "UPDATE shipments SET state = 'eaten' WHERE id = 1",
    ],
    "segments.one_current_version": [
        "UPDATE segments SET is_current = TRUE",
        "UPDATE segments SET is_current = NOT is_current",
    ],
    "imports.documents_are_kept": [
        "DELETE FROM orders WHERE is_history",
        "UPDATE import_documents SET import_run_id = 99",
    ],
    "imports.history_has_a_source": ["DELETE FROM import_documents"],
    "records.references_hold": [
        "DELETE FROM customers WHERE id = 1",
        "UPDATE order_lines SET variant_id = 99 WHERE id = 1",
        "UPDATE stock_movements SET receipt_line_id = 99 WHERE kind = 'received'",
        "UPDATE payments SET return_id = 99 WHERE kind = 'refund'",
    ],
}
FAULTS |= {
    "order_changes.removed_lines_are_empty": [
        "UPDATE order_lines SET cancelled_qty = cancelled_qty - 1 WHERE is_removed",
        "UPDATE order_lines SET is_removed = true WHERE id = 1",
    ],
    "order_changes.entries_are_their_own": [
        "UPDATE order_change_entries SET order_line_id = 1",
        "UPDATE order_changes SET state = 'declined' WHERE id = 1",
    ],
    "order_changes.lines_have_a_beginning": [
        "UPDATE order_change_entries SET quantity = 100 WHERE kind = 'added'",
        "UPDATE order_change_entries SET gross_minor = 1000000 WHERE kind = 'price'",
    ],
    "order_changes.entries_make_the_difference": [
        "UPDATE order_change_entries SET order_discount_minor = order_discount_minor + 1 WHERE kind = 'removed'",
        "DELETE FROM order_change_entries WHERE kind = 'added'",
        "UPDATE order_adjustments SET amount_minor = amount_minor + 1 WHERE order_change_id = 1 AND kind = 'shipping'",
    ],
    "order_changes.journal_tells": ["DELETE FROM journal WHERE event = 'order.changed'"],
}
FAULTS |= catalogue_faults.FAULTS
FAULTS |= bin_shop.FAULTS
FAULTS |= buying_constraints.FAULTS
FAULTS |= returns_shop.FAULTS
FAULTS |= money_trade.FAULTS
FAULTS |= segment_shop.FAULTS
FAULTS |= forecast_shop.FAULTS
FAULTS |= merge_shop.FAULTS
FAULTS |= told_shop.FAULTS
FAULTS |= {
    "drafts.money_is_the_documents": [
        "UPDATE drafts SET total_minor = total_minor + 1 WHERE id = 1",
        "UPDATE drafts SET document = '{}' WHERE id = 1",
    ],
    "drafts.completed_is_its_order": [
        "UPDATE drafts SET order_id = 1 WHERE id = 1",
        "UPDATE drafts SET order_id = 1 WHERE id = 2",
    ],
    "drafts.journal_tells": ["DELETE FROM journal WHERE event = 'draft.created'"],
}
#: Laws that count work and are never broken.
TOLD_ONLY = {"imports.rejected_rows_waiting"}
CASES = [(law, fault) for law, faults in FAULTS.items() for fault in faults]


def test_every_law_has_a_fault_that_shows_it():
    assert set(FAULTS) | TOLD_ONLY == {law.name for law in LAWS}
    assert len(LAWS) == len({law.name for law in LAWS})
    assert all(law.says.endswith(".") for law in LAWS)


@pytest.mark.parametrize(("law", "fault"), CASES, ids=[f"{law}-{i}" for i, (law, _) in enumerate(CASES)])
def test_a_planted_fault_is_found(healthy, law, fault):
    with healthy.connect() as connection:
        planted = connection.begin()
        without_guards(connection)
        try:
            assert connection.execute(sa.text(fault)).rowcount > 0
            with Session(connection) as session:
                (found,) = run(session, [law])
        finally:
            planted.rollback()
            if healthy.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA ignore_check_constraints=OFF")
    assert found["broken"] > 0
    assert found["first_broken"]
    assert "{" not in found["first_broken"]


def without_guards(connection: sa.Connection) -> None:
    """Take the database's own guards away, inside this transaction (see also :data:`NO_CHECKS`)."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        return
    connection.exec_driver_sql("SET LOCAL session_replication_role = replica")


def test_rejected_rows_are_told_and_never_broken(healthy):
    with Session(healthy) as session:
        assert run(session, ["imports.rejected_rows_waiting"]) == [
            {"name": "imports.rejected_rows_waiting", "checked": 1, "broken": 0, "first_broken": None}
        ]


def test_an_unknown_law_offers_near_ones(healthy):
    with Session(healthy) as session, pytest.raises(NotFound, match="no law"):
        run(session, ["stock.levels"])


def test_every_machine_is_watched():
    with_state = {t.name for t in METADATA.tables.values() if "state" in t.c} - {"consents", "tracking_events"}
    assert {table.name for _, table in MACHINES} == with_state
    assert [machine.name for machine, _ in MACHINES if machine.reachable() != set(machine.states)] == []
