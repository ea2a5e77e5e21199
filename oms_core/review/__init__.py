"""Review of orders before they leave: risk, duplicates, orders that share a parcel."""
