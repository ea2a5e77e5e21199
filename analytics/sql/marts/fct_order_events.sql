-- grain:     one thing that happened to an order at a time of day: placed, a line of it sold or edited, a parcel left,
--            a parcel delivered, a return asked for
-- key:       kind, source_id
-- sources:   stg_orders, fct_order_lines, fct_order_edits, fct_shipments, raw.returns, raw.orders, raw.shop
-- decisions: each on its own day in the shop's zone (event_date; the stored business date where there is one), with
--            the minutes since midnight (minute), so that a day can be compared with another one up to the same
--            time. A line is sold when its order is placed. Returns declined or withdrawn are left out, and returns
--            of test orders.
SELECT
    e.kind,
    e.source_id,
    COALESCE(e.known_date, CAST((e.happened_at AT TIME ZONE 'UTC') AT TIME ZONE z.zone AS DATE)) AS event_date,
    CAST(60 * date_part('hour', (e.happened_at AT TIME ZONE 'UTC') AT TIME ZONE z.zone)
        + date_part('minute', (e.happened_at AT TIME ZONE 'UTC') AT TIME ZONE z.zone) AS BIGINT) AS minute,
    e.order_id,
    e.customer_id,
    e.channel_id,
    e.currency,
    e.country,
    e.gross_minor
FROM (
    SELECT 'placed' AS kind, order_id AS source_id, order_date AS known_date, placed_at AS happened_at,
        order_id, customer_id, channel_id, currency, country, CAST(0 AS BIGINT) AS gross_minor
    FROM stg_orders
    UNION ALL
    SELECT 'sold', order_line_id, order_date, placed_at, order_id, customer_id, channel_id, currency, country,
        placed_gross_minor
    FROM fct_order_lines
    UNION ALL
    SELECT 'edited', entry_id, event_date, edited_at, order_id, customer_id, channel_id, currency, country, gross_minor
    FROM fct_order_edits
    WHERE kind <> 'removed'
    UNION ALL
    SELECT 'left', shipment_id, event_date, shipped_at, order_id, customer_id, channel_id, currency, country, 0
    FROM fct_shipments
    UNION ALL
    SELECT 'delivered', shipment_id, NULL, delivered_at, order_id, customer_id, channel_id, currency, country, 0
    FROM fct_shipments
    WHERE delivered_at IS NOT NULL
    UNION ALL
    SELECT 'return_requested', r.id, NULL, r.requested_at, r.order_id, r.customer_id, r.channel_id, r.currency,
        r.ship_country, 0
    FROM raw.returns AS r
    LEFT JOIN raw.orders AS o ON o.id = r.order_id
    WHERE r.state NOT IN ('declined', 'cancelled') AND NOT COALESCE(o.is_test, FALSE)
) AS e
CROSS JOIN raw.shop AS z
