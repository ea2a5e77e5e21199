-- grain: half an hour of the day (shop's zone) · running gross sales, minor units: today, and over the last eight
-- same weekdays the median and the lowest and highest; today is empty after $now
-- parameters: $today, $now, $zone, $currency
WITH sales AS (
    SELECT order_date AS day, ((placed_at AT TIME ZONE 'UTC') AT TIME ZONE $zone) AS local, gross_minor
    FROM fct_orders
    WHERE currency = $currency
        AND order_date BETWEEN $today::DATE - INTERVAL 56 DAY AND $today
        AND dayofweek(order_date) = dayofweek($today::DATE)
),
days AS (SELECT DISTINCT day FROM sales UNION SELECT $today::DATE),
halves AS (
    SELECT s.half
    FROM (SELECT unnest(range(1, 49)) AS half) s,
        (SELECT min(2 * hour(local) + minute(local) // 30) AS first, max(2 * hour(local) + minute(local) // 30) AS last FROM sales) b
    WHERE s.half BETWEEN b.first AND b.last + 1
),
running AS (
    SELECT h.half, d.day, coalesce(sum(s.gross_minor), 0) AS minor
    FROM halves h CROSS JOIN days d
    LEFT JOIN sales s ON s.day = d.day AND 2 * hour(s.local) + minute(s.local) // 30 < h.half
    GROUP BY ALL
)
SELECT half,
    printf('%02d:%02d', half // 2, 30 * (half % 2)) AS hour_text,
    max(minor) FILTER (day = $today AND half <= 1 + 2 * hour(($now AT TIME ZONE 'UTC') AT TIME ZONE $zone) + minute(($now AT TIME ZONE 'UTC') AT TIME ZONE $zone) // 30) AS today,
    median(minor) FILTER (day <> $today) AS usual,
    min(minor) FILTER (day <> $today) AS low,
    max(minor) FILTER (day <> $today) AS high,
    count(*) FILTER (day <> $today) AS days
FROM running
GROUP BY half
ORDER BY half
