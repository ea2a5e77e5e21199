-- grain:     one event that changed what was sold: a line sold, an edit of it, its reversal by a
--            cancellation, goods returned, an amount that is not a product
-- key:       kind, source_id
-- stored:    by order, in order of event_date
-- sources:   fct_order_lines, fct_order_edits, fct_returns, fct_adjustments
-- decisions: every sales metric is a sum over this table, so a total is the sum over any dimension.
--            event_date is the day it happened (finance), order_date the day of the order it belongs to
--            (cohort; NULL for a credit without a known order). net = gross - discount - returns, where
--            returns holds the value of goods returned, of goods cancelled and of goods that an edit took off.
--            A line is sold as it was placed; what an edit added or repriced is an event of its own. costed_minor is the part of
--            net whose cost is known.
SELECT
    'sale' AS kind, CAST(order_line_id AS VARCHAR) AS source_id, order_line_id, order_date AS event_date, order_date, order_id,
    CAST(NULL AS BIGINT) AS return_id, customer_id, channel_id, currency, country, variant_id,
    placed_quantity AS units, 0 AS units_returned, 0 AS units_cancelled,
    placed_gross_minor AS gross_minor, placed_discount_minor AS discount_minor,
    0 AS returns_minor, 0 AS cancelled_minor,
    0 AS shipping_minor, placed_tax_minor AS tax_minor, 0 AS other_minor, 0 AS gift_card_minor,
    placed_cost_minor AS cost_minor,
    CASE WHEN placed_cost_minor IS NULL THEN 0 ELSE placed_gross_minor - placed_discount_minor END AS costed_minor
FROM fct_order_lines
UNION ALL
SELECT
    'edit', CAST(entry_id AS VARCHAR), order_line_id, event_date, order_date, order_id,
    NULL, customer_id, channel_id, currency, country, variant_id,
    CASE WHEN kind = 'removed' THEN 0 ELSE quantity END, 0, CASE WHEN kind = 'removed' THEN -quantity ELSE 0 END,
    CASE WHEN kind = 'removed' THEN 0 ELSE gross_minor END, CASE WHEN kind = 'removed' THEN 0 ELSE discount_minor END,
    CASE WHEN kind = 'removed' THEN discount_minor - gross_minor ELSE 0 END,
    CASE WHEN kind = 'removed' THEN discount_minor - gross_minor ELSE 0 END,
    0, tax_minor, 0, 0,
    cost_minor, CASE WHEN cost_minor IS NULL THEN 0 ELSE gross_minor - discount_minor END
FROM fct_order_edits
UNION ALL
SELECT
    'cancellation', CAST(order_line_id AS VARCHAR), order_line_id, reversed_date, order_date, order_id,
    NULL, customer_id, channel_id, currency, country, variant_id,
    0, 0, reversed_qty,
    0, 0, ((gross_minor - discount_minor) * reversed_qty) // quantity,
    ((gross_minor - discount_minor) * reversed_qty) // quantity,
    0, -((tax_minor * reversed_qty) // quantity), 0, 0,
    -((cost_minor * reversed_qty) // quantity),
    CASE WHEN cost_minor IS NULL THEN 0 ELSE -(((gross_minor - discount_minor) * reversed_qty) // quantity) END
FROM fct_order_lines
WHERE reversed_qty > 0
UNION ALL
-- a line taken off before the order was cancelled may hold a penny of the shared-out discount: it goes too
SELECT
    'cancellation', CAST(order_line_id AS VARCHAR), order_line_id, reversed_date, order_date, order_id,
    NULL, customer_id, channel_id, currency, country, variant_id,
    0, 0, 0,
    0, 0, gross_minor - discount_minor, gross_minor - discount_minor,
    0, 0, 0, 0,
    0, CASE WHEN cost_minor IS NULL THEN 0 ELSE discount_minor - gross_minor END
FROM fct_order_lines
WHERE is_cancelled AND quantity = 0 AND gross_minor <> discount_minor
UNION ALL
SELECT
    'return', CAST(return_line_id AS VARCHAR), order_line_id, return_date, order_date, order_id,
    return_id, customer_id, channel_id, currency, country, variant_id,
    0, units_returned, 0,
    0, 0, returns_minor, 0,
    0, 0, 0, 0,
    -cost_back_minor, CASE WHEN cost_back_minor IS NULL THEN 0 ELSE -returns_minor END
FROM fct_returns
UNION ALL
SELECT
    'adjustment', source || ' ' || CAST(adjustment_id AS VARCHAR), NULL, event_date, order_date, order_id,
    return_id, customer_id, channel_id, currency, country, NULL,
    0, 0, 0,
    0, CASE WHEN kind = 'discount' THEN -amount_minor ELSE 0 END, 0, 0,
    CASE WHEN kind = 'shipping' THEN amount_minor ELSE 0 END,
    CASE WHEN kind = 'tax' THEN amount_minor ELSE 0 END,
    CASE WHEN kind IN ('fee', 'manual', 'sample') THEN amount_minor ELSE 0 END,
    CASE WHEN kind = 'gift_card' THEN amount_minor ELSE 0 END,
    NULL, 0
FROM fct_adjustments
WHERE kind <> 'test'
