"""Segments, customer scores and the register of exports."""
