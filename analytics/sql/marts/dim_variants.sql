-- grain:     one variant (SKU)
-- key:       variant_id
-- stored:    by variant
-- sources:   raw.variants, raw.products, raw.supplier_items, raw.suppliers
-- decisions: the supplier is that of the preferred item; the lowest key when several are preferred.
SELECT
    v.id AS variant_id,
    v.sku,
    v.title,
    p.code AS product,
    p.category,
    v.price_minor,
    v.cost_minor,
    v.currency,
    v.is_active,
    i.supplier_item_id,
    i.supplier_id,
    s.code AS supplier
FROM raw.variants AS v
JOIN raw.products AS p ON p.id = v.product_id
LEFT JOIN (
    SELECT variant_id, supplier_item_id, supplier_id
    FROM (
        SELECT
            variant_id, id AS supplier_item_id, supplier_id,
            ROW_NUMBER() OVER (PARTITION BY variant_id ORDER BY id) AS item_rank
        FROM raw.supplier_items
        WHERE is_preferred
    ) AS ranked
    WHERE item_rank = 1
) AS i ON i.variant_id = v.id
LEFT JOIN raw.suppliers AS s ON s.id = i.supplier_id
