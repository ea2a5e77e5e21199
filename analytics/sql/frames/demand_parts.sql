-- grain:     one variant in one channel, country or place ($by) on one day it sold there
-- key:       series_id, part, day
-- sources:   fct_order_lines, fct_line_places, dim_channels, dim_variants, raw.locations
-- decisions: y is units ordered less units cancelled, to $last; by location it is where the units left from, dated on the
--            day of the order, so that what has not left yet is not here.
WITH parts AS (
    SELECT
        l.variant_id,
        l.order_date AS day,
        CASE WHEN $by = 'channel' THEN c.channel ELSE l.country END AS part,
        l.quantity - l.reversed_qty AS units
    FROM fct_order_lines AS l
    LEFT JOIN dim_channels AS c ON c.channel_id = l.channel_id
    WHERE $by <> 'location'
    UNION ALL
    SELECT l.variant_id, l.order_date, o.code, p.units
    FROM fct_line_places AS p
    JOIN fct_order_lines AS l ON l.order_line_id = p.order_line_id
    JOIN raw.locations AS o ON o.id = p.location_id
    WHERE $by = 'location'
)
SELECT
    v.sku AS series_id,
    coalesce(p.part, '') AS part,
    coalesce(v.category, '') AS category,
    p.day,
    CAST(sum(p.units) AS BIGINT) AS y
FROM parts AS p
JOIN dim_variants AS v ON v.variant_id = p.variant_id
WHERE p.day <= CAST($last AS DATE)
GROUP BY ALL
HAVING sum(p.units) > 0
ORDER BY v.sku, part, p.day
