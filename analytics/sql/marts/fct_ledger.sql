-- grain:     one change of what is open in a party's account: a document, or one side of a match between two
-- key:       kind, source_id
-- sources:   raw.ledger_entries, raw.ledger_matches, raw.suppliers, raw.orders, raw.shop
-- decisions: what is open at the end of a day is the sum of all changes up to it. A claim is positive, what settles
--            it negative; a match takes the same amount off both, so that totals do not move and what is left of a
--            claim keeps its due date. Money that settles nothing yet is `unapplied`. A match counts from the day it
--            was made, or from its document's day when that is later.
WITH changes AS (
    SELECT 'entry' AS kind, id AS source_id, id AS entry_id, on_date AS opened_on, amount_minor
    FROM raw.ledger_entries
    UNION ALL
    SELECT 'claim settled', m.id, m.claim_id,
        CAST((m.at AT TIME ZONE 'UTC') AT TIME ZONE z.zone AS DATE), -m.amount_minor
    FROM raw.ledger_matches AS m
    CROSS JOIN raw.shop AS z
    UNION ALL
    SELECT 'settling used', m.id, m.settling_id,
        CAST((m.at AT TIME ZONE 'UTC') AT TIME ZONE z.zone AS DATE), m.amount_minor
    FROM raw.ledger_matches AS m
    CROSS JOIN raw.shop AS z
)
SELECT
    c.kind,
    c.source_id,
    e.side,
    e.customer_id,
    e.supplier_id,
    s.code AS supplier,
    e.order_id,
    o.channel_id,
    o.ship_country AS country,
    e.currency,
    GREATEST(c.opened_on, e.on_date) AS event_date,
    GREATEST(c.opened_on, e.on_date) AS opened_on,
    CAST(NULL AS DATE) AS closed_on,
    e.due_on,
    e.amount_minor > 0 AS is_claim,
    c.amount_minor
FROM changes AS c
JOIN raw.ledger_entries AS e ON e.id = c.entry_id
LEFT JOIN raw.suppliers AS s ON s.id = e.supplier_id
LEFT JOIN raw.orders AS o ON o.id = e.order_id
