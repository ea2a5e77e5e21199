-- grain:     one variant counted in one stock count
-- key:       count_line_id
-- sources:   raw.stock_count_lines, raw.stock_counts, raw.variants, raw.shop
-- decisions: dated in the shop's zone on the day it was counted. Cancelled counts and lines nobody counted are left
--            out; a line is right when the count found what the ledger expected.
SELECT
    x.id AS count_line_id,
    x.variant_id,
    c.location_id,
    v.currency,
    CAST((x.counted_at AT TIME ZONE 'UTC') AT TIME ZONE z.zone AS DATE) AS event_date,
    x.counted_qty,
    x.expected_qty,
    x.counted_qty - x.expected_qty AS difference,
    (x.counted_qty - x.expected_qty) * v.cost_minor AS difference_minor
FROM raw.stock_count_lines AS x
JOIN raw.stock_counts AS c ON c.id = x.stock_count_id
JOIN raw.variants AS v ON v.id = x.variant_id
CROSS JOIN raw.shop AS z
WHERE c.state <> 'cancelled' AND x.counted_at IS NOT NULL AND x.counted_qty IS NOT NULL AND x.expected_qty IS NOT NULL
