"""Front doors: dashboard, command line, worker, documents. Composes the rooms below."""
