-- grain: something that went differently from plan in the last three days · newest first, at most three of a kind
-- sources: tracking events, counted stock differences, cancelled orders, split routings, rejected import rows
-- parameters: $now
WITH parcels AS (
    SELECT t.at AS happened_at, 'carrier' AS kind, t.state AS event, t.message AS note, '#' || o.number AS object, o.number AS order_number,
        s.carrier AS name, NULL::BIGINT AS n
    FROM raw.tracking_events t
    JOIN raw.shipments s ON s.id = t.shipment_id
    JOIN raw.orders o ON o.id = s.order_id
    WHERE t.state IN ('delayed', 'failed', 'return_to_sender', 'lost')
),
counts AS (
    SELECT m.at, 'stock', 'counted', v.title, 'SKU ' || v.sku, NULL, l.name,
        CASE WHEN m.from_state = 'loss' THEN m.quantity ELSE -m.quantity END
    FROM raw.stock_movements m
    JOIN raw.variants v ON v.id = m.variant_id
    JOIN raw.locations l ON l.id = coalesce(m.from_location_id, m.to_location_id)
    WHERE m.kind = 'adjusted' AND (m.from_state = 'loss' OR m.to_state = 'loss')
),
cancelled AS (
    SELECT cancelled_at, 'order', 'cancelled', cancel_reason, '#' || number, number, NULL, total_minor
    FROM raw.orders WHERE cancelled_at IS NOT NULL AND NOT is_history
),
splits AS (
    SELECT d.at, 'routing', 'split', d.reason, '#' || o.number, o.number, NULL, count(f.id)
    FROM raw.routing_decisions d
    JOIN raw.orders o ON o.id = d.order_id
    JOIN raw.fulfillment_orders f ON f.routing_decision_id = d.id
    GROUP BY ALL
    HAVING count(f.id) > 1
),
refused AS (
    SELECT i.started_at, 'import', 'rejected', mode(r.reason), mode(r.file_name), NULL, i.source, count(*)
    FROM raw.rejected_rows r JOIN raw.import_runs i ON i.id = r.import_run_id
    GROUP BY ALL
)
SELECT * FROM (
    FROM parcels UNION ALL FROM counts UNION ALL FROM cancelled UNION ALL FROM splits UNION ALL FROM refused
)
WHERE happened_at > $now::TIMESTAMP - INTERVAL 3 DAY AND happened_at <= $now
QUALIFY row_number() OVER (PARTITION BY kind ORDER BY happened_at DESC) <= 3
ORDER BY happened_at DESC
LIMIT 6
