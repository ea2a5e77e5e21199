"""The transactional core: holds, changes, drafts, reservations, counts, invoices and the rest.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oms_core.kernel.change_log import create_triggers, drop_triggers
from oms_core.kernel.database import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: Tables of this revision followed by replicas.
TRACKED = ()


def upgrade() -> None:
    """Apply this revision."""
    op.add_column(
        "channels", sa.Column("service_window_minutes", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("orders", sa.Column("release_at", UtcDateTime(), nullable=True))
    for statement in create_triggers(op.get_bind().dialect.name, TRACKED):
        op.execute(statement)


def downgrade() -> None:
    """Undo this revision."""
    for statement in drop_triggers(op.get_bind().dialect.name, TRACKED):
        op.execute(statement)

    op.drop_column("orders", "release_at")
    op.drop_column("channels", "service_window_minutes")
