-- grain:     one claim that was opened by the instant
-- key:       id
-- sources:   raw.claims
-- decisions: decisions and settlements after the instant had not happened, and had paid nothing.
SELECT
    c.* REPLACE (
        CASE WHEN c.decided_at > k.instant OR c.resolved_at > k.instant THEN 'open' ELSE c.state END AS state,
        CASE WHEN c.resolved_at <= k.instant THEN c.resolved_at END AS resolved_at,
        CASE WHEN c.resolved_at <= k.instant THEN c.amount_minor ELSE 0 END AS amount_minor
    )
FROM raw.claims AS c
CROSS JOIN known AS k
WHERE c.opened_at <= k.instant
