"""People and companies that buy: identities, addresses, consents."""
