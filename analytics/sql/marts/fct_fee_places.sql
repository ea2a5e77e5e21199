-- grain:     one order line's part of the fees of its day (fct_fee_shares), for each place the line left from
-- key:       event_date, charge_channel_id, currency, order_line_id, location_id
-- sources:   fct_fee_shares, fct_line_places
-- decisions: shared out like sales (fct_sales_places); fees of what has not left belong to no place.
SELECT
    s.event_date, s.charge_channel_id, s.currency, s.order_line_id, s.order_id, s.customer_id, s.channel_id, s.country,
    s.variant_id, p.location_id,
    CASE WHEN p.total_units IS NULL THEN s.fee_minor ELSE CAST((s.fee_minor * p.running_units) // p.total_units
        - (s.fee_minor * (p.running_units - p.units)) // p.total_units AS BIGINT) END AS fee_minor
FROM fct_fee_shares AS s
LEFT JOIN fct_line_places AS p ON p.order_line_id = s.order_line_id
