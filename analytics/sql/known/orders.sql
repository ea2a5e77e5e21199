-- grain:     one order that was known at the instant
-- key:       id
-- sources:   raw.orders, raw.journal
-- decisions: an order is known from the moment it was recorded (journal `order.placed`), which is later than
--            `placed_at` when it came late; imported history from its own time on, since another system knew it
--            then. A cancellation or a close after the instant had not happened. What keeps no history is empty:
--            statuses and the order's own sums.
SELECT
    o.* REPLACE (
        CASE WHEN o.state = 'cancelled' AND o.cancelled_at > k.instant THEN 'placed'
            WHEN o.state = 'closed' AND NOT o.is_history AND o.closed_at > k.instant THEN 'placed'
            ELSE o.state END AS state,
        CASE WHEN o.cancelled_at <= k.instant THEN o.cancelled_at END AS cancelled_at,
        CASE WHEN o.closed_at <= k.instant THEN o.closed_at END AS closed_at,
        CAST(NULL AS VARCHAR) AS payment_status, CAST(NULL AS VARCHAR) AS fulfillment_status,
        CAST(NULL AS VARCHAR) AS delivery_status, CAST(NULL AS VARCHAR) AS return_status,
        CAST(NULL AS BIGINT) AS gross_minor, CAST(NULL AS BIGINT) AS discount_minor,
        CAST(NULL AS BIGINT) AS shipping_minor, CAST(NULL AS BIGINT) AS tax_minor,
        CAST(NULL AS BIGINT) AS other_minor, CAST(NULL AS BIGINT) AS total_minor,
        CAST(NULL AS BIGINT) AS shop_total_minor
    )
FROM raw.orders AS o
CROSS JOIN known AS k
LEFT JOIN (
    SELECT j.object_id, MIN(j."at") AS recorded_at
    FROM raw.journal AS j
    CROSS JOIN known AS k
    WHERE j.object_type = 'order' AND j.event = 'order.placed' AND j."at" > k.instant
    GROUP BY j.object_id
) AS r ON r.object_id = o.id AND NOT o.is_history
WHERE o.placed_at <= k.instant AND r.recorded_at IS NULL
