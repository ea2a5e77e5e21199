-- grain: channel · in the registry's order, which is also the order of its colours
SELECT id, code, name, row_number() OVER (ORDER BY position, id) - 1 AS place
FROM raw.channels
ORDER BY place
