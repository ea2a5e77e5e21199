"""Money that moved for an order, and charges that belong to no order."""
