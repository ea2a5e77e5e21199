-- grain:     one location that holds stock
-- key:       location_id
-- sources:   raw.locations
-- decisions: none.
SELECT l.id AS location_id, l.code AS location, l.name AS location_name, l.country AS location_country
FROM raw.locations AS l
