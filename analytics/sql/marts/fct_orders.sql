-- grain:     one placed order
-- key:       order_id
-- stored:    by customer, in order of order_date
-- sources:   stg_orders, dim_order_sequence, raw.shipments
-- decisions: `is_open`: placed, not cancelled, something still to ship. An imported order whose parcels left
--            before Ordersight is never open or late.
SELECT
    o.order_id,
    o.number,
    o.order_date,
    o.placed_at,
    o.customer_id,
    o.channel_id,
    o.currency,
    o.country,
    o.state,
    o.ship_by_at,
    o.cancelled_at,
    o.cancelled_date,
    o.payment_status,
    o.fulfillment_status,
    o.delivery_status,
    o.return_status,
    o.gross_minor,
    o.discount_minor,
    o.total_minor,
    q.prior_orders,
    q.customer_type,
    o.state = 'placed' AND NOT o.is_history AND o.fulfillment_status <> 'fulfilled' AS is_open,
    o.cancelled_at IS NULL AND (o.is_history OR o.fulfillment_status = 'fulfilled') AS is_fulfilled,
    o.cancelled_at IS NULL AND (o.is_history OR o.delivery_status = 'delivered') AS is_delivered,
    o.return_status IN ('returned', 'partially_returned') AS is_returned,
    o.cancelled_at IS NOT NULL AS is_cancelled
FROM stg_orders AS o
JOIN dim_order_sequence AS q ON q.order_id = o.order_id
