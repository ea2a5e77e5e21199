-- grain:     one variant that was sold a whole year
-- key:       variant_id
-- sources:   fct_order_lines
-- decisions: units ordered less cancelled a day from $since to $until, both included; only of variants that
--            were sold in its first four weeks or before, so that the whole year is theirs
SELECT
    variant_id,
    sum(CASE WHEN order_date >= $since THEN quantity - reversed_qty ELSE 0 END)
        / (date_diff('day', CAST($since AS DATE), CAST($until AS DATE)) + 1.0) AS a_day
FROM fct_order_lines
WHERE order_date <= $until
GROUP BY variant_id
HAVING min(order_date) <= CAST($since AS DATE) + 28
ORDER BY variant_id
