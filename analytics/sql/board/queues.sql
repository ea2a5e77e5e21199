-- grain:     one state of unfinished work (or of parcels under way) at one place; without a state: the place; without a
--            place: everywhere · how many, seconds the oldest waits, seconds of the 90th of 100
-- parameters: $now
-- decisions: work waits since it was opened, a parcel since it left. Imported history is no work. A parcel waits at the
--            place it left from; the percentile is that of a thing that waits, not an interpolation.
SELECT kind, state, place, min(name) AS name, count(*) AS n, CAST(max(waited) AS BIGINT) AS oldest,
    CAST(quantile_disc(waited, 0.9) AS BIGINT) AS p90
FROM (
    SELECT 'work' AS kind, f.state, l.code AS place, l.name, date_diff('second', f.created_at, $now) AS waited
    FROM raw.fulfillment_orders AS f
    JOIN raw.locations AS l ON l.id = f.location_id
    WHERE f.state NOT IN ('closed', 'cancelled')
    UNION ALL
    SELECT 'parcel', s.state, l.code, l.name, date_diff('second', s.shipped_at, $now)
    FROM raw.shipments AS s
    JOIN raw.orders AS o ON o.id = s.order_id
    JOIN raw.locations AS l ON l.id = s.location_id
    WHERE s.state NOT IN ('delivered', 'voided') AND s.parent_shipment_id IS NULL AND NOT o.is_history
) AS waiting
GROUP BY GROUPING SETS ((kind, state, place), (kind, place), (kind))
ORDER BY kind DESC, place NULLS FIRST, state NULLS FIRST
