-- grain:     one stretch of days on which a variant was sold out (fct_stock_spells), with what it would have sold a day
-- key:       variant_id, opened_on
-- sources:   fct_stock_spells, fct_order_lines, dim_variants
-- decisions: a day without stock would have sold what a day in stock sold before the variant ran out: units ordered (not
--            cancelled) ÷ days in stock, over the 28 and the 91 days before; the smaller of the two is low, the larger
--            high. What was sold all the same while it was out (backorders, services) is taken off. Valued at the
--            variant's price of today. Without a sale in those days nothing is lost.
WITH spells AS (
    SELECT
        variant_id, currency, opened_on, closed_on, is_out,
        SUM(CASE WHEN is_out THEN 0 ELSE 1 END) OVER (PARTITION BY variant_id, currency ORDER BY opened_on
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS outage
    FROM fct_stock_spells
),
latest AS (
    SELECT MAX(order_date) + 1 AS tomorrow FROM fct_order_lines
),
outages AS (
    SELECT
        s.variant_id, s.currency, s.outage, MIN(s.opened_on) AS began_on,
        GREATEST(MAX(COALESCE(s.closed_on, d.tomorrow)), MIN(s.opened_on) + 1) AS ended_on
    FROM spells AS s
    CROSS JOIN latest AS d
    WHERE s.is_out
    GROUP BY s.variant_id, s.currency, s.outage
),
in_stock AS (
    SELECT
        o.variant_id, o.currency, o.outage,
        SUM(GREATEST(date_diff('day', GREATEST(s.opened_on, o.began_on - 28), LEAST(s.closed_on, o.began_on)), 0)) AS days_28,
        SUM(GREATEST(date_diff('day', GREATEST(s.opened_on, o.began_on - 91), LEAST(s.closed_on, o.began_on)), 0)) AS days_91
    FROM outages AS o
    JOIN spells AS s ON s.variant_id = o.variant_id AND s.currency = o.currency AND NOT s.is_out
        AND s.opened_on < o.began_on AND s.closed_on > o.began_on - 91
    GROUP BY o.variant_id, o.currency, o.outage
),
sold AS (
    SELECT
        o.variant_id, o.currency, o.outage,
        SUM(CASE WHEN l.order_date < o.began_on AND l.order_date >= o.began_on - 28 THEN l.quantity - l.reversed_qty
            ELSE 0 END) AS units_28,
        SUM(CASE WHEN l.order_date < o.began_on THEN l.quantity - l.reversed_qty ELSE 0 END) AS units_91,
        SUM(CASE WHEN l.order_date >= o.began_on THEN l.quantity - l.reversed_qty ELSE 0 END) AS units_out
    FROM outages AS o
    JOIN fct_order_lines AS l ON l.variant_id = o.variant_id
        AND l.order_date >= o.began_on - 91 AND l.order_date < o.ended_on
    GROUP BY o.variant_id, o.currency, o.outage
),
rates AS (
    SELECT
        o.variant_id, o.currency, o.outage,
        1.0 * COALESCE(s.units_28, 0) / NULLIF(i.days_28, 0) AS rate_28,
        1.0 * COALESCE(s.units_91, 0) / NULLIF(i.days_91, 0) AS rate_91,
        1.0 * COALESCE(s.units_out, 0) / date_diff('day', o.began_on, o.ended_on) AS rate_out
    FROM outages AS o
    LEFT JOIN in_stock AS i ON i.variant_id = o.variant_id AND i.currency = o.currency AND i.outage = o.outage
    LEFT JOIN sold AS s ON s.variant_id = o.variant_id AND s.currency = o.currency AND s.outage = o.outage
)
SELECT
    s.variant_id,
    s.currency,
    s.opened_on AS event_date,
    s.opened_on,
    s.closed_on,
    GREATEST(LEAST(COALESCE(r.rate_28, r.rate_91, 0), COALESCE(r.rate_91, r.rate_28, 0)) - r.rate_out, 0) AS units_low,
    GREATEST(GREATEST(COALESCE(r.rate_28, r.rate_91, 0), COALESCE(r.rate_91, r.rate_28, 0)) - r.rate_out, 0) AS units_high,
    v.price_minor
FROM spells AS s
JOIN rates AS r ON r.variant_id = s.variant_id AND r.currency = s.currency AND r.outage = s.outage
JOIN dim_variants AS v ON v.variant_id = s.variant_id
WHERE s.is_out
