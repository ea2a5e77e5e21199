-- grain:     one event that changed what was sold (fct_sales), for each place its line left from
-- key:       kind, source_id, location_id
-- sources:   fct_sales, fct_line_places
-- decisions: an event is shared out over the places its line left from by units, exactly (differences of rounded-down
--            running sums). What has not left, and amounts that are on no line, belong to no place.
SELECT
    s.kind, s.source_id, s.event_date, s.order_date, s.order_id, s.customer_id, s.channel_id, s.currency, s.country,
    s.variant_id, p.location_id,
    CASE WHEN p.total_units IS NULL THEN s.units ELSE CAST((s.units * p.running_units) // p.total_units
        - (s.units * (p.running_units - p.units)) // p.total_units AS BIGINT) END AS units,
    CASE WHEN p.total_units IS NULL THEN s.units_returned ELSE CAST((s.units_returned * p.running_units) // p.total_units
        - (s.units_returned * (p.running_units - p.units)) // p.total_units AS BIGINT) END AS units_returned,
    CASE WHEN p.total_units IS NULL THEN s.units_cancelled ELSE CAST((s.units_cancelled * p.running_units) // p.total_units
        - (s.units_cancelled * (p.running_units - p.units)) // p.total_units AS BIGINT) END AS units_cancelled,
    CASE WHEN p.total_units IS NULL THEN s.gross_minor ELSE CAST((s.gross_minor * p.running_units) // p.total_units
        - (s.gross_minor * (p.running_units - p.units)) // p.total_units AS BIGINT) END AS gross_minor,
    CASE WHEN p.total_units IS NULL THEN s.discount_minor ELSE CAST((s.discount_minor * p.running_units) // p.total_units
        - (s.discount_minor * (p.running_units - p.units)) // p.total_units AS BIGINT) END AS discount_minor,
    CASE WHEN p.total_units IS NULL THEN s.returns_minor ELSE CAST((s.returns_minor * p.running_units) // p.total_units
        - (s.returns_minor * (p.running_units - p.units)) // p.total_units AS BIGINT) END AS returns_minor,
    CASE WHEN p.total_units IS NULL THEN s.cancelled_minor ELSE CAST((s.cancelled_minor * p.running_units) // p.total_units
        - (s.cancelled_minor * (p.running_units - p.units)) // p.total_units AS BIGINT) END AS cancelled_minor,
    CASE WHEN p.total_units IS NULL THEN s.shipping_minor ELSE CAST((s.shipping_minor * p.running_units) // p.total_units
        - (s.shipping_minor * (p.running_units - p.units)) // p.total_units AS BIGINT) END AS shipping_minor,
    CASE WHEN p.total_units IS NULL THEN s.tax_minor ELSE CAST((s.tax_minor * p.running_units) // p.total_units
        - (s.tax_minor * (p.running_units - p.units)) // p.total_units AS BIGINT) END AS tax_minor,
    CASE WHEN p.total_units IS NULL THEN s.other_minor ELSE CAST((s.other_minor * p.running_units) // p.total_units
        - (s.other_minor * (p.running_units - p.units)) // p.total_units AS BIGINT) END AS other_minor,
    CASE WHEN p.total_units IS NULL THEN s.gift_card_minor ELSE CAST((s.gift_card_minor * p.running_units) // p.total_units
        - (s.gift_card_minor * (p.running_units - p.units)) // p.total_units AS BIGINT) END AS gift_card_minor,
    CASE WHEN p.total_units IS NULL THEN s.cost_minor ELSE CAST((s.cost_minor * p.running_units) // p.total_units
        - (s.cost_minor * (p.running_units - p.units)) // p.total_units AS BIGINT) END AS cost_minor,
    CASE WHEN p.total_units IS NULL THEN s.costed_minor ELSE CAST((s.costed_minor * p.running_units) // p.total_units
        - (s.costed_minor * (p.running_units - p.units)) // p.total_units AS BIGINT) END AS costed_minor
FROM fct_sales AS s
LEFT JOIN fct_line_places AS p ON p.order_line_id = s.order_line_id
