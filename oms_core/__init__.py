"""The operational core: the only writer. Knows orders, stock and money."""
