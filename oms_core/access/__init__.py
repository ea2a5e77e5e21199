"""Who may come in through the API: tokens, their scopes, when they were last used."""
