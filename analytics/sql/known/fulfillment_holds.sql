-- grain:     one hold that was put on by the instant
-- key:       id
-- sources:   raw.fulfillment_holds
-- decisions: a release after the instant had not happened.
SELECT h.* REPLACE (CASE WHEN h.released_at <= k.instant THEN h.released_at END AS released_at)
FROM raw.fulfillment_holds AS h
CROSS JOIN known AS k
WHERE h.held_at <= k.instant
