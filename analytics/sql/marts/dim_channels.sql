-- grain:     one sales channel
-- key:       channel_id
-- sources:   raw.channels
-- decisions: none.
SELECT c.id AS channel_id, c.code AS channel, c.name AS channel_name, c.kind AS channel_kind, c.position AS channel_position
FROM raw.channels AS c
