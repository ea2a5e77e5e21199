"""The dashboard's questions as somebody would write them by hand in DuckDB for these tables, without any registry.

They keep every rule that the answer depends on in this data (tests and drafts out, returns on their own day,
discounts of a line), and none that it does not: no edits, no cancelled units, no discount of a whole order.
"""

from __future__ import annotations

_PLACED = "o.state IN ('placed', 'closed', 'cancelled') AND NOT o.is_test"
_SPAN = "{date} >= DATE '{since}' AND {date} < DATE '{until}'"
_ORDERED = _SPAN.format(date="o.business_date", since="{since}", until="{until}")
_BACK = _SPAN.format(date="r.business_date", since="{since}", until="{until}")
_RETURNED = "r.state IN ('received', 'inspected', 'closed')"
_REGION = "(SELECT country, region FROM dim_countries)"

#: By the question's name; ``{since}`` and ``{until}`` are the period.
SQL: dict[str, str] = {
    "status board": f"""
SELECT o.currency, count(*) AS orders_placed,
    count(*) FILTER (o.state = 'placed' AND NOT o.is_history AND o.fulfillment_status <> 'fulfilled') AS orders_open,
    count(*) FILTER (o.cancelled_at IS NULL AND (o.is_history OR o.fulfillment_status = 'fulfilled'))
        AS orders_fulfilled,
    count(*) FILTER (o.return_status IN ('returned', 'partially_returned')) AS orders_returned
FROM raw.orders AS o WHERE {_PLACED} AND {_ORDERED} GROUP BY o.currency""",
    "gross to net by day, year": f"""
SELECT day, currency, sum(gross)::BIGINT AS gross_sales, sum(discount)::BIGINT AS discounts,
    sum(back)::BIGINT AS returns
FROM (
    SELECT o.business_date AS day, o.currency, l.gross_minor AS gross, l.discount_minor AS discount, 0 AS back
    FROM raw.order_lines AS l JOIN raw.orders AS o ON o.id = l.order_id WHERE {_PLACED} AND {_ORDERED}
    UNION ALL
    SELECT r.business_date, r.currency, 0, 0, x.amount_minor
    FROM raw.return_lines AS x JOIN raw.returns AS r ON r.id = x.return_id WHERE {_RETURNED} AND {_BACK}
) GROUP BY day, currency""",
    "SKU x region x channel, 90 days": f"""
SELECT v.sku, c.region, h.code AS channel, f.currency, sum(gross)::BIGINT AS gross_sales, sum(back)::BIGINT AS returns
FROM (
    SELECT l.variant_id, o.ship_country, o.channel_id, o.currency, l.gross_minor AS gross, 0 AS back
    FROM raw.order_lines AS l JOIN raw.orders AS o ON o.id = l.order_id WHERE {_PLACED} AND {_ORDERED}
    UNION ALL
    SELECT x.variant_id, r.ship_country, r.channel_id, r.currency, 0, x.amount_minor
    FROM raw.return_lines AS x JOIN raw.returns AS r ON r.id = x.return_id WHERE {_RETURNED} AND {_BACK}
) AS f
JOIN raw.variants AS v ON v.id = f.variant_id
LEFT JOIN {_REGION} AS c ON c.country = f.ship_country
JOIN raw.channels AS h ON h.id = f.channel_id
GROUP BY ALL""",
    "new and returning by month": f"""
WITH standing AS (
    SELECT o.id, o.customer_id, o.business_date, o.state, o.cancelled_at,
        row_number() OVER (PARTITION BY o.customer_id ORDER BY o.placed_at, o.id) AS turn
    FROM raw.orders AS o WHERE {_PLACED} AND o.customer_id IS NOT NULL AND o.cancelled_at IS NULL
)
SELECT date_trunc('month', business_date)::DATE AS month, count(DISTINCT customer_id) AS customers,
    count(*) FILTER (turn = 1) AS new_customers,
    count(DISTINCT customer_id) FILTER (turn > 1) AS returning_customers
FROM standing AS o WHERE {_ORDERED} GROUP BY month""",
    "customers' sales, year": f"""
SELECT c.number AS customer, f.currency, sum(gross)::BIGINT AS gross_sales, sum(back)::BIGINT AS returns
FROM (
    SELECT o.customer_id, o.currency, l.gross_minor AS gross, 0 AS back
    FROM raw.order_lines AS l JOIN raw.orders AS o ON o.id = l.order_id WHERE {_PLACED} AND {_ORDERED}
    UNION ALL
    SELECT r.customer_id, r.currency, 0, x.amount_minor
    FROM raw.return_lines AS x JOIN raw.returns AS r ON r.id = x.return_id WHERE {_RETURNED} AND {_BACK}
) AS f LEFT JOIN raw.customers AS c ON c.id = f.customer_id GROUP BY ALL""",
}
SQL["SKU x region x channel, all history"] = SQL["SKU x region x channel, 90 days"]
