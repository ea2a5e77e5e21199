"""Copies of a shop: made while it runs, verified before they replace anything."""
