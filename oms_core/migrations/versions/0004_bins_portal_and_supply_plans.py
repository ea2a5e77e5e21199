"""Bins, self-service returns, approvals, supply plans, message templates.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from oms_core.kernel.change_log import create_triggers, drop_triggers
from oms_core.kernel.database import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: Tables of this revision followed by replicas.
TRACKED: tuple[str, ...] = (
    "payout_lines",
    "payout_statements",
    "service_targets",
    "stock_backtests",
)


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "buying_limits",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("buyer", sa.String(length=120), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("set_by", sa.String(length=120), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_buying_limits_amount_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_buying_limits")),
        sa.UniqueConstraint("buyer", name=op.f("uq_buying_limits_buyer")),
    )
    op.create_table(
        "message_templates",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("medium", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=120), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=120), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("body <> ''", name=op.f("ck_message_templates_body_written")),
        sa.CheckConstraint("language IN ('en', 'pl')", name=op.f("ck_message_templates_language_known")),
        sa.CheckConstraint(
            "medium <> 'sms' OR (subject = '' AND html = '')", name=op.f("ck_message_templates_sms_is_plain")
        ),
        sa.CheckConstraint("medium IN ('email', 'sms')", name=op.f("ck_message_templates_medium_known")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_message_templates_version_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_templates")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_message_templates_name_version")),
    )
    op.create_table(
        "service_targets",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("abc", sa.String(length=120), nullable=False),
        sa.Column("xyz", sa.String(length=120), nullable=False),
        sa.Column("measure", sa.String(length=120), nullable=False),
        sa.Column("target", sa.Double(), nullable=False),
        sa.Column("set_by", sa.String(length=120), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("abc IN ('A', 'B', 'C')", name=op.f("ck_service_targets_abc_known")),
        sa.CheckConstraint("measure IN ('cycle', 'fill')", name=op.f("ck_service_targets_measure_known")),
        sa.CheckConstraint("xyz IN ('X', 'Y', 'Z')", name=op.f("ck_service_targets_xyz_known")),
        sa.CheckConstraint("target > 0 AND target < 1", name=op.f("ck_service_targets_target_is_share")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_targets")),
        sa.UniqueConstraint("abc", "xyz", name=op.f("uq_service_targets_abc_xyz")),
        info={"replicated": True},
    )
    op.create_table(
        "stock_backtests",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("series_count", sa.BigInteger(), nullable=False),
        sa.Column(
            "results", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.CheckConstraint("days >= 1", name=op.f("ck_stock_backtests_days_positive")),
        sa.CheckConstraint("series_count >= 1", name=op.f("ck_stock_backtests_series_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_backtests")),
        info={"replicated": True},
    )
    op.create_table(
        "bin_replenishments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("location_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=120), nullable=False),
        sa.Column(
            "unmet", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'done', 'cancelled')", name=op.f("ck_bin_replenishments_state_known")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_bin_replenishments_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bin_replenishments")),
        sa.UniqueConstraint("number", name=op.f("uq_bin_replenishments_number")),
    )
    op.create_table(
        "bins",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("location_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('pick', 'overstock', 'default')", name=op.f("ck_bins_kind_known")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_bins_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bins")),
        sa.UniqueConstraint("location_id", "code", name=op.f("uq_bins_location_id_code")),
    )
    op.create_index(
        "uq_bins_default",
        "bins",
        ["location_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'default'"),
        postgresql_where=sa.text("kind = 'default'"),
    )
    op.create_table(
        "payout_statements",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("channel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("gateway", sa.String(length=120), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("received_minor", sa.BigInteger(), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("booked_at", UtcDateTime(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.CheckConstraint("net_minor = gross_minor - fee_minor", name=op.f("ck_payout_statements_net_adds_up")),
        sa.CheckConstraint("since <= until", name=op.f("ck_payout_statements_days_in_order")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_payout_statements_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_statements")),
        sa.UniqueConstraint("channel_id", "reference", name=op.f("uq_payout_statements_channel_id_reference")),
        info={"replicated": True},
    )
    op.create_table(
        "return_addresses",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("market", sa.String(length=120), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("postal_prefix", sa.String(length=20), nullable=False),
        sa.Column("location_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.CheckConstraint("market = '' OR country = ''", name=op.f("ck_return_addresses_market_or_country")),
        sa.CheckConstraint(
            "postal_prefix = '' OR country <> ''", name=op.f("ck_return_addresses_postal_codes_of_a_country")
        ),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_return_addresses_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_addresses")),
        sa.UniqueConstraint(
            "market", "country", "postal_prefix", name=op.f("uq_return_addresses_market_country_postal_prefix")
        ),
    )
    op.create_table(
        "bin_rules",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("bin_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("minimum_qty", sa.BigInteger(), nullable=False),
        sa.Column("maximum_qty", sa.BigInteger(), nullable=False),
        sa.Column("increment_qty", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "increment_qty >= 1 AND increment_qty <= maximum_qty", name=op.f("ck_bin_rules_increment_within_maximum")
        ),
        sa.CheckConstraint(
            "minimum_qty >= 1 AND minimum_qty <= maximum_qty", name=op.f("ck_bin_rules_minimum_within_maximum")
        ),
        sa.ForeignKeyConstraint(["bin_id"], ["bins.id"], name=op.f("fk_bin_rules_bin_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_bin_rules_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bin_rules")),
        sa.UniqueConstraint("bin_id", "variant_id", name=op.f("uq_bin_rules_bin_id_variant_id")),
    )
    op.create_index(op.f("ix_bin_rules_variant_id"), "bin_rules", ["variant_id"], unique=False)
    op.create_table(
        "buying_mails",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("purchase_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "recipients", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("format", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=120), nullable=False),
        sa.Column(
            "facts", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("state", sa.String(length=120), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'purchase_order') = (purchase_order_id IS NOT NULL)", name=op.f("ck_buying_mails_order_has_number")
        ),
        sa.CheckConstraint("(state = 'failed') = (error <> '')", name=op.f("ck_buying_mails_failed_has_error")),
        sa.CheckConstraint("kind IN ('purchase_order', 'low_stock')", name=op.f("ck_buying_mails_kind_known")),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'failed')", name=op.f("ck_buying_mails_state_known")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_buying_mails_attempts_not_negative")),
        sa.ForeignKeyConstraint(
            ["purchase_order_id"], ["purchase_orders.id"], name=op.f("fk_buying_mails_purchase_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_buying_mails")),
    )
    op.create_index(op.f("ix_buying_mails_purchase_order_id"), "buying_mails", ["purchase_order_id"], unique=False)
    op.create_index("ix_buying_mails_state", "buying_mails", ["state", "next_try_at"], unique=False)
    op.create_table(
        "low_stock_alerts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("location_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("crossed_at", UtcDateTime(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("point", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.Column("seen_by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_low_stock_alerts_location_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_low_stock_alerts_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_low_stock_alerts")),
    )
    op.create_index(op.f("ix_low_stock_alerts_location_id"), "low_stock_alerts", ["location_id"], unique=False)
    op.create_index(
        "uq_low_stock_alerts_open",
        "low_stock_alerts",
        ["variant_id", "location_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "low_stock_points",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("location_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("set_by", sa.String(length=120), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("source IN ('person', 'forecast')", name=op.f("ck_low_stock_points_source_known")),
        sa.CheckConstraint("units >= 0", name=op.f("ck_low_stock_points_units_not_negative")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_low_stock_points_location_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_low_stock_points_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_low_stock_points")),
        sa.UniqueConstraint("variant_id", "location_id", name=op.f("uq_low_stock_points_variant_id_location_id")),
    )
    op.create_table(
        "payout_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("statement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("kind IN ('sale', 'refund', 'fee', 'other')", name=op.f("ck_payout_lines_kind_known")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_payout_lines_order_id")),
        sa.ForeignKeyConstraint(["statement_id"], ["payout_statements.id"], name=op.f("fk_payout_lines_statement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_lines")),
        sa.UniqueConstraint("statement_id", "position", name=op.f("uq_payout_lines_statement_id_position")),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_payout_lines_order_id"), "payout_lines", ["order_id"], unique=False)
    op.create_table(
        "purchase_approvals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("purchase_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("approved_by", sa.String(length=120), nullable=False),
        sa.Column("edited_by", sa.String(length=120), nullable=False),
        sa.Column("approved_at", UtcDateTime(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(voided_at IS NULL) = (void_reason = '')", name=op.f("ck_purchase_approvals_voided_has_reason")
        ),
        sa.CheckConstraint("approved_by <> edited_by", name=op.f("ck_purchase_approvals_four_eyes")),
        sa.ForeignKeyConstraint(
            ["purchase_order_id"], ["purchase_orders.id"], name=op.f("fk_purchase_approvals_purchase_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_approvals")),
    )
    op.create_index(
        op.f("ix_purchase_approvals_purchase_order_id"), "purchase_approvals", ["purchase_order_id"], unique=False
    )
    op.create_table(
        "supplier_answers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("purchase_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=120), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=False),
        sa.Column("entered_by", sa.String(length=120), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("total_before_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'open') = (decided_at IS NULL)", name=op.f("ck_supplier_answers_decided_has_time")
        ),
        sa.CheckConstraint("state IN ('open', 'accepted', 'refused')", name=op.f("ck_supplier_answers_state_known")),
        sa.ForeignKeyConstraint(
            ["purchase_order_id"], ["purchase_orders.id"], name=op.f("fk_supplier_answers_purchase_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_answers")),
    )
    op.create_index(
        op.f("ix_supplier_answers_purchase_order_id"), "supplier_answers", ["purchase_order_id"], unique=False
    )
    op.create_table(
        "bin_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("bin_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("bin_replenishment_line_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "kind IN ('opening', 'received', 'allocated', 'released', 'shipped', 'returned', 'adjusted', 'transferred_out', 'transferred_in', 'state_changed', 'moved', 'replenished', 'missing', 'lot_named')",
            name=op.f("ck_bin_entries_kind_known"),
        ),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_bin_entries_quantity_not_zero")),
        sa.ForeignKeyConstraint(["bin_id"], ["bins.id"], name=op.f("fk_bin_entries_bin_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_bin_entries_lot_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_bin_entries_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bin_entries")),
    )
    op.create_index(op.f("ix_bin_entries_bin_id_variant_id"), "bin_entries", ["bin_id", "variant_id"], unique=False)
    op.create_index(
        op.f("ix_bin_entries_bin_replenishment_line_id"), "bin_entries", ["bin_replenishment_line_id"], unique=False
    )
    op.create_table(
        "bin_levels",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("bin_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_bin_levels_quantity_not_negative")),
        sa.ForeignKeyConstraint(["bin_id"], ["bins.id"], name=op.f("fk_bin_levels_bin_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_bin_levels_lot_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_bin_levels_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bin_levels")),
    )
    op.create_index(op.f("ix_bin_levels_variant_id"), "bin_levels", ["variant_id"], unique=False)
    op.create_index("uq_bin_levels_with_lot", "bin_levels", ["bin_id", "variant_id", "lot_id"], unique=True)
    op.create_index(
        "uq_bin_levels_without_lot",
        "bin_levels",
        ["bin_id", "variant_id"],
        unique=True,
        sqlite_where=sa.text("lot_id IS NULL"),
        postgresql_where=sa.text("lot_id IS NULL"),
    )
    op.create_table(
        "bin_replenishment_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("bin_replenishment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("from_bin_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_bin_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("moved_qty", sa.BigInteger(), nullable=False),
        sa.Column("missing_qty", sa.BigInteger(), nullable=False),
        sa.Column("left_qty", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column(
            "receipt", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.CheckConstraint("from_bin_id <> to_bin_id", name=op.f("ck_bin_replenishment_lines_two_bins")),
        sa.CheckConstraint(
            "moved_qty >= 0 AND missing_qty >= 0 AND left_qty >= 0 AND moved_qty + missing_qty + left_qty <= quantity",
            name=op.f("ck_bin_replenishment_lines_done_within_quantity"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_bin_replenishment_lines_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["bin_replenishment_id"],
            ["bin_replenishments.id"],
            name=op.f("fk_bin_replenishment_lines_bin_replenishment_id"),
        ),
        sa.ForeignKeyConstraint(["from_bin_id"], ["bins.id"], name=op.f("fk_bin_replenishment_lines_from_bin_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_bin_replenishment_lines_lot_id")),
        sa.ForeignKeyConstraint(["to_bin_id"], ["bins.id"], name=op.f("fk_bin_replenishment_lines_to_bin_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_bin_replenishment_lines_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bin_replenishment_lines")),
    )
    op.create_index(
        op.f("ix_bin_replenishment_lines_bin_replenishment_id"),
        "bin_replenishment_lines",
        ["bin_replenishment_id"],
        unique=False,
    )
    op.create_table(
        "price_breaks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("supplier_item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_qty", sa.BigInteger(), nullable=False),
        sa.Column("unit_cost_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("from_qty > 1", name=op.f("ck_price_breaks_beyond_one")),
        sa.CheckConstraint("unit_cost_minor > 0", name=op.f("ck_price_breaks_cost_positive")),
        sa.ForeignKeyConstraint(
            ["supplier_item_id"], ["supplier_items.id"], name=op.f("fk_price_breaks_supplier_item_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_breaks")),
        sa.UniqueConstraint("supplier_item_id", "from_qty", name=op.f("uq_price_breaks_supplier_item_id_from_qty")),
    )
    op.create_table(
        "receipt_discrepancies",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("receipt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("purchase_order_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('over', 'short', 'damaged')", name=op.f("ck_receipt_discrepancies_kind_known")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_receipt_discrepancies_has_reason")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_receipt_discrepancies_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["purchase_order_line_id"],
            ["purchase_order_lines.id"],
            name=op.f("fk_receipt_discrepancies_purchase_order_line_id"),
        ),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipts.id"], name=op.f("fk_receipt_discrepancies_receipt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_discrepancies")),
        sa.UniqueConstraint(
            "receipt_id",
            "purchase_order_line_id",
            "kind",
            name=op.f("uq_receipt_discrepancies_receipt_id_purchase_order_line_id_kind"),
        ),
    )
    op.create_index(
        op.f("ix_receipt_discrepancies_purchase_order_line_id"),
        "receipt_discrepancies",
        ["purchase_order_line_id"],
        unique=False,
    )
    op.create_table(
        "supplier_answer_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("supplier_answer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("purchase_order_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity_before", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_cost_before_minor", sa.BigInteger(), nullable=False),
        sa.Column("unit_cost_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "quantity >= 0 AND unit_cost_minor >= 0", name=op.f("ck_supplier_answer_lines_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_order_line_id"],
            ["purchase_order_lines.id"],
            name=op.f("fk_supplier_answer_lines_purchase_order_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_answer_id"], ["supplier_answers.id"], name=op.f("fk_supplier_answer_lines_supplier_answer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_answer_lines")),
        sa.UniqueConstraint("supplier_answer_id", "purchase_order_line_id", name="uq_supplier_answer_lines_once"),
    )
    op.add_column("customer_messages", sa.Column("sending_at", UtcDateTime(), nullable=True))
    op.add_column("customer_messages", sa.Column("next_try_at", UtcDateTime(), nullable=True))
    op.add_column("customer_messages", sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("customer_messages", sa.Column("error", sa.Text(), server_default="", nullable=False))
    op.add_column("invoices", sa.Column("shipment_id", sa.BigInteger(), nullable=True))
    op.add_column("invoices", sa.Column("order_gross_minor", sa.BigInteger(), nullable=True))
    op.drop_index(op.f("uq_invoices_order_id"), table_name="invoices", sqlite_where=sa.text("kind = 'invoice'"))
    op.create_index(op.f("ix_invoices_order_id"), "invoices", ["order_id"], unique=False)
    op.create_index(
        "uq_invoices_draft_of_order",
        "invoices",
        ["order_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'invoice' AND state = 'draft'"),
        postgresql_where=sa.text("kind = 'invoice' AND state = 'draft'"),
    )
    op.create_index("uq_invoices_shipment_id", "invoices", ["shipment_id"], unique=True)
    op.add_column("purchase_orders", sa.Column("drafted_by", sa.String(length=120), nullable=True))
    op.add_column("purchase_orders", sa.Column("edited_by", sa.String(length=120), nullable=True))
    op.add_column("returns", sa.Column("wish", sa.String(length=120), server_default="", nullable=False))
    op.add_column("returns", sa.Column("send_to", sa.String(length=400), server_default="", nullable=False))
    op.add_column("returns", sa.Column("send_to_location_id", sa.BigInteger(), nullable=True))
    op.add_column("returns", sa.Column("send_to_why", sa.String(length=120), server_default="", nullable=False))
    op.add_column(
        "stock_levels", sa.Column("is_binned", sa.Boolean(), server_default=sa.text("(false)"), nullable=False)
    )
    op.add_column("variants", sa.Column("volume_cm3", sa.BigInteger(), nullable=True))
    for statement in create_triggers(op.get_bind().dialect.name, TRACKED):
        op.execute(statement)


def downgrade() -> None:
    """Undo this revision."""
    for statement in drop_triggers(op.get_bind().dialect.name, TRACKED):
        op.execute(statement)

    op.drop_column("variants", "volume_cm3")
    op.drop_column("stock_levels", "is_binned")
    op.drop_column("returns", "send_to_why")
    op.drop_column("returns", "send_to_location_id")
    op.drop_column("returns", "send_to")
    op.drop_column("returns", "wish")
    op.drop_column("purchase_orders", "edited_by")
    op.drop_column("purchase_orders", "drafted_by")
    op.drop_index("uq_invoices_shipment_id", table_name="invoices")
    op.drop_index(
        "uq_invoices_draft_of_order",
        table_name="invoices",
        sqlite_where=sa.text("kind = 'invoice' AND state = 'draft'"),
        postgresql_where=sa.text("kind = 'invoice' AND state = 'draft'"),
    )
    op.drop_index(op.f("ix_invoices_order_id"), table_name="invoices")
    op.create_index(
        op.f("uq_invoices_order_id"),
        "invoices",
        ["order_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'invoice'"),
        postgresql_where=sa.text("kind = 'invoice'"),
    )
    op.drop_column("invoices", "order_gross_minor")
    op.drop_column("invoices", "shipment_id")
    op.drop_column("customer_messages", "error")
    op.drop_column("customer_messages", "attempts")
    op.drop_column("customer_messages", "next_try_at")
    op.drop_column("customer_messages", "sending_at")
    op.drop_table("supplier_answer_lines")
    op.drop_index(op.f("ix_receipt_discrepancies_purchase_order_line_id"), table_name="receipt_discrepancies")
    op.drop_table("receipt_discrepancies")
    op.drop_table("price_breaks")
    op.drop_index(op.f("ix_bin_replenishment_lines_bin_replenishment_id"), table_name="bin_replenishment_lines")
    op.drop_table("bin_replenishment_lines")
    op.drop_index(
        "uq_bin_levels_without_lot",
        table_name="bin_levels",
        sqlite_where=sa.text("lot_id IS NULL"),
        postgresql_where=sa.text("lot_id IS NULL"),
    )
    op.drop_index("uq_bin_levels_with_lot", table_name="bin_levels")
    op.drop_index(op.f("ix_bin_levels_variant_id"), table_name="bin_levels")
    op.drop_table("bin_levels")
    op.drop_index(op.f("ix_bin_entries_bin_replenishment_line_id"), table_name="bin_entries")
    op.drop_index(op.f("ix_bin_entries_bin_id_variant_id"), table_name="bin_entries")
    op.drop_table("bin_entries")
    op.drop_index(op.f("ix_supplier_answers_purchase_order_id"), table_name="supplier_answers")
    op.drop_table("supplier_answers")
    op.drop_index(op.f("ix_purchase_approvals_purchase_order_id"), table_name="purchase_approvals")
    op.drop_table("purchase_approvals")
    op.drop_index(op.f("ix_payout_lines_order_id"), table_name="payout_lines")
    op.drop_table("payout_lines")
    op.drop_table("low_stock_points")
    op.drop_index(
        "uq_low_stock_alerts_open",
        table_name="low_stock_alerts",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_low_stock_alerts_location_id"), table_name="low_stock_alerts")
    op.drop_table("low_stock_alerts")
    op.drop_index("ix_buying_mails_state", table_name="buying_mails")
    op.drop_index(op.f("ix_buying_mails_purchase_order_id"), table_name="buying_mails")
    op.drop_table("buying_mails")
    op.drop_index(op.f("ix_bin_rules_variant_id"), table_name="bin_rules")
    op.drop_table("bin_rules")
    op.drop_table("return_addresses")
    op.drop_table("payout_statements")
    op.drop_index(
        "uq_bins_default",
        table_name="bins",
        sqlite_where=sa.text("kind = 'default'"),
        postgresql_where=sa.text("kind = 'default'"),
    )
    op.drop_table("bins")
    op.drop_table("bin_replenishments")
    op.drop_table("stock_backtests")
    op.drop_table("service_targets")
    op.drop_table("message_templates")
    op.drop_table("buying_limits")
