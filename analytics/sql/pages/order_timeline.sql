-- grain: something that happened to an order, newest first
-- sources: orders, payments, routing decisions, shipments, tracking events, returns, journal
-- parameters: $number
WITH mine AS (SELECT * FROM raw.orders WHERE number = $number),
events AS (
    SELECT o.placed_at AS happened_at, 'placed' AS event, '' AS note, NULL::BIGINT AS minor, NULL::VARCHAR AS actor FROM mine o
    UNION ALL SELECT o.cancelled_at, 'cancelled', o.cancel_reason, NULL, NULL FROM mine o WHERE o.cancelled_at IS NOT NULL
    UNION ALL SELECT o.closed_at, 'closed', '', NULL, NULL FROM mine o WHERE o.closed_at IS NOT NULL
    UNION ALL SELECT p.at, 'payment.' || p.kind, p.gateway, p.amount_minor, NULL FROM raw.payments p JOIN mine o ON o.id = p.order_id
    UNION ALL SELECT d.at, 'routed', (SELECT string_agg(DISTINCT l.name, ', ') FROM raw.fulfillment_orders f
        JOIN raw.locations l ON l.id = f.location_id WHERE f.routing_decision_id = d.id), NULL, NULL
        FROM raw.routing_decisions d JOIN mine o ON o.id = d.order_id
    UNION ALL SELECT s.shipped_at, 'shipped', concat_ws(' ', s.carrier, s.service, s.tracking_number), NULL, NULL
        FROM raw.shipments s JOIN mine o ON o.id = s.order_id
    UNION ALL SELECT t.at, 'parcel.' || t.state, t.message, NULL, NULL FROM raw.tracking_events t
        JOIN raw.shipments s ON s.id = t.shipment_id JOIN mine o ON o.id = s.order_id
        WHERE t.state NOT IN ('label_purchased', 'picked_up')
    UNION ALL SELECT r.requested_at, 'return.requested', r.number, r.total_minor, NULL FROM raw.returns r JOIN mine o ON o.id = r.order_id
    UNION ALL SELECT r.received_at, 'return.received', r.number, NULL, NULL FROM raw.returns r JOIN mine o ON o.id = r.order_id
        WHERE r.received_at IS NOT NULL
    UNION ALL SELECT o.ship_by_at, 'ship_by_passed', '', NULL, NULL FROM mine o
        WHERE o.state = 'placed' AND o.fulfillment_status <> 'fulfilled' AND o.ship_by_at < $now AND NOT o.is_history
)
SELECT * FROM events ORDER BY happened_at DESC, event LIMIT 30
