-- grain:     one side of one stock movement inside our walls
-- key:       movement_id, side
-- sources:   raw.stock_movements, raw.variants
-- decisions: units that move from one state to another at the same location change nothing on hand, but
--            may change what is available.
SELECT
    m.id AS movement_id,
    'in' AS side,
    m.business_date AS event_date,
    m.variant_id,
    m.to_location_id AS location_id,
    v.currency,
    m.quantity AS on_hand_change,
    CASE WHEN m.to_state = 'available' THEN m.quantity ELSE 0 END AS available_change,
    m.quantity * v.cost_minor AS value_change_minor
FROM raw.stock_movements AS m
JOIN raw.variants AS v ON v.id = m.variant_id
WHERE m.to_location_id IS NOT NULL
UNION ALL
SELECT
    m.id,
    'out',
    m.business_date,
    m.variant_id,
    m.from_location_id,
    v.currency,
    -m.quantity,
    CASE WHEN m.from_state = 'available' THEN -m.quantity ELSE 0 END,
    -m.quantity * v.cost_minor
FROM raw.stock_movements AS m
JOIN raw.variants AS v ON v.id = m.variant_id
WHERE m.from_location_id IS NOT NULL
