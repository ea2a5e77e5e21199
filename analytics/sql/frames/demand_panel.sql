-- grain:     one variant on one day, dense from its first sale to the last closed business day
-- key:       series_id, day
-- sources:   fct_order_lines, fct_stock_changes, raw.variants
-- decisions: y is units ordered less units cancelled. The last day is yesterday in the shop's zone ($last), but
--            not after the shop's last order: days nobody recorded are unknown, not zero. in_stock is 1, 0 or
--            ½ (sold out for a part of the day) from the ledger of available units; before a variant's first
--            movement nothing is known and it is 1.
WITH sold AS (
    SELECT variant_id, order_date AS day, CAST(sum(quantity - reversed_qty) AS BIGINT) AS y
    FROM fct_order_lines
    WHERE order_date <= CAST($last AS DATE)
    GROUP BY variant_id, order_date
),
spans AS (
    SELECT variant_id, greatest(min(day), coalesce(CAST($since AS DATE), min(day))) AS first_day
    FROM sold
    WHERE y > 0
    GROUP BY variant_id
),
panel AS (
    SELECT variant_id, CAST(unnest(generate_series(first_day, last_day, INTERVAL 1 DAY)) AS DATE) AS day
    FROM spans
    CROSS JOIN (SELECT max(day) AS last_day FROM sold) AS last_sale
    WHERE first_day <= last_day
),
closing AS (
    SELECT
        variant_id,
        event_date AS day,
        sum(change) OVER (PARTITION BY variant_id ORDER BY event_date) AS closing_qty,
        sum(change) OVER (PARTITION BY variant_id ORDER BY event_date) - change AS opening_qty,
        row_number() OVER (PARTITION BY variant_id ORDER BY event_date) = 1 AS is_first
    FROM (
        SELECT variant_id, event_date, sum(available_change) AS change
        FROM fct_stock_changes
        GROUP BY variant_id, event_date
        HAVING sum(available_change) <> 0
    ) AS daily
)
SELECT
    v.sku AS series_id,
    p.variant_id,
    p.day,
    coalesce(s.y, 0) AS y,
    CASE
        WHEN c.day IS NULL THEN 1.0
        WHEN c.day < p.day OR c.is_first THEN CAST(c.closing_qty > 0 AS DOUBLE)
        ELSE (CAST(c.closing_qty > 0 AS DOUBLE) + CAST(c.opening_qty > 0 AS DOUBLE)) / 2
    END AS in_stock
FROM panel AS p
JOIN raw.variants AS v ON v.id = p.variant_id
ASOF LEFT JOIN closing AS c ON c.variant_id = p.variant_id AND c.day <= p.day
LEFT JOIN sold AS s ON s.variant_id = p.variant_id AND s.day = p.day
ORDER BY v.sku, p.day
