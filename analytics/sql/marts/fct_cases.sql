-- grain:     one case of a customer after the sale: a return, a claim, an exchange or a withdrawal
-- key:       kind, case_id
-- sources:   raw.returns, raw.claims, raw.claim_lines, raw.exchanges, raw.withdrawals, stg_orders, raw.shop
-- decisions: dated in the shop's zone on the day it was asked for (event_date) and settled (settled_date, empty while
--            open). Declined and cancelled returns and exchanges are left out; rejected claims were claims and stay,
--            without value. value is that of the goods claimed or sent in exchange; paid is the money a claim gave.
--            Imported credits are history, not cases. seconds_handled runs from arrival to close for returns, else
--            from the request to the settlement.
SELECT
    c.kind,
    c.case_id,
    c.order_id,
    c.reason,
    CAST((c.opened_at AT TIME ZONE 'UTC') AT TIME ZONE z.zone AS DATE) AS event_date,
    CAST((c.settled_at AT TIME ZONE 'UTC') AT TIME ZONE z.zone AS DATE) AS settled_date,
    o.order_date,
    o.channel_id,
    o.customer_id,
    o.country,
    o.currency,
    c.value_minor,
    c.paid_minor,
    CAST(date_diff('second', c.started_at, c.settled_at) AS BIGINT) AS seconds_handled
FROM (
    SELECT 'return' AS kind, id AS case_id, order_id, reason, requested_at AS opened_at, received_at AS started_at,
        closed_at AS settled_at, goods_minor AS value_minor, 0 AS paid_minor
    FROM raw.returns
    WHERE order_id IS NOT NULL AND NOT is_history AND state NOT IN ('declined', 'cancelled')
    UNION ALL
    SELECT 'claim', c.id, c.order_id, c.kind, c.opened_at, c.opened_at, c.resolved_at,
        CASE WHEN c.state = 'rejected' THEN 0 ELSE COALESCE(x.value_minor, 0) END, c.amount_minor
    FROM raw.claims AS c
    LEFT JOIN (
        SELECT claim_id, CAST(SUM(amount_minor) AS BIGINT) AS value_minor FROM raw.claim_lines GROUP BY claim_id
    ) AS x ON x.claim_id = c.id
    UNION ALL
    SELECT 'exchange', id, order_id, reason, requested_at, requested_at, completed_at, new_minor, 0
    FROM raw.exchanges
    WHERE state NOT IN ('declined', 'cancelled')
    UNION ALL
    SELECT 'withdrawal', id, order_id, '', declared_at, declared_at, settled_at, cancelled_minor + refunded_minor, 0
    FROM raw.withdrawals
) AS c
JOIN stg_orders AS o ON o.order_id = c.order_id
CROSS JOIN raw.shop AS z
