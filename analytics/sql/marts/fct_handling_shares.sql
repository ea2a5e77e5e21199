-- grain:     manual work on one order (fct_handling), for each product it was done on
-- key:       kind, source_id, shipment_line_id
-- sources:   fct_handling, raw.shipment_lines, raw.order_lines, raw.return_lines
-- decisions: picking and taking back are done on one line's product; packing a parcel is shared out over its lines by
--            units, exactly. A parcel without lines belongs to no product.
WITH parcels AS (
    SELECT
        x.shipment_id, x.id AS shipment_line_id, l.variant_id, x.quantity,
        SUM(x.quantity) OVER (PARTITION BY x.shipment_id) AS total,
        SUM(x.quantity) OVER (PARTITION BY x.shipment_id ORDER BY x.id
                              ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS running
    FROM raw.shipment_lines AS x
    JOIN raw.order_lines AS l ON l.id = x.order_line_id
)
SELECT
    h.kind, h.source_id, h.event_date, h.order_date, h.order_id, h.customer_id, h.channel_id, h.country, h.location_id,
    h.currency, p.shipment_line_id, COALESCE(p.variant_id, l.variant_id, r.variant_id) AS variant_id,
    CASE WHEN p.total IS NULL THEN h.amount_minor
        ELSE CAST((h.amount_minor * p.running) // p.total - (h.amount_minor * (p.running - p.quantity)) // p.total
            AS BIGINT) END AS amount_minor
FROM fct_handling AS h
LEFT JOIN parcels AS p ON h.kind = 'pack' AND p.shipment_id = h.source_id
LEFT JOIN raw.shipment_lines AS x ON h.kind = 'pick' AND x.id = h.source_id
LEFT JOIN raw.order_lines AS l ON l.id = x.order_line_id
LEFT JOIN raw.return_lines AS r ON h.kind = 'take_back' AND r.id = h.source_id
