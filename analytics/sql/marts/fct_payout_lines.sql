-- grain:     one row of a channel's payout statement
-- key:       payout_line_id
-- sources:   raw.payout_lines, raw.payout_statements, stg_orders
-- decisions: dated on the row's own day, else on the statement's last. amount is what customers paid (below zero: got
--            back), fee what the channel kept. The channel is the statement's; the destination is known where the
--            row names an order of ours.
SELECT
    l.id AS payout_line_id,
    l.statement_id,
    COALESCE(l.on_date, s.until) AS event_date,
    o.order_date,
    l.order_id,
    o.customer_id,
    s.channel_id,
    o.country,
    s.currency,
    l.kind,
    l.amount_minor,
    l.fee_minor
FROM raw.payout_lines AS l
JOIN raw.payout_statements AS s ON s.id = l.statement_id
LEFT JOIN stg_orders AS o ON o.order_id = l.order_id
