-- grain:     one customer
-- key:       customer_id
-- sources:   raw.customers, raw.consents, fct_orders, fct_sales, dim_channels
-- decisions: orders, dates, channels and money count orders that stand (not cancelled); returns hold goods
--            returned (credits without a known order included) and units cancelled. A customer who bought in
--            several currencies has amounts in the one of most orders only: currencies are never summed.
WITH standing AS (
    SELECT o.order_id, o.customer_id, o.order_date, o.placed_at, o.currency, c.channel
    FROM fct_orders AS o
    JOIN dim_channels AS c ON c.channel_id = o.channel_id
    WHERE o.customer_id IS NOT NULL AND NOT o.is_cancelled
),
counted AS (
    SELECT
        customer_id,
        count(*) AS orders,
        min(order_date) AS first_order_on,
        max(order_date) AS last_order_on,
        arg_min(channel, (placed_at, order_id)) AS first_channel,
        arg_max(channel, (placed_at, order_id)) AS last_channel,
        list_sort(list(DISTINCT channel)) AS channels
    FROM standing
    GROUP BY customer_id
),
currencies AS (
    SELECT customer_id, arg_min(currency, (-n, currency)) AS currency
    FROM (SELECT customer_id, currency, count(*) AS n FROM standing GROUP BY customer_id, currency) AS per_currency
    GROUP BY customer_id
),
money AS (
    SELECT
        f.customer_id,
        f.currency,
        CAST(sum(f.units) AS BIGINT) AS units,
        CAST(sum(f.gross_minor) AS BIGINT) AS gross_minor,
        CAST(sum(f.discount_minor) AS BIGINT) AS discount_minor,
        CAST(sum(CASE WHEN f.kind = 'edit' THEN 0 ELSE f.gross_minor - f.discount_minor END) AS BIGINT) AS placed_minor,
        CAST(sum(f.returns_minor) AS BIGINT) AS returns_minor
    FROM fct_sales AS f
    WHERE f.customer_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM raw.orders AS o WHERE o.cancelled_at IS NOT NULL AND o.id = f.order_id)
    GROUP BY f.customer_id, f.currency
),
consent AS (
    SELECT
        customer_id,
        max(CASE WHEN channel = 'email' THEN state END) AS email_consent,
        max(CASE WHEN channel = 'sms' THEN state END) AS sms_consent,
        max(CASE WHEN channel = 'ads' THEN state END) AS ads_consent
    FROM raw.consents
    WHERE purpose = 'marketing'
    GROUP BY customer_id
)
SELECT
    c.id AS customer_id,
    c.number,
    c.name,
    c.email,
    c.phone,
    c.kind,
    c.language,
    c.country,
    c.region,
    c.city,
    c.postal_code,
    c.created_at,
    n.first_order_on,
    n.last_order_on,
    coalesce(n.orders, 0) AS orders,
    coalesce(m.units, 0) AS units,
    coalesce(m.gross_minor, 0) AS gross_minor,
    coalesce(m.discount_minor, 0) AS discount_minor,
    coalesce(m.returns_minor, 0) AS returns_minor,
    coalesce(m.gross_minor - m.discount_minor - m.returns_minor, 0) AS net_minor,
    CAST(round_even(m.placed_minor / n.orders, 0) AS BIGINT) AS aov_minor,
    n.first_channel,
    n.last_channel,
    coalesce(n.channels, []) AS channels,
    coalesce(k.email_consent, 'not_subscribed') AS email_consent,
    coalesce(k.sms_consent, 'not_subscribed') AS sms_consent,
    coalesce(k.ads_consent, 'not_subscribed') AS ads_consent,
    coalesce(u.currency, m.currency, s.currency) AS currency,
    c.erased_at IS NOT NULL AS is_erased
FROM raw.customers AS c
CROSS JOIN raw.shop AS s
LEFT JOIN counted AS n ON n.customer_id = c.id
LEFT JOIN currencies AS u ON u.customer_id = c.id
LEFT JOIN money AS m ON m.customer_id = c.id AND m.currency = coalesce(u.currency, s.currency)
LEFT JOIN consent AS k ON k.customer_id = c.id
-- A record that was found to be another customer's owns nothing and is nobody.
WHERE c.merged_into_id IS NULL
ORDER BY c.id
