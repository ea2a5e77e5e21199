-- grain:     one return that was asked for by the instant
-- key:       id
-- sources:   raw.returns, raw.journal, raw.shop
-- decisions: goods were back from `received_at` on (a credit without it from the start of its business day in the
--            shop's zone on); before, the return was only asked for. One declined or withdrawn later was still asked
--            for; imported history was known from its day on.
SELECT
    r.* EXCLUDE (back_at, refused_at, instant) REPLACE (
        CASE
            WHEN r.state IN ('received', 'inspected', 'closed') AND r.back_at > r.instant THEN 'requested'
            WHEN r.state IN ('inspected', 'closed') AND r.closed_at > r.instant THEN 'received'
            WHEN r.state IN ('declined', 'cancelled') AND r.refused_at > r.instant THEN 'requested'
            ELSE r.state
        END AS state,
        CASE WHEN r.received_at <= r.instant THEN r.received_at END AS received_at,
        CASE WHEN r.closed_at <= r.instant THEN r.closed_at END AS closed_at
    )
FROM (
    SELECT
        b.*,
        COALESCE(b.received_at, (CAST(b.business_date AS TIMESTAMP) AT TIME ZONE z.zone) AT TIME ZONE 'UTC') AS back_at,
        j.refused_at,
        k.instant
    FROM raw.returns AS b
    CROSS JOIN known AS k
    CROSS JOIN raw.shop AS z
    LEFT JOIN (
        SELECT object_id, MAX("at") AS refused_at
        FROM raw.journal
        WHERE object_type = 'return' AND event IN ('return.declined', 'return.cancelled')
        GROUP BY object_id
    ) AS j ON j.object_id = b.id
) AS r
WHERE r.requested_at <= r.instant OR r.back_at <= r.instant
