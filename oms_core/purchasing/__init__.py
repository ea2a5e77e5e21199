"""Buying: purchase orders from draft to receipt."""
