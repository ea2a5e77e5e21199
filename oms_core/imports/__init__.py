"""Imports of history: runs, rejected rows, and the set-based loader."""
