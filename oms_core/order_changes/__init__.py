"""Order changes: proposed edits with a preview, confirmed in one transaction."""
