-- checked:    variants at locations
-- difference: units by which on hand differs from the sum of its movements, without sign
SELECT count(*) AS checked, CAST(COALESCE(SUM(ABS(COALESCE(s.on_hand, 0) - COALESCE(c.on_hand, 0))), 0) AS BIGINT) AS difference
FROM fct_stock AS s
FULL JOIN (
    SELECT variant_id, location_id, SUM(on_hand_change) AS on_hand
    FROM fct_stock_changes
    GROUP BY variant_id, location_id
) AS c ON c.variant_id = s.variant_id AND c.location_id = s.location_id
