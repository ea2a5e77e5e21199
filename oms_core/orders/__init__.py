"""Orders, their lines and adjustments, and the axes of status derived from facts."""
