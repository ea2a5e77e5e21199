"""Promises from goods still to come: backorders, pre-orders, and what may be promised by when."""
