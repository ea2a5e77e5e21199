"""What every test holds still: the two databases, and noon of the demo's last day."""

from __future__ import annotations

from datetime import UTC, datetime

BACKENDS = ("sqlite", "postgresql")
NOON = datetime(2010, 12, 9, 12, 0, tzinfo=UTC)
