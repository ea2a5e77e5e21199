-- grain:     one active variant that has nothing available now, all places together (parameter: today)
-- key:       variant_id
-- sources:   fct_stock_spells, fct_lost_sales, dim_variants, raw.suppliers, raw.purchase_order_lines, raw.purchase_orders,
--            fct_backorders
-- decisions: what was never stocked is not sold out. Days since are those before today's end. The loss a day and so far
--            is that of the metrics lost_sales_low and lost_sales_high: units a day in stock before it ran out, over 28
--            and 91 days, less what was sold all the same, at today's price; without a sale in those days nothing is lost.
WITH open_spells AS (
    SELECT variant_id, currency, opened_on, is_out FROM fct_stock_spells WHERE closed_on IS NULL AND is_out
),
last_in AS (
    SELECT variant_id, MAX(closed_on) AS out_on FROM fct_stock_spells WHERE NOT is_out GROUP BY variant_id
),
lost AS (
    SELECT
        l.variant_id, l.units_low, l.units_high, l.price_minor, l.currency,
        date_diff('day', COALESCE(i.out_on, l.opened_on), CAST($today AS DATE)) + 1 AS days_out
    FROM fct_lost_sales AS l
    LEFT JOIN last_in AS i ON i.variant_id = l.variant_id
    WHERE l.closed_on IS NULL
),
due AS (
    SELECT
        l.variant_id,
        CAST(SUM(l.quantity - l.received_qty - l.cancelled_qty) AS BIGINT) AS incoming,
        MIN(p.expected_on) AS next_due_on
    FROM raw.purchase_order_lines AS l
    JOIN raw.purchase_orders AS p ON p.id = l.purchase_order_id
    WHERE p.state IN ('sent', 'confirmed', 'partially_received') AND l.quantity > l.received_qty + l.cancelled_qty
    GROUP BY l.variant_id
),
waiting AS (
    SELECT variant_id, CAST(SUM(units) AS BIGINT) AS units FROM fct_backorders WHERE closed_on IS NULL GROUP BY variant_id
)
SELECT
    v.variant_id,
    v.sku,
    v.title,
    v.category,
    u.name AS supplier,
    v.currency,
    COALESCE(i.out_on, o.opened_on) AS sold_out_on,
    GREATEST(date_diff('day', COALESCE(i.out_on, o.opened_on), CAST($today AS DATE)) + 1, 0) AS days_out,
    CAST(ROUND(COALESCE(x.units_low * x.price_minor, 0)) AS BIGINT) AS loss_day_low_minor,
    CAST(ROUND(COALESCE(x.units_high * x.price_minor, 0)) AS BIGINT) AS loss_day_high_minor,
    CAST(ROUND(COALESCE(x.units_low * x.price_minor * x.days_out, 0)) AS BIGINT) AS lost_low_minor,
    CAST(ROUND(COALESCE(x.units_high * x.price_minor * x.days_out, 0)) AS BIGINT) AS lost_high_minor,
    COALESCE(w.units, 0) AS waiting,
    COALESCE(d.incoming, 0) AS incoming,
    d.next_due_on
FROM open_spells AS o
JOIN dim_variants AS v ON v.variant_id = o.variant_id
LEFT JOIN last_in AS i ON i.variant_id = o.variant_id
LEFT JOIN lost AS x ON x.variant_id = o.variant_id
LEFT JOIN raw.suppliers AS u ON u.id = v.supplier_id
LEFT JOIN due AS d ON d.variant_id = o.variant_id
LEFT JOIN waiting AS w ON w.variant_id = o.variant_id
ORDER BY loss_day_high_minor DESC, days_out DESC, v.sku
