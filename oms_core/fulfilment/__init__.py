"""Getting it there: fulfilment orders, shipments, tracking."""
