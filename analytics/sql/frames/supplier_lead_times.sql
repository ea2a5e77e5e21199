-- grain:     one supplier with deliveries
-- key:       supplier_id
-- sources:   fct_receipt_lines
-- decisions: a delivery counts once, however many lines it has; its lead time runs from sending the purchase order
--            to its arrival, as in the metric supplier_lead_time. Only deliveries since $since; those of orders that
--            were never marked as sent have no lead time. With one delivery there is no spread.
WITH deliveries AS (
    SELECT supplier_id, receipt_id, min(lead_seconds) / 86400.0 AS days
    FROM fct_receipt_lines
    WHERE lead_seconds IS NOT NULL AND event_date >= $since
    GROUP BY supplier_id, receipt_id
)
SELECT
    supplier_id,
    count(*) AS seen_deliveries,
    avg(days) AS seen_days,
    stddev_samp(days) AS seen_sd_days
FROM deliveries
GROUP BY supplier_id
ORDER BY supplier_id
