"""One file a noun: what may be asked of it and done to it."""
