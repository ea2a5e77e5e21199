-- grain:     one parcel that had left by the instant
-- key:       id
-- sources:   raw.shipments, raw.tracking_events
-- decisions: its state was that of the carrier's last word by then, in transit when nothing had been said. A parcel
--            without any event stands as it does now, but for a delivery still to come.
SELECT
    s.* REPLACE (
        COALESCE(e.state, CASE WHEN e.events > 0 OR s.delivered_at > k.instant THEN 'in_transit' ELSE s.state END) AS state,
        CASE WHEN s.delivered_at <= k.instant THEN s.delivered_at END AS delivered_at
    )
FROM raw.shipments AS s
CROSS JOIN known AS k
LEFT JOIN (
    SELECT
        t.shipment_id,
        COUNT(*) AS events,
        ARG_MAX(CASE WHEN t."at" <= k.instant THEN t.state END, CASE WHEN t."at" <= k.instant THEN t."at" END) AS state
    FROM raw.tracking_events AS t
    CROSS JOIN known AS k
    GROUP BY t.shipment_id
) AS e ON e.shipment_id = s.id
WHERE s.shipped_at <= k.instant
