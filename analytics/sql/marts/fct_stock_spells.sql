-- grain:     one stretch of days on which what was available of one variant did not change, all places together
-- key:       variant_id, opened_on
-- sources:   fct_stock_changes, raw.variants
-- decisions: what counts is the state at the end of a day. The first stretch begins with the first movement: what was
--            never stocked is not sold out. The last one has no end. Inactive variants are left out.
SELECT
    variant_id,
    currency,
    event_date,
    event_date AS opened_on,
    LEAD(event_date) OVER (PARTITION BY variant_id, currency ORDER BY event_date) AS closed_on,
    available,
    available <= 0 AS is_out
FROM (
    SELECT
        d.variant_id,
        d.currency,
        d.event_date,
        SUM(d.available_change) OVER (PARTITION BY d.variant_id, d.currency ORDER BY d.event_date
                                      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS available
    FROM (
        SELECT variant_id, currency, event_date, CAST(SUM(available_change) AS BIGINT) AS available_change
        FROM fct_stock_changes
        GROUP BY variant_id, currency, event_date
    ) AS d
    JOIN raw.variants AS v ON v.id = d.variant_id
    WHERE v.is_active
) AS days
