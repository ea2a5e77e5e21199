"""The transactional core: holds, changes, drafts, reservations, counts, invoices and the rest.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from oms_core.kernel.change_log import create_triggers, drop_triggers
from oms_core.kernel.database import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: Tables of this revision followed by replicas.
TRACKED = (
    "duplicate_suspicions",
    "fulfillment_holds",
    "order_tags",
    "risk_assessments",
)


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "scopes", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_tokens_prefix")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_api_tokens_secret_hash")),
    )
    op.create_table(
        "risk_rules",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column(
            "params", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('velocity_email', 'velocity_address', 'billing_country', 'billing_address', 'new_country', 'value', 'address_quality', 'contact')",
            name=op.f("ck_risk_rules_kind_known"),
        ),
        sa.CheckConstraint("points >= 0 AND points <= 100", name=op.f("ck_risk_rules_points_in_scale")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_rules")),
        sa.UniqueConstraint("kind", name=op.f("uq_risk_rules_kind")),
    )
    op.create_table(
        "duplicate_suspicions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("other_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("sentence", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=120), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(length=120), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('same_lines', 'same_total')", name=op.f("ck_duplicate_suspicions_kind_known")),
        sa.CheckConstraint(
            "state IN ('open', 'confirmed', 'dismissed')", name=op.f("ck_duplicate_suspicions_state_known")
        ),
        sa.CheckConstraint("order_id > other_order_id", name=op.f("ck_duplicate_suspicions_newer_first")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_duplicate_suspicions_order_id")),
        sa.ForeignKeyConstraint(["other_order_id"], ["orders.id"], name=op.f("fk_duplicate_suspicions_other_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_suspicions")),
        sa.UniqueConstraint("order_id", "other_order_id", name=op.f("uq_duplicate_suspicions_order_id_other_order_id")),
        info={"replicated": True},
    )
    op.create_index(
        "ix_duplicate_suspicions_open",
        "duplicate_suspicions",
        ["order_id"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        op.f("ix_duplicate_suspicions_other_order_id"), "duplicate_suspicions", ["other_order_id"], unique=False
    )
    op.create_table(
        "order_notes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_notes_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_notes")),
    )
    op.create_index(op.f("ix_order_notes_order_id"), "order_notes", ["order_id"], unique=False)
    op.create_table(
        "order_tags",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tag", sa.String(length=60), nullable=False),
        sa.Column("added_by", sa.String(length=120), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_tags_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_tags")),
        sa.UniqueConstraint("order_id", "tag", name=op.f("uq_order_tags_order_id_tag")),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_order_tags_tag"), "order_tags", ["tag"], unique=False)
    op.create_table(
        "risk_assessments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.String(length=120), nullable=False),
        sa.Column(
            "reasons", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("state", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("reviewer", sa.String(length=120), nullable=False),
        sa.Column("reviewed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("level IN ('low', 'medium', 'high')", name=op.f("ck_risk_assessments_level_known")),
        sa.CheckConstraint("state IN ('open', 'approved', 'rejected')", name=op.f("ck_risk_assessments_state_known")),
        sa.CheckConstraint("score >= 0 AND score <= 100", name=op.f("ck_risk_assessments_score_in_scale")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_risk_assessments_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_assessments")),
        sa.UniqueConstraint("order_id", name=op.f("uq_risk_assessments_order_id")),
        info={"replicated": True},
    )
    op.create_index(
        "ix_risk_assessments_open",
        "risk_assessments",
        ["score"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "fulfillment_holds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fulfillment_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("until_at", UtcDateTime(), nullable=True),
        sa.Column("guard_key", sa.String(length=120), nullable=False),
        sa.Column("held_by", sa.String(length=120), nullable=False),
        sa.Column("held_at", UtcDateTime(), nullable=False),
        sa.Column("released_by", sa.String(length=120), nullable=False),
        sa.Column("released_at", UtcDateTime(), nullable=True),
        sa.Column("released_how", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "(released_at IS NULL) = (released_how = '')", name=op.f("ck_fulfillment_holds_released_has_how")
        ),
        sa.CheckConstraint(
            "released_how IN ('', 'person', 'due', 'order_ended')", name=op.f("ck_fulfillment_holds_released_how_known")
        ),
        sa.ForeignKeyConstraint(
            ["fulfillment_order_id"], ["fulfillment_orders.id"], name=op.f("fk_fulfillment_holds_fulfillment_order_id")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_fulfillment_holds_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fulfillment_holds")),
        info={"replicated": True},
    )
    op.create_index(
        "ix_fulfillment_holds_active",
        "fulfillment_holds",
        ["order_id", "until_at"],
        unique=False,
        sqlite_where=sa.text("released_at IS NULL"),
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_index(op.f("ix_fulfillment_holds_order_id"), "fulfillment_holds", ["order_id"], unique=False)
    op.add_column(
        "channels", sa.Column("service_window_minutes", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("fulfillment_orders", sa.Column("held_from", sa.String(length=120), nullable=True))
    op.create_index(
        "ix_fulfillment_orders_scheduled",
        "fulfillment_orders",
        ["order_id"],
        unique=False,
        sqlite_where=sa.text("state = 'scheduled'"),
        postgresql_where=sa.text("state = 'scheduled'"),
    )
    op.add_column("orders", sa.Column("release_at", UtcDateTime(), nullable=True))
    op.add_column("orders", sa.Column("bill_name", sa.String(length=200), nullable=True))
    op.add_column("orders", sa.Column("bill_line1", sa.String(length=200), nullable=True))
    op.add_column("orders", sa.Column("bill_city", sa.String(length=120), nullable=True))
    op.add_column("orders", sa.Column("bill_postal_code", sa.String(length=20), nullable=True))
    op.add_column("orders", sa.Column("bill_country", sa.String(length=2), nullable=True))
    op.add_column("shipments", sa.Column("parent_shipment_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_shipments_riding",
        "shipments",
        ["parent_shipment_id"],
        unique=False,
        sqlite_where=sa.text("parent_shipment_id IS NOT NULL"),
        postgresql_where=sa.text("parent_shipment_id IS NOT NULL"),
    )
    for statement in create_triggers(op.get_bind().dialect.name, TRACKED):
        op.execute(statement)


def downgrade() -> None:
    """Undo this revision."""
    for statement in drop_triggers(op.get_bind().dialect.name, TRACKED):
        op.execute(statement)

    op.drop_index(
        "ix_shipments_riding",
        table_name="shipments",
        sqlite_where=sa.text("parent_shipment_id IS NOT NULL"),
        postgresql_where=sa.text("parent_shipment_id IS NOT NULL"),
    )
    op.drop_column("shipments", "parent_shipment_id")
    op.drop_column("orders", "bill_country")
    op.drop_column("orders", "bill_postal_code")
    op.drop_column("orders", "bill_city")
    op.drop_column("orders", "bill_line1")
    op.drop_column("orders", "bill_name")
    op.drop_column("orders", "release_at")
    op.drop_index(
        "ix_fulfillment_orders_scheduled",
        table_name="fulfillment_orders",
        sqlite_where=sa.text("state = 'scheduled'"),
        postgresql_where=sa.text("state = 'scheduled'"),
    )
    op.drop_column("fulfillment_orders", "held_from")
    op.drop_column("channels", "service_window_minutes")
    op.drop_index(op.f("ix_fulfillment_holds_order_id"), table_name="fulfillment_holds")
    op.drop_index(
        "ix_fulfillment_holds_active",
        table_name="fulfillment_holds",
        sqlite_where=sa.text("released_at IS NULL"),
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.drop_table("fulfillment_holds")
    op.drop_index(
        "ix_risk_assessments_open",
        table_name="risk_assessments",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_table("risk_assessments")
    op.drop_index(op.f("ix_order_tags_tag"), table_name="order_tags")
    op.drop_table("order_tags")
    op.drop_index(op.f("ix_order_notes_order_id"), table_name="order_notes")
    op.drop_table("order_notes")
    op.drop_index(op.f("ix_duplicate_suspicions_other_order_id"), table_name="duplicate_suspicions")
    op.drop_index(
        "ix_duplicate_suspicions_open",
        table_name="duplicate_suspicions",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_table("duplicate_suspicions")
    op.drop_table("risk_rules")
    op.drop_table("api_tokens")
