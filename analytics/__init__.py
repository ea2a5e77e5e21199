"""The one reader: replica of the operational database, SQL files, metric registry, reconciliation."""
