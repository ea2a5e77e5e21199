-- grain: one of the last eight same weekdays · gross sales up to this time of day, minor units
-- parameters: $today, $now, $zone, $currency
SELECT order_date AS day, sum(gross_minor) AS minor
FROM fct_orders
WHERE currency = $currency
    AND order_date BETWEEN $today::DATE - INTERVAL 56 DAY AND $today::DATE - INTERVAL 7 DAY
    AND dayofweek(order_date) = dayofweek($today::DATE)
    AND ((placed_at AT TIME ZONE 'UTC') AT TIME ZONE $zone)::TIME <= (($now AT TIME ZONE 'UTC') AT TIME ZONE $zone)::TIME
GROUP BY day
ORDER BY day
