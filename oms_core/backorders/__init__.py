"""Backorders and pre-orders: units promised from what is on its way, by date."""
