"""Adapters: files and platforms that bring orders."""
