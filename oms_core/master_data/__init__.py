"""Master data as people hand it in: settings, locations, channels, products, suppliers, opening stock, row by row."""
