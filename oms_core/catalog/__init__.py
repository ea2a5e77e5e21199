"""What is sold and from whom it is bought: products, variants (SKU), suppliers and their items."""
