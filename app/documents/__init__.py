"""Papers that leave the house: purchase orders as PDF and as a sheet."""
