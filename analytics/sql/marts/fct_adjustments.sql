-- grain:     one amount on an order or a return that is not a product (carriage, tax, fee, gift card …);
--            an order's discount is here only when the order has no product line to carry it
-- key:       source, adjustment_id
-- sources:   raw.order_adjustments, stg_orders, raw.return_adjustments, stg_returns, fct_discount_shares
-- decisions: signed as what the customer owes: a return's adjustment gives money back and turns its sign.
--            A return's discount adjustment corrects the discount given. A cancelled order's amounts are
--            reversed on its cancellation date. What an edit added is dated on the edit.
WITH amounts AS (
    SELECT
        'order' AS source, a.id AS adjustment_id, COALESCE(a.added_on, o.order_date) AS event_date, o.order_date, o.order_id,
        CAST(NULL AS BIGINT) AS return_id,
        o.customer_id, o.channel_id, o.currency, o.country, a.kind, a.code, a.amount_minor
    FROM raw.order_adjustments AS a
    JOIN stg_orders AS o ON o.order_id = a.order_id
    WHERE a.kind <> 'discount'
    UNION ALL
    SELECT
        'cancellation', a.id, o.cancelled_date, o.order_date, o.order_id, NULL,
        o.customer_id, o.channel_id, o.currency, o.country, a.kind, a.code, -a.amount_minor
    FROM raw.order_adjustments AS a
    JOIN stg_orders AS o ON o.order_id = a.order_id
    WHERE a.kind <> 'discount' AND o.cancelled_at IS NOT NULL
    UNION ALL
    SELECT
        'order without lines', d.order_id, o.order_date, o.order_date, o.order_id, NULL,
        o.customer_id, o.channel_id, o.currency, o.country, 'discount', '', -d.share_minor
    FROM fct_discount_shares AS d
    JOIN stg_orders AS o ON o.order_id = d.order_id
    WHERE d.order_line_id IS NULL
    UNION ALL
    SELECT
        'cancellation without lines', d.order_id, o.cancelled_date, o.order_date, o.order_id, NULL,
        o.customer_id, o.channel_id, o.currency, o.country, 'discount', '', d.share_minor
    FROM fct_discount_shares AS d
    JOIN stg_orders AS o ON o.order_id = d.order_id
    WHERE d.order_line_id IS NULL AND o.cancelled_at IS NOT NULL
    UNION ALL
    SELECT
        'return', a.id, r.return_date, r.order_date, r.order_id, r.return_id,
        r.customer_id, r.channel_id, r.currency, r.country, a.kind, a.code, -a.amount_minor
    FROM raw.return_adjustments AS a
    JOIN stg_returns AS r ON r.return_id = a.return_id
)
SELECT
    source, adjustment_id, event_date, order_date, order_id, return_id, customer_id, channel_id, currency, country,
    kind, code, amount_minor
FROM amounts
