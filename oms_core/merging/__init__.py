"""One person known twice: two customers made one, and parted again."""
