-- grain:     one order that was placed (drafts and expired carts are not orders; test orders are left out)
-- key:       order_id
-- sources:   raw.orders, raw.shop
-- decisions: business dates are those stored at write, in the shop's zone; the cancellation's date is
--            derived from its instant in the same zone.
SELECT
    o.id AS order_id,
    o.number,
    o.channel_id,
    o.customer_id,
    o.currency,
    o.state,
    o.placed_at,
    o.business_date AS order_date,
    o.ship_by_at,
    o.cancelled_at,
    CAST((o.cancelled_at AT TIME ZONE 'UTC') AT TIME ZONE s.zone AS DATE) AS cancelled_date,
    o.closed_at,
    o.ship_country AS country,
    o.gross_minor,
    o.discount_minor,
    o.shipping_minor,
    o.tax_minor,
    o.other_minor,
    o.total_minor,
    o.payment_status,
    o.fulfillment_status,
    o.delivery_status,
    o.return_status,
    o.is_history,
    o.is_simulated
FROM raw.orders AS o
CROSS JOIN raw.shop AS s
WHERE o.state IN ('placed', 'closed', 'cancelled') AND NOT o.is_test
