"""Drafts and quotes: orders not yet placed; they hold no stock until completed."""
