-- grain:     one purchase order that was drafted by the instant
-- key:       id
-- sources:   raw.purchase_orders
-- decisions: one sent later was a draft; one cancelled or closed later still stood. The expected day is today's.
SELECT
    p.* REPLACE (
        CASE WHEN p.sent_at IS NULL OR p.sent_at > k.instant THEN 'draft'
            WHEN p.state = 'cancelled' AND p.closed_at > k.instant THEN 'sent' ELSE p.state END AS state,
        CASE WHEN p.sent_at <= k.instant THEN p.sent_at END AS sent_at,
        CASE WHEN p.closed_at <= k.instant THEN p.closed_at END AS closed_at
    )
FROM raw.purchase_orders AS p
CROSS JOIN known AS k
WHERE p.created_at <= k.instant
