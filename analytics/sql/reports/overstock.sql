-- grain:     one variant whose stock is dead, or more than half a year sells (parameter: today)
-- key:       variant_id
-- sources:   fct_stock_changes, fct_order_lines, dim_variants, raw.suppliers
-- decisions: dead and excess are those of the metrics dead_stock and excess_stock: nothing sold in 180 days and stocked
--            earlier than that; or units beyond the sales of those 180 days, at the latest cost. cover_days is on hand ÷
--            units sold a day in them. The mark-down is a hint by rule: half price for dead stock; else 30 % when the stock
--            lasts more than two years, 20 % more than one, 10 % below; and never a price below cost, except for dead stock.
--            cash_minor is what the surplus brings in at that price.
WITH stock AS (
    SELECT
        variant_id, currency, CAST(SUM(on_hand_change) AS BIGINT) AS on_hand,
        CAST(SUM(COALESCE(value_change_minor, 0)) AS BIGINT) AS value_minor, MIN(event_date) AS first_on
    FROM fct_stock_changes
    WHERE event_date <= CAST($today AS DATE)
    GROUP BY variant_id, currency
),
sold AS (
    SELECT
        variant_id, MAX(order_date) AS last_sold_on,
        CAST(SUM(CASE WHEN order_date > CAST($today AS DATE) - 180 THEN quantity - reversed_qty ELSE 0 END) AS BIGINT) AS units
    FROM fct_order_lines
    WHERE order_date <= CAST($today AS DATE)
    GROUP BY variant_id
),
idle AS (
    SELECT
        s.variant_id, s.currency, s.on_hand, s.value_minor, q.last_sold_on, COALESCE(q.units, 0) AS sold_units,
        CASE WHEN COALESCE(q.units, 0) <= 0 THEN 'dead' ELSE 'excess' END AS kind,
        CASE WHEN COALESCE(q.units, 0) <= 0 THEN s.on_hand ELSE s.on_hand - q.units END AS surplus_units,
        CASE WHEN COALESCE(q.units, 0) <= 0 THEN s.value_minor
            ELSE CAST(s.value_minor * (s.on_hand - q.units) // s.on_hand AS BIGINT) END AS surplus_minor
    FROM stock AS s
    LEFT JOIN sold AS q ON q.variant_id = s.variant_id
    WHERE s.on_hand > 0 AND (
        (COALESCE(q.units, 0) <= 0 AND s.first_on < CAST($today AS DATE) - 179)
        OR (q.units > 0 AND s.on_hand > q.units)
    )
),
hinted AS (
    SELECT
        i.*, v.sku, v.title, v.category, v.price_minor, u.name AS supplier,
        CASE WHEN i.sold_units > 0 THEN 1.0 * i.on_hand * 180 / i.sold_units END AS cover_days,
        CASE
            WHEN v.price_minor <= 0 THEN 0
            WHEN i.kind = 'dead' THEN 50
            ELSE LEAST(
                CASE WHEN i.on_hand * 180 > 730 * i.sold_units THEN 30 WHEN i.on_hand * 180 > 365 * i.sold_units THEN 20
                    ELSE 10 END,
                GREATEST(CASE WHEN v.cost_minor IS NULL THEN 100
                    ELSE (100 * (v.price_minor - v.cost_minor)) // v.price_minor END, 0)
            )
        END AS markdown_percent
    FROM idle AS i
    JOIN dim_variants AS v ON v.variant_id = i.variant_id
    LEFT JOIN raw.suppliers AS u ON u.id = v.supplier_id
)
SELECT
    variant_id,
    sku,
    title,
    category,
    supplier,
    currency,
    kind,
    on_hand,
    sold_units,
    cover_days,
    last_sold_on,
    surplus_units,
    surplus_minor,
    price_minor,
    1.0 * markdown_percent / 100 AS markdown,
    CAST(price_minor * (100 - markdown_percent) // 100 AS BIGINT) AS marked_price_minor,
    CAST(surplus_units * (price_minor * (100 - markdown_percent) // 100) AS BIGINT) AS cash_minor
FROM hinted
ORDER BY surplus_minor DESC, sku
