-- grain: channel · placed today, open and late now, share of parcels of the last seven days that kept their promise
-- parameters: $now, $today
WITH work AS (
    SELECT channel_id,
        count(*) FILTER (business_date = $today) AS placed,
        count(*) FILTER (state = 'placed' AND NOT is_history AND fulfillment_status <> 'fulfilled') AS open,
        count(*) FILTER (state = 'placed' AND NOT is_history AND ship_by_at < $now AND fulfillment_status <> 'fulfilled') AS late
    FROM raw.orders WHERE state <> 'draft' AND NOT is_test GROUP BY channel_id
),
parcels AS (
    SELECT o.channel_id, count(*) AS parcels, count(*) FILTER (coalesce(s.delivered_at, $now) <= s.promised_at) AS kept
    FROM raw.shipments s JOIN raw.orders o ON o.id = s.order_id
    WHERE s.promised_at BETWEEN $now::TIMESTAMP - INTERVAL 7 DAY AND $now AND s.state <> 'voided'
    GROUP BY o.channel_id
)
SELECT c.code, c.name, coalesce(w.placed, 0) AS placed, coalesce(w.open, 0) AS open, coalesce(w.late, 0) AS late,
    100.0 * p.kept / p.parcels AS on_time
FROM raw.channels c
LEFT JOIN work w ON w.channel_id = c.id
LEFT JOIN parcels p ON p.channel_id = c.id
WHERE w.channel_id IS NOT NULL
ORDER BY c.position, c.id
