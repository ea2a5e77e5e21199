-- grain:     one piece of manual work on an order that costs something: units picked for a parcel, a parcel packed,
--            units taken back
-- key:       kind, source_id
-- sources:   fct_shipments, raw.shipment_lines, fct_returns, raw.return_lines, raw.returns, raw.shop
-- decisions: at the shop's own rates (settings, in the shop's currency whatever the order's), on the day the parcel
--            left or the return was accounted; a change of the rates restates history. What rides in the parcel of
--            another order is picked, but packed with it. Goods whose return was imported were taken back elsewhere.
SELECT
    'pick' AS kind, x.id AS source_id, s.event_date, s.order_date, s.order_id, s.customer_id, s.channel_id, s.country,
    s.location_id, z.currency, x.quantity * z.pick_minor AS amount_minor
FROM raw.shipment_lines AS x
JOIN fct_shipments AS s ON s.shipment_id = x.shipment_id
CROSS JOIN raw.shop AS z
UNION ALL
SELECT
    'pack', s.shipment_id, s.event_date, s.order_date, s.order_id, s.customer_id, s.channel_id, s.country,
    s.location_id, z.currency, z.pack_minor
FROM fct_shipments AS s
CROSS JOIN raw.shop AS z
WHERE s.is_parcel
UNION ALL
SELECT
    'take_back', r.return_line_id, r.return_date, r.order_date, r.order_id, r.customer_id, r.channel_id, r.country,
    x.location_id, z.currency, r.units_returned * z.take_back_minor
FROM fct_returns AS r
JOIN raw.return_lines AS x ON x.id = r.return_line_id
JOIN raw.returns AS b ON b.id = r.return_id
CROSS JOIN raw.shop AS z
WHERE NOT b.is_history
