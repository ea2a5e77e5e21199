-- grain:     one order line that a claim is about
-- key:       claim_line_id
-- sources:   raw.claim_lines, raw.claims, stg_orders, raw.shop
-- decisions: dated in the shop's zone on the day of the claim, and on the order's (cohort). Lines of rejected claims
--            are left out: nothing was wrong with them.
SELECT
    x.id AS claim_line_id,
    x.claim_id,
    c.order_id,
    c.kind AS reason,
    x.variant_id,
    CAST((c.opened_at AT TIME ZONE 'UTC') AT TIME ZONE z.zone AS DATE) AS event_date,
    o.order_date,
    o.channel_id,
    o.customer_id,
    o.country,
    o.currency,
    x.quantity AS units,
    x.amount_minor AS value_minor
FROM raw.claim_lines AS x
JOIN raw.claims AS c ON c.id = x.claim_id
JOIN stg_orders AS o ON o.order_id = c.order_id
CROSS JOIN raw.shop AS z
WHERE c.state <> 'rejected'
