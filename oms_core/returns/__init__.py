"""Goods that come back, and credits that stand alone."""
