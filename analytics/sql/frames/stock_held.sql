-- grain:     one variant that was ever in stock
-- key:       variant_id
-- sources:   fct_stock_changes, raw.variants
-- decisions: mean_available is the mean over the days $since to $until of what was available at each day's end, all
--            locations together; units oversold count as none.
WITH daily AS (
    SELECT variant_id, event_date, sum(available_change) AS change
    FROM fct_stock_changes
    WHERE event_date <= CAST($until AS DATE)
    GROUP BY variant_id, event_date
),
spells AS (
    SELECT
        variant_id,
        greatest(event_date, CAST($since AS DATE)) AS opened_on,
        coalesce(lead(event_date) OVER w, CAST($until AS DATE) + 1) AS closed_on,
        sum(change) OVER w AS available
    FROM daily
    WINDOW w AS (PARTITION BY variant_id ORDER BY event_date)
)
SELECT
    v.id AS variant_id,
    v.sku,
    sum(greatest(s.available, 0) * greatest(date_diff('day', s.opened_on, s.closed_on), 0))
        / CAST(date_diff('day', CAST($since AS DATE), CAST($until AS DATE)) + 1 AS DOUBLE) AS mean_available
FROM spells AS s
JOIN raw.variants AS v ON v.id = s.variant_id
GROUP BY v.id, v.sku
ORDER BY v.id
