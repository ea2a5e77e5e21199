-- grain: one row a kind of decision that waits · n things, the oldest, the money at stake (minor units of the shop)
-- sources: orders, fulfilment orders, shipments, returns, purchase orders, stock levels, rejected rows
-- parameters: $now, $today · imported history is no work and is left out
WITH work AS (
    SELECT o.*
    FROM raw.orders o
    WHERE o.state = 'placed' AND NOT o.is_history AND NOT o.is_test
),
late AS (
    SELECT w.id, w.ship_by_at, w.total_minor, l.name AS place, f.state = 'open' AS untouched
    FROM work w
    LEFT JOIN raw.fulfillment_orders f ON f.order_id = w.id AND f.state NOT IN ('closed', 'cancelled')
    LEFT JOIN raw.locations l ON l.id = f.location_id
    WHERE w.ship_by_at < $now AND w.fulfillment_status <> 'fulfilled'
    QUALIFY row_number() OVER (PARTITION BY w.id ORDER BY f.id) = 1
),
sold AS (
    SELECT l.variant_id, sum(l.quantity - l.cancelled_qty) / 28.0 AS a_day,
        sum(l.gross_minor - l.discount_minor) / 28.0 AS minor_a_day
    FROM raw.order_lines l JOIN raw.orders o ON o.id = l.order_id
    WHERE o.business_date > $today::DATE - INTERVAL 28 DAY AND o.state NOT IN ('draft', 'cancelled') AND NOT o.is_test
    GROUP BY l.variant_id
),
stock AS (
    SELECT variant_id, sum(available) AS available FROM raw.stock_levels GROUP BY variant_id
),
coming AS (
    SELECT p.variant_id, sum(p.quantity - p.received_qty - p.cancelled_qty) AS units, min(o.expected_on) FILTER (o.expected_on >= $today) AS due_on
    FROM raw.purchase_order_lines p JOIN raw.purchase_orders o ON o.id = p.purchase_order_id
    WHERE o.state IN ('sent', 'confirmed', 'partially_received')
    GROUP BY p.variant_id
),
shelves AS (
    SELECT v.title, s.available, coalesce(c.units, 0) AS incoming, c.due_on, d.a_day, d.minor_a_day,
        coalesce(u.lead_time_days, 7) AS lead_days
    FROM stock s
    JOIN raw.variants v ON v.id = s.variant_id AND v.is_active
    JOIN sold d ON d.variant_id = s.variant_id AND d.a_day > 0
    LEFT JOIN coming c ON c.variant_id = s.variant_id
    LEFT JOIN raw.supplier_items i ON i.variant_id = s.variant_id AND i.is_preferred
    LEFT JOIN raw.suppliers u ON u.id = i.supplier_id
),
parcels AS (
    SELECT s.carrier, s.state, coalesce(s.promised_at, s.shipped_at) AS since, o.total_minor
    FROM raw.shipments s JOIN raw.orders o ON o.id = s.order_id
    WHERE s.state IN ('delayed', 'failed', 'return_to_sender', 'lost')
        OR (s.promised_at < $now AND s.state NOT IN ('delivered', 'voided'))
),
goods_back AS (
    SELECT state, requested_at, total_minor FROM raw.returns
    WHERE state IN ('requested', 'received') AND NOT is_history
),
buying AS (
    SELECT p.*, s.name AS supplier FROM raw.purchase_orders p JOIN raw.suppliers s ON s.id = p.supplier_id
)
SELECT 'late' AS kind, count(*) AS n, min(ship_by_at) AS oldest_at, sum(total_minor) AS minor,
    mode(place) AS name, count(*) FILTER (place = (SELECT mode(place) FROM late)) AS n_name,
    count(*) FILTER (untouched) AS n_other, NULL::DATE AS due_on
FROM late
UNION ALL
SELECT 'sold_out', count(*), NULL, sum(minor_a_day) * 7, arg_max(title, minor_a_day), NULL, NULL, min(due_on)
FROM shelves WHERE available <= 0
UNION ALL
SELECT 'last_day', count(*), NULL,
    sum((lead_days - greatest(available + incoming, 0) / a_day) * minor_a_day), arg_max(title, minor_a_day), NULL, NULL, NULL
FROM shelves WHERE available > 0 AND (available + incoming) / a_day < lead_days
UNION ALL
SELECT 'unpaid', count(*), min(placed_at), sum(total_minor), NULL, count(*) FILTER (payment_status = 'authorized'), NULL, NULL
FROM work WHERE payment_status IN ('none', 'voided', 'authorized', 'partially_paid') AND placed_at < $now::TIMESTAMP - INTERVAL 24 HOUR
UNION ALL
SELECT 'parcels', count(*), min(since), sum(total_minor), mode(carrier),
    count(*) FILTER (carrier = (SELECT mode(carrier) FROM parcels)), count(*) FILTER (state IN ('failed', 'lost', 'return_to_sender')), NULL
FROM parcels
UNION ALL
SELECT 'returns', count(*), min(requested_at), sum(total_minor), NULL, count(*) FILTER (state = 'received'),
    count(*) FILTER (state = 'requested'), NULL
FROM goods_back
UNION ALL
SELECT 'po_late', count(*), min(expected_on)::TIMESTAMP, sum(total_minor), arg_min(supplier, expected_on), NULL, NULL, min(expected_on)
FROM buying WHERE state IN ('sent', 'confirmed', 'partially_received') AND expected_on < $today
UNION ALL
SELECT 'po_unconfirmed', count(*), min(sent_at), sum(total_minor), arg_min(supplier, sent_at), NULL, NULL, NULL
FROM buying WHERE state = 'sent' AND sent_at < $now::TIMESTAMP - INTERVAL 24 HOUR
UNION ALL
SELECT 'po_draft', count(*), min(created_at), sum(total_minor), arg_max(supplier, total_minor), NULL, NULL, NULL
FROM buying WHERE state = 'draft'
UNION ALL
SELECT 'rejected', count(*), min(i.started_at), NULL, mode(r.file_name), NULL, NULL, NULL
FROM raw.rejected_rows r JOIN raw.import_runs i ON i.id = r.import_run_id WHERE r.resolved_at IS NULL
