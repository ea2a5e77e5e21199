"""The REST API: every command and query of the core under /v1."""
