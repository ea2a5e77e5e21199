-- grain:     one line of goods in a shipment (one row without a line for a shipment without lines)
-- key:       shipment_id, shipment_line_id
-- sources:   fct_shipments, raw.shipment_lines, fct_order_lines
-- decisions: value and cost are the order line's (after discounts, as it is now), unit by unit as they leave: the
--            difference of two rounded-down running sums, so that a line shipped whole has left with its whole
--            value. The carrier's cost is shared out over the lines by their value, exactly; by units when the
--            goods are worth nothing.
WITH lines AS (
    SELECT
        s.shipment_id, x.id AS shipment_line_id, s.event_date, s.order_date, s.order_id, s.customer_id, s.channel_id,
        s.currency, s.country, s.location_id, s.carrier, s.lane, s.cost_minor AS parcel_minor,
        l.variant_id, x.quantity, l.gross_minor - l.discount_minor AS line_minor, l.cost_minor AS line_cost_minor,
        NULLIF(l.quantity, 0) AS line_quantity,
        SUM(x.quantity) OVER (PARTITION BY x.order_line_id ORDER BY s.shipped_at, x.id
                              ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS left_quantity
    FROM fct_shipments AS s
    LEFT JOIN raw.shipment_lines AS x ON x.shipment_id = s.shipment_id
    LEFT JOIN fct_order_lines AS l ON l.order_line_id = x.order_line_id
),
valued AS (
    SELECT
        *,
        (line_minor * left_quantity) // line_quantity - (line_minor * (left_quantity - quantity)) // line_quantity
            AS shipped_minor,
        (line_cost_minor * left_quantity) // line_quantity
            - (line_cost_minor * (left_quantity - quantity)) // line_quantity AS shipped_cost_minor
    FROM lines
),
weighed AS (
    SELECT
        *,
        CASE WHEN SUM(COALESCE(shipped_minor, 0)) OVER (PARTITION BY shipment_id) > 0
            THEN COALESCE(shipped_minor, 0) ELSE COALESCE(quantity, 1) END AS weight
    FROM valued
),
running AS (
    SELECT
        *,
        SUM(weight) OVER (PARTITION BY shipment_id) AS total_weight,
        SUM(weight) OVER (PARTITION BY shipment_id ORDER BY shipment_line_id
                          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS running_weight
    FROM weighed
)
SELECT
    shipment_id, shipment_line_id, event_date, order_date, order_id, customer_id, channel_id, currency, country,
    location_id, carrier, lane, variant_id,
    COALESCE(quantity, 0) AS units,
    CAST(COALESCE(shipped_minor, 0) AS BIGINT) AS shipped_minor,
    CAST(shipped_cost_minor AS BIGINT) AS cost_minor,
    CAST(CASE WHEN shipped_cost_minor IS NULL THEN 0 ELSE shipped_minor END AS BIGINT) AS costed_minor,
    CAST((parcel_minor * running_weight) // total_weight - (parcel_minor * (running_weight - weight)) // total_weight
        AS BIGINT) AS carrier_minor
FROM running
