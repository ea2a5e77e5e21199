-- grain: one active location · in routing order
-- sources: raw.locations
SELECT id AS location_id, code, name, kind
FROM raw.locations
WHERE is_active
ORDER BY position, id
