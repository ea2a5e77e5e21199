"""Invoices, receivables and payables, landed cost and the cost of goods."""
