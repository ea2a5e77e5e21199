-- checked:    returns that count
-- difference: minor units between the value of goods in the facts and the returns' own goods value, where
--             everything asked for has arrived
SELECT count(*) AS checked, CAST(COALESCE(SUM(ABS(r.goods_minor - COALESCE(f.returns_minor, 0))), 0) AS BIGINT) AS difference
FROM stg_returns AS r
LEFT JOIN (
    SELECT return_id, CAST(SUM(returns_minor) AS BIGINT) AS returns_minor
    FROM fct_returns
    GROUP BY return_id
) AS f ON f.return_id = r.return_id
WHERE NOT EXISTS (
    SELECT 1 FROM raw.return_lines AS x
    WHERE x.return_id = r.return_id AND x.disposition = 'pending' AND NOT r.is_history
)
