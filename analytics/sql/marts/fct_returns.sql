-- grain:     one line of goods that came back
-- key:       return_line_id
-- stored:    by order, in order of return_date
-- sources:   raw.return_lines, stg_returns, raw.order_lines, raw.variants
-- decisions: dated on the return's business date (event) and, where the sale is known, on the order's
--            (cohort). Value is the goods' value, not the tender. Lines that have not arrived do not count,
--            except in history, where the credit says that they did. The cost comes back only with goods that
--            can be sold again or are still being looked at. A line without a reason has its return's.
SELECT
    x.id AS return_line_id,
    x.order_line_id,
    r.return_id,
    r.order_id,
    r.return_date,
    r.order_date,
    r.customer_id,
    r.channel_id,
    r.currency,
    r.country,
    x.variant_id,
    COALESCE(NULLIF(x.reason, ''), r.reason) AS reason,
    x.disposition,
    CASE
        WHEN r.is_history THEN x.quantity
        WHEN x.disposition IN ('pending', 'not_received') THEN 0
        ELSE x.received_qty
    END AS units_returned,
    CASE WHEN r.is_history OR x.disposition NOT IN ('pending', 'not_received') THEN x.amount_minor ELSE 0 END
        AS returns_minor,
    COALESCE(l.unit_cost_minor, CASE WHEN v.currency = r.currency THEN v.cost_minor END) * CASE
        WHEN r.is_history THEN x.quantity
        WHEN x.disposition IN ('restock', 'quality_control') THEN x.received_qty
        ELSE 0
    END AS cost_back_minor,
    COALESCE(l.unit_cost_minor, CASE WHEN v.currency = r.currency THEN v.cost_minor END)
        * CASE WHEN NOT r.is_history AND x.disposition IN ('damaged', 'scrap') THEN x.received_qty ELSE 0 END
        AS cost_lost_minor
FROM raw.return_lines AS x
JOIN stg_returns AS r ON r.return_id = x.return_id
LEFT JOIN raw.order_lines AS l ON l.id = x.order_line_id
LEFT JOIN raw.variants AS v ON v.id = x.variant_id
