-- grain: one kept backtest of the stock policy · newest first
-- sources: raw.stock_backtests
SELECT b.id AS backtest_id, b.made_at, b.until_on, b.days, b.series_count, b.results
FROM raw.stock_backtests AS b
ORDER BY b.id DESC
