-- grain: one movement of a variant that changed what is on hand · newest first, with the balance after it
-- sources: raw.stock_movements, raw.locations · parameters: $sku
-- decisions: moves between states of one location leave on hand as it was and are left out
WITH moves AS (
    SELECT
        m.id,
        m.at AS moved_at,
        m.kind,
        m.reason,
        m.actor,
        m.is_simulated,
        coalesce(t.name, f.name) AS location,
        CASE WHEN m.to_location_id IS NULL THEN -m.quantity ELSE m.quantity END AS change
    FROM raw.stock_movements AS m
    JOIN raw.variants AS v ON v.id = m.variant_id
    LEFT JOIN raw.locations AS f ON f.id = m.from_location_id
    LEFT JOIN raw.locations AS t ON t.id = m.to_location_id
    WHERE v.sku = $sku AND (m.from_location_id IS NULL) <> (m.to_location_id IS NULL)
)
SELECT moved_at, kind, location, change, sum(change) OVER (ORDER BY moved_at, id) AS balance, reason, actor, is_simulated
FROM moves
ORDER BY moved_at DESC, id DESC
