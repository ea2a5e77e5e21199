-- grain:     one amount of the books that belongs to no customer's order (fees, bad debt, corrections)
-- key:       charge_id
-- sources:   raw.charges
-- decisions: signed as in the source: negative is money the shop loses.
SELECT
    c.id AS charge_id,
    c.kind,
    c.business_date AS event_date,
    c.channel_id,
    c.customer_id,
    c.currency,
    c.amount_minor,
    c.quantity
FROM raw.charges AS c
