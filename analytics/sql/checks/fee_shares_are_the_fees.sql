-- checked:    channel and payment fees
-- difference: minor units by which fees booked and their shares over what was sold differ
SELECT
    (SELECT COUNT(*) FROM fct_charges WHERE kind IN ('channel_fee', 'payment_fee')) AS checked,
    CAST(ABS(COALESCE((SELECT SUM(fee_minor) FROM fct_fee_shares), 0)
        + COALESCE((SELECT SUM(amount_minor) FROM fct_charges WHERE kind IN ('channel_fee', 'payment_fee')), 0))
        AS BIGINT) AS difference
