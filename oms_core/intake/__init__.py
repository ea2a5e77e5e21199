"""Intake: an order from outside is placed, paid and allocated in one transaction."""
