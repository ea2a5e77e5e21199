-- checked:    return lines
-- difference: minor units by which goods returned and returns less cancelled goods differ
SELECT
    (SELECT COUNT(*) FROM fct_returns) AS checked,
    CAST(ABS(COALESCE((SELECT SUM(returns_minor) FROM fct_returns), 0)
        - COALESCE((SELECT SUM(returns_minor - cancelled_minor) FROM fct_sales), 0)) AS BIGINT) AS difference
