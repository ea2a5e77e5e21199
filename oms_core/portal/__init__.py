"""The customer's own way in: whether it is open, unguessable links, and who may enter."""
