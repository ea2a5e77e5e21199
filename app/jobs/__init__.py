"""What composes the rooms with the database; called by the command line and the dashboard."""
