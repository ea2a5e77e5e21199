-- grain: one fulfilment order of an order, with its parcels' carrier, number and state
-- parameters: $number
SELECT f.id AS fulfillment_order_id, f.number AS work_number, f.state, p.name AS place, f.ship_by_at,
    s.id AS shipment_id, s.carrier, s.service, s.tracking_number, s.state AS parcel_state, s.shipped_at, s.promised_at,
    s.delivered_at, s.cost_minor, s.is_simulated
FROM raw.fulfillment_orders f
JOIN raw.orders o ON o.id = f.order_id
JOIN raw.locations p ON p.id = f.location_id
LEFT JOIN raw.shipments s ON s.fulfillment_order_id = f.id AND s.state <> 'voided'
WHERE o.number = $number
ORDER BY f.id, s.id
