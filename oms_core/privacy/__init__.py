"""What is held about a person: given out, and erased without touching books, stock and metrics."""
