-- grain:     one order line's part of the channel and payment fees of its day (one row without a line for fees of a
--            day and channel on which nothing was sold)
-- key:       event_date, charge_channel_id, currency, order_line_id
-- sources:   fct_charges, fct_order_lines
-- decisions: fees belong to no order. Those of a channel are shared out over what the channel sold on the day they
--            were booked, those of no channel over what the shop sold that day, by value after discounts, exactly
--            (differences of rounded-down running sums; by units when all of it was worth nothing). A positive
--            number is a cost.
WITH fees AS (
    SELECT event_date, channel_id, currency, CAST(-SUM(amount_minor) AS BIGINT) AS fee_minor
    FROM fct_charges
    WHERE kind IN ('channel_fee', 'payment_fee')
    GROUP BY event_date, channel_id, currency
),
lines AS (
    SELECT
        f.event_date, f.channel_id AS charge_channel_id, f.currency, f.fee_minor,
        l.order_line_id, l.order_id, l.customer_id, COALESCE(l.channel_id, f.channel_id) AS channel_id, l.country,
        l.variant_id, l.placed_gross_minor - l.placed_discount_minor AS line_minor, l.placed_quantity
    FROM fees AS f
    LEFT JOIN fct_order_lines AS l
        ON l.order_date = f.event_date AND l.currency = f.currency
        AND l.channel_id = COALESCE(f.channel_id, l.channel_id) AND l.placed_quantity > 0
),
weighed AS (
    SELECT
        *,
        CASE WHEN SUM(COALESCE(line_minor, 0)) OVER (PARTITION BY event_date, charge_channel_id, currency) > 0
            THEN line_minor ELSE COALESCE(placed_quantity, 1) END AS weight
    FROM lines
),
running AS (
    SELECT
        *,
        SUM(weight) OVER (PARTITION BY event_date, charge_channel_id, currency) AS total_weight,
        SUM(weight) OVER (PARTITION BY event_date, charge_channel_id, currency ORDER BY order_line_id
                          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS running_weight
    FROM weighed
)
SELECT
    event_date, charge_channel_id, currency, order_line_id, order_id, customer_id, channel_id, country, variant_id,
    CAST((fee_minor * running_weight) // total_weight - (fee_minor * (running_weight - weight)) // total_weight
        AS BIGINT) AS fee_minor
FROM running
