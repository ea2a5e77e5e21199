-- checked:    shipments
-- difference: minor units by which the costs of parcels and their shares over lines of goods differ
SELECT
    (SELECT COUNT(*) FROM fct_shipments) AS checked,
    CAST(ABS(COALESCE((SELECT SUM(carrier_minor) FROM fct_shipment_lines), 0)
        - COALESCE((SELECT SUM(cost_minor) FROM fct_shipments), 0)) AS BIGINT) AS difference
