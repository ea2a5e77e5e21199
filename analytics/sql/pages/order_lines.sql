-- grain: one line of an order · units, price, net of line discount (minor units), what is allocated and where
-- parameters: $number
SELECT l.position, l.sku, l.title, l.quantity, l.cancelled_qty, l.shipped_qty, l.returned_qty, l.unit_price_minor,
    l.stock_kind, l.bundle_sku,
    l.gross_minor - l.discount_minor AS net_minor,
    coalesce(sum(a.quantity - a.shipped_qty - a.released_qty), 0)::BIGINT AS allocated_qty,
    string_agg(DISTINCT p.name, ', ' ORDER BY p.name) AS place
FROM raw.order_lines l
JOIN raw.orders o ON o.id = l.order_id
LEFT JOIN raw.allocations a ON a.order_line_id = l.id AND a.quantity > a.released_qty
LEFT JOIN raw.locations p ON p.id = a.location_id
WHERE o.number = $number
GROUP BY ALL
ORDER BY l.position
