"""Which location ships what, by ordered rules, with a receipt for every decision."""
