"""What every room stands on: money, clock, errors, settings, database, change log, journal."""
