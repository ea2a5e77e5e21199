"""The laws of the shop, each a question to the database that must have no answer."""
