-- grain:     one product line of one placed order
-- key:       order_line_id
-- stored:    by order, in order of order_date
-- sources:   stg_order_lines, stg_orders, fct_discount_shares, raw.variants
-- decisions: quantity and money are as they are now, placed_* as they were before any edit.
--            discount = line discount + share of the order's discount. Cost is the cost stored at the
--            sale, else the variant's latest cost (then history restates when costs change); NULL when
--            neither is known: a variant's cost in another currency than the order's is none. Cancelled units are reversed on the cancellation's date or, when only a part of
--            the order was cancelled and no date is kept, on the order's. (A cancelled order has cancelled
--            every unit that never left; the identity "cancelled orders net to nothing" holds it to that.)
SELECT
    l.order_line_id,
    l.order_id,
    o.order_date,
    o.placed_at,
    o.customer_id,
    o.channel_id,
    o.currency,
    o.country,
    l.variant_id,
    l.quantity,
    l.gross_minor,
    l.placed_discount_minor + COALESCE(d.share_minor, 0) + l.edited_discount_minor AS discount_minor,
    l.tax_minor,
    l.quantity * COALESCE(l.unit_cost_minor, CASE WHEN v.currency = o.currency THEN v.cost_minor END) AS cost_minor,
    COALESCE(o.cancelled_date, o.order_date) AS reversed_date,
    l.cancelled_qty AS reversed_qty,
    l.shipped_qty,
    l.returned_qty,
    o.cancelled_at IS NOT NULL AS is_cancelled,
    l.placed_quantity,
    l.placed_gross_minor,
    l.placed_discount_minor + COALESCE(d.share_minor, 0) AS placed_discount_minor,
    l.placed_tax_minor,
    l.placed_quantity * COALESCE(l.unit_cost_minor, CASE WHEN v.currency = o.currency THEN v.cost_minor END)
        AS placed_cost_minor
FROM stg_order_lines AS l
JOIN stg_orders AS o ON o.order_id = l.order_id
LEFT JOIN fct_discount_shares AS d ON d.order_line_id = l.order_line_id
LEFT JOIN raw.variants AS v ON v.id = l.variant_id
