-- grain: one location · its code and name, in the order of codes
SELECT code, name FROM raw.locations ORDER BY code
