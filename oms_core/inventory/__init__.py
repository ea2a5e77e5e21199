"""The double-entry stock ledger, its levels, allocations and transfers."""
