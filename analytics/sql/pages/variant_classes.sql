-- grain: one class of goods by value and evenness
-- sources: dim_variant_classes
SELECT abc, xyz, count(*) AS goods
FROM dim_variant_classes
GROUP BY abc, xyz
ORDER BY abc, xyz
