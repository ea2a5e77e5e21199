-- grain: variant · its title by SKU
SELECT sku, title, category FROM dim_variants
