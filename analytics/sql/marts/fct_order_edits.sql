-- grain:     one thing that a confirmed edit did to one product line
-- key:       entry_id
-- sources:   raw.order_change_entries, raw.order_lines, stg_orders, raw.variants
-- decisions: dated on the edit's business date, signed; `removed` are units taken off, every other kind
--            (added, price, discount) changes what was sold. discount holds the line's and the order's part.
SELECT
    e.id AS entry_id,
    e.kind,
    e.business_date AS event_date,
    e.at AS edited_at,
    o.order_date,
    e.order_id,
    e.order_line_id,
    o.customer_id,
    o.channel_id,
    o.currency,
    o.country,
    l.variant_id,
    e.quantity,
    e.gross_minor,
    e.discount_minor + e.order_discount_minor AS discount_minor,
    e.tax_minor,
    e.quantity * COALESCE(l.unit_cost_minor, CASE WHEN v.currency = o.currency THEN v.cost_minor END) AS cost_minor
FROM raw.order_change_entries AS e
JOIN stg_orders AS o ON o.order_id = e.order_id
JOIN raw.order_lines AS l ON l.id = e.order_line_id
LEFT JOIN raw.variants AS v ON v.id = l.variant_id
