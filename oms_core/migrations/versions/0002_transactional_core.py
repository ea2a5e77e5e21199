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
    "backorders",
    "bundle_components",
    "channel_stock_rules",
    "claim_lines",
    "claims",
    "cod_remittance_lines",
    "cod_remittances",
    "drafts",
    "duplicate_suspicions",
    "exchanges",
    "fulfillment_holds",
    "invoice_lines",
    "invoices",
    "landed_cost_lines",
    "landed_costs",
    "ledger_entries",
    "ledger_matches",
    "lot_entries",
    "lot_levels",
    "lots",
    "opening_costs",
    "order_change_entries",
    "order_changes",
    "order_tags",
    "refund_parts",
    "refunds",
    "reservation_lines",
    "reservations",
    "return_reasons",
    "return_units",
    "risk_assessments",
    "stock_count_lines",
    "stock_counts",
    "store_credit_accounts",
    "store_credit_entries",
    "supplier_invoice_lines",
    "supplier_invoices",
    "supplier_payments",
    "transfer_discrepancies",
    "withdrawal_lines",
    "withdrawals",
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
        "cod_remittances",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("carrier", sa.String(length=120), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("booked_minor", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("booked_at", UtcDateTime(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cod_remittances")),
        sa.UniqueConstraint("carrier", "reference", name=op.f("uq_cod_remittances_carrier_reference")),
        info={"replicated": True},
    )
    op.create_table(
        "customer_messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("object_type", sa.String(length=120), nullable=False),
        sa.Column("object_id", sa.BigInteger(), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_messages")),
    )
    op.create_index(
        op.f("ix_customer_messages_object_type_object_id"),
        "customer_messages",
        ["object_type", "object_id"],
        unique=False,
    )
    op.create_index(op.f("ix_customer_messages_sent_at"), "customer_messages", ["sent_at"], unique=False)
    op.create_table(
        "document_counters",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("series", sa.String(length=120), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_counters")),
        sa.UniqueConstraint("series", "year", name=op.f("uq_document_counters_series_year")),
    )
    op.create_table(
        "exchange_rates",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("base", sa.String(length=3), nullable=False),
        sa.Column("quote", sa.String(length=3), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("rate", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.CheckConstraint("base <> quote", name=op.f("ck_exchange_rates_two_currencies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_rates")),
        sa.UniqueConstraint("on_date", "base", "quote", name=op.f("uq_exchange_rates_on_date_base_quote")),
    )
    op.create_table(
        "refund_policies",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("market", sa.String(length=120), nullable=False),
        sa.Column("channel", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("carriage_payer", sa.String(length=120), nullable=False),
        sa.Column("label_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_bp", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("shipping_refund", sa.String(length=120), nullable=False),
        sa.Column("standard_delivery_minor", sa.BigInteger(), nullable=True),
        sa.Column("credit_bonus_bp", sa.BigInteger(), nullable=False),
        sa.Column(
            "grade_cuts", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("days_allowed", sa.BigInteger(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "carriage_payer IN ('customer', 'shop')", name=op.f("ck_refund_policies_carriage_payer_known")
        ),
        sa.CheckConstraint(
            "shipping_refund IN ('never', 'whole_order', 'always')",
            name=op.f("ck_refund_policies_shipping_refund_known"),
        ),
        sa.CheckConstraint("days_allowed >= 0", name=op.f("ck_refund_policies_days_not_negative")),
        sa.CheckConstraint("fee_bp BETWEEN 0 AND 10000", name=op.f("ck_refund_policies_fee_is_share")),
        sa.CheckConstraint(
            "fee_minor >= 0 AND label_minor >= 0 AND credit_bonus_bp >= 0", name=op.f("ck_refund_policies_not_negative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_policies")),
        sa.UniqueConstraint("code", name=op.f("uq_refund_policies_code")),
        sa.UniqueConstraint("market", "channel", "reason", name=op.f("uq_refund_policies_market_channel_reason")),
    )
    op.create_table(
        "return_reasons",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("label_en", sa.String(length=200), nullable=False),
        sa.Column("label_pl", sa.String(length=200), nullable=False),
        sa.Column("fault", sa.String(length=120), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "fault IN ('customer', 'shop', 'supplier', 'carrier')", name=op.f("ck_return_reasons_fault_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_reasons")),
        sa.UniqueConstraint("code", name=op.f("uq_return_reasons_code")),
        info={"replicated": True},
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
        "saved_views",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("page", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column(
            "query", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("page", "owner", "name", name=op.f("uq_saved_views_page_owner_name")),
    )
    op.create_table(
        "reservations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("token", sa.String(length=120), nullable=False),
        sa.Column("channel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=120), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "(state = 'converted') = (order_id IS NOT NULL)", name=op.f("ck_reservations_converted_has_order")
        ),
        sa.CheckConstraint(
            "state IN ('active', 'converted', 'expired', 'released')", name=op.f("ck_reservations_state_known")
        ),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_reservations_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservations")),
        sa.UniqueConstraint("number", name=op.f("uq_reservations_number")),
        sa.UniqueConstraint("token", name=op.f("uq_reservations_token")),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_reservations_state_expires_at"), "reservations", ["state", "expires_at"], unique=False)
    op.create_table(
        "stock_counts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("location_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=120), nullable=False),
        sa.Column("is_blind", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'posted', 'cancelled')", name=op.f("ck_stock_counts_state_known")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_stock_counts_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_counts")),
        sa.UniqueConstraint("number", name=op.f("uq_stock_counts_number")),
        info={"replicated": True},
    )
    op.create_table(
        "store_credit_accounts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("balance_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("balance_minor >= 0", name=op.f("ck_store_credit_accounts_balance_not_negative")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_store_credit_accounts_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_credit_accounts")),
        sa.UniqueConstraint("customer_id", "currency", name=op.f("uq_store_credit_accounts_customer_id_currency")),
        info={"replicated": True},
    )
    op.create_table(
        "bundle_components",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("bundle_variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("component_variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("bundle_variant_id <> component_variant_id", name=op.f("ck_bundle_components_not_itself")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_bundle_components_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["bundle_variant_id"], ["variants.id"], name=op.f("fk_bundle_components_bundle_variant_id")
        ),
        sa.ForeignKeyConstraint(
            ["component_variant_id"], ["variants.id"], name=op.f("fk_bundle_components_component_variant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundle_components")),
        sa.UniqueConstraint(
            "bundle_variant_id",
            "component_variant_id",
            name=op.f("uq_bundle_components_bundle_variant_id_component_variant_id"),
        ),
        info={"replicated": True},
    )
    op.create_index(
        op.f("ix_bundle_components_component_variant_id"), "bundle_components", ["component_variant_id"], unique=False
    )
    op.create_table(
        "channel_stock_rules",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("channel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scope", sa.String(length=120), nullable=False),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("location_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("buffer_qty", sa.BigInteger(), nullable=False),
        sa.Column("protected_qty", sa.BigInteger(), nullable=False),
        sa.Column("is_offered", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "buffer_qty >= 0 AND protected_qty >= 0", name=op.f("ck_channel_stock_rules_units_not_negative")
        ),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_channel_stock_rules_channel_id")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_channel_stock_rules_location_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_channel_stock_rules_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_stock_rules")),
        sa.UniqueConstraint("channel_id", "scope", name=op.f("uq_channel_stock_rules_channel_id_scope")),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_channel_stock_rules_variant_id"), "channel_stock_rules", ["variant_id"], unique=False)
    op.create_table(
        "cod_remittance_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("remittance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("expected_minor", sa.BigInteger(), nullable=True),
        sa.Column("booked_minor", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=120), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('matched', 'short', 'over', 'already_paid', 'unknown', 'not_cod', 'cancelled', 'wrong_currency')",
            name=op.f("ck_cod_remittance_lines_outcome_known"),
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_cod_remittance_lines_order_id")),
        sa.ForeignKeyConstraint(
            ["remittance_id"], ["cod_remittances.id"], name=op.f("fk_cod_remittance_lines_remittance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cod_remittance_lines")),
        sa.UniqueConstraint("remittance_id", "position", name=op.f("uq_cod_remittance_lines_remittance_id_position")),
        info={"replicated": True},
    )
    op.create_table(
        "drafts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=120), nullable=False),
        sa.Column(
            "document", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("payment_token", sa.String(length=120), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("invoice_sent_at", UtcDateTime(), nullable=True),
        sa.Column("completed_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(state = 'completed') = (order_id IS NOT NULL)", name=op.f("ck_drafts_completed_has_order")
        ),
        sa.CheckConstraint("kind IN ('draft', 'quote')", name=op.f("ck_drafts_kind_known")),
        sa.CheckConstraint(
            "state IN ('open', 'invoice_sent', 'expired', 'completed', 'cancelled')", name=op.f("ck_drafts_state_known")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_drafts_customer_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_drafts_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint("number", name=op.f("uq_drafts_number")),
        sa.UniqueConstraint("order_id", name=op.f("uq_drafts_order_id")),
        sa.UniqueConstraint("payment_token", name=op.f("uq_drafts_payment_token")),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_drafts_state"), "drafts", ["state"], unique=False)
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
        "ledger_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("side", sa.String(length=120), nullable=False),
        sa.Column("party", sa.String(length=120), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.String(length=120), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('invoice', 'correction', 'payment', 'refund', 'supplier_invoice', 'supplier_payment')",
            name=op.f("ck_ledger_entries_kind_known"),
        ),
        sa.CheckConstraint("side IN ('receivable', 'payable')", name=op.f("ck_ledger_entries_side_known")),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_ledger_entries_amount_not_zero")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_ledger_entries_customer_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_ledger_entries_order_id")),
        sa.ForeignKeyConstraint(["supplier_id"], ["suppliers.id"], name=op.f("fk_ledger_entries_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("kind", "document_id", name=op.f("uq_ledger_entries_kind_document_id")),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_ledger_entries_order_id"), "ledger_entries", ["order_id"], unique=False)
    op.create_index(op.f("ix_ledger_entries_party_currency"), "ledger_entries", ["party", "currency"], unique=False)
    op.create_index(op.f("ix_ledger_entries_side_due_on"), "ledger_entries", ["side", "due_on"], unique=False)
    op.create_table(
        "lots",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_lots_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lots")),
        sa.UniqueConstraint("variant_id", "number", name=op.f("uq_lots_variant_id_number")),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_lots_expires_on"), "lots", ["expires_on"], unique=False)
    op.create_table(
        "opening_costs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.CheckConstraint("unit_cost_minor >= 0", name=op.f("ck_opening_costs_cost_not_negative")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_opening_costs_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_costs")),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_opening_costs_variant_id"), "opening_costs", ["variant_id"], unique=False)
    op.create_table(
        "order_changes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=120), nullable=False),
        sa.Column("base_version", sa.BigInteger(), nullable=False),
        sa.Column("journal_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "actions", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column(
            "preview", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("proposed_by", sa.String(length=120), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(length=120), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decision_note", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "(state = 'pending') = (decided_at IS NULL)", name=op.f("ck_order_changes_decided_has_time")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'confirmed', 'declined', 'cancelled')", name=op.f("ck_order_changes_state_known")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_changes_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_changes")),
        sa.UniqueConstraint("number", name=op.f("uq_order_changes_number")),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_order_changes_order_id"), "order_changes", ["order_id"], unique=False)
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
        "reservation_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("reservation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("location_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("converted_qty", sa.BigInteger(), nullable=False),
        sa.Column("released_qty", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "converted_qty >= 0 AND released_qty >= 0 AND converted_qty + released_qty <= quantity",
            name=op.f("ck_reservation_lines_consumed_within_quantity"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_reservation_lines_quantity_positive")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_reservation_lines_location_id")),
        sa.ForeignKeyConstraint(
            ["reservation_id"], ["reservations.id"], name=op.f("fk_reservation_lines_reservation_id")
        ),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_reservation_lines_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservation_lines")),
        sa.UniqueConstraint(
            "reservation_id",
            "variant_id",
            "location_id",
            name=op.f("uq_reservation_lines_reservation_id_variant_id_location_id"),
        ),
        info={"replicated": True},
    )
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
        "stock_count_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("stock_count_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("counted_qty", sa.BigInteger(), nullable=True),
        sa.Column("expected_qty", sa.BigInteger(), nullable=True),
        sa.Column("counted_at", UtcDateTime(), nullable=True),
        sa.Column("counted_by", sa.String(length=120), nullable=False),
        sa.Column("times_counted", sa.BigInteger(), nullable=False),
        sa.Column("posted_qty", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(counted_qty IS NULL) = (expected_qty IS NULL)", name=op.f("ck_stock_count_lines_counted_has_expected")
        ),
        sa.CheckConstraint(
            "counted_qty IS NULL OR counted_qty >= 0", name=op.f("ck_stock_count_lines_counted_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["stock_count_id"], ["stock_counts.id"], name=op.f("fk_stock_count_lines_stock_count_id")
        ),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_stock_count_lines_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count_lines")),
        sa.UniqueConstraint(
            "stock_count_id", "variant_id", name=op.f("uq_stock_count_lines_stock_count_id_variant_id")
        ),
        info={"replicated": True},
    )
    op.create_table(
        "supplier_invoices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("supplier_number", sa.String(length=120), nullable=False),
        sa.Column("purchase_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=120), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('entered', 'disputed', 'approved', 'paid', 'cancelled')",
            name=op.f("ck_supplier_invoices_state_known"),
        ),
        sa.CheckConstraint("gross_minor = net_minor + tax_minor", name=op.f("ck_supplier_invoices_gross_adds_up")),
        sa.ForeignKeyConstraint(
            ["purchase_order_id"], ["purchase_orders.id"], name=op.f("fk_supplier_invoices_purchase_order_id")
        ),
        sa.ForeignKeyConstraint(["supplier_id"], ["suppliers.id"], name=op.f("fk_supplier_invoices_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_invoices")),
        sa.UniqueConstraint("number", name=op.f("uq_supplier_invoices_number")),
        sa.UniqueConstraint(
            "supplier_id", "supplier_number", name=op.f("uq_supplier_invoices_supplier_id_supplier_number")
        ),
        info={"replicated": True},
    )
    op.create_index(
        op.f("ix_supplier_invoices_purchase_order_id"), "supplier_invoices", ["purchase_order_id"], unique=False
    )
    op.create_table(
        "backorders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("order_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("allocated_qty", sa.BigInteger(), nullable=False),
        sa.Column("cancelled_qty", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("purchase_order_line_id", sa.BigInteger(), nullable=True),
        sa.Column("first_promised_on", sa.Date(), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=120), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'waiting') = (allocated_qty + cancelled_qty < quantity)",
            name=op.f("ck_backorders_waits_for_something"),
        ),
        sa.CheckConstraint("kind IN ('backorder', 'preorder')", name=op.f("ck_backorders_kind_known")),
        sa.CheckConstraint("state IN ('waiting', 'allocated', 'cancelled')", name=op.f("ck_backorders_state_known")),
        sa.CheckConstraint(
            "allocated_qty >= 0 AND cancelled_qty >= 0 AND allocated_qty + cancelled_qty <= quantity",
            name=op.f("ck_backorders_consumed_within_quantity"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_backorders_quantity_positive")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_lines.id"], name=op.f("fk_backorders_order_line_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_backorders_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backorders")),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_backorders_order_line_id"), "backorders", ["order_line_id"], unique=False)
    op.create_index(
        op.f("ix_backorders_purchase_order_line_id"), "backorders", ["purchase_order_line_id"], unique=False
    )
    op.create_index(op.f("ix_backorders_variant_id_state"), "backorders", ["variant_id", "state"], unique=False)
    op.create_table(
        "exchanges",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("return_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_change_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("sends_first", sa.Boolean(), nullable=False),
        sa.Column("wants", sa.String(length=120), nullable=False),
        sa.Column("settlement", sa.String(length=120), nullable=False),
        sa.Column(
            "new_lines", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("returned_minor", sa.BigInteger(), nullable=False),
        sa.Column("new_minor", sa.BigInteger(), nullable=False),
        sa.Column("difference_minor", sa.BigInteger(), nullable=False),
        sa.Column("credit_minor", sa.BigInteger(), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("replaced_at", UtcDateTime(), nullable=True),
        sa.Column("completed_at", UtcDateTime(), nullable=True),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(state = 'completed') = (completed_at IS NOT NULL)", name=op.f("ck_exchanges_completed_has_time")
        ),
        sa.CheckConstraint(
            "settlement IN ('', 'even', 'due', 'refund', 'store_credit')", name=op.f("ck_exchanges_settlement_known")
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'approved', 'awaiting_goods', 'completed', 'cancelled')",
            name=op.f("ck_exchanges_state_known"),
        ),
        sa.CheckConstraint(
            "credit_minor >= 0 AND credit_minor <= new_minor", name=op.f("ck_exchanges_credit_within_new")
        ),
        sa.CheckConstraint(
            "difference_minor = new_minor - returned_minor", name=op.f("ck_exchanges_difference_adds_up")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_exchanges_order_id")),
        sa.ForeignKeyConstraint(["return_id"], ["returns.id"], name=op.f("fk_exchanges_return_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchanges")),
        sa.UniqueConstraint("number", name=op.f("uq_exchanges_number")),
        sa.UniqueConstraint("return_id", name=op.f("uq_exchanges_return_id")),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_exchanges_order_id"), "exchanges", ["order_id"], unique=False)
    op.create_table(
        "invoices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=120), nullable=True),
        sa.Column("series", sa.String(length=120), nullable=True),
        sa.Column("year", sa.BigInteger(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=120), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("return_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("corrects_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("seller_name", sa.String(length=200), nullable=False),
        sa.Column("seller_tax_id", sa.String(length=120), nullable=False),
        sa.Column("seller_address", sa.String(length=400), nullable=False),
        sa.Column("seller_account", sa.String(length=120), nullable=False),
        sa.Column("buyer_name", sa.String(length=200), nullable=False),
        sa.Column("buyer_tax_id", sa.String(length=120), nullable=False),
        sa.Column("buyer_address", sa.String(length=400), nullable=False),
        sa.Column("buyer_country", sa.String(length=2), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("shop_currency", sa.String(length=3), nullable=True),
        sa.Column("shop_rate", sa.String(length=40), nullable=True),
        sa.Column("shop_rate_on", sa.Date(), nullable=True),
        sa.Column("shop_tax_minor", sa.BigInteger(), nullable=True),
        sa.Column("shop_gross_minor", sa.BigInteger(), nullable=True),
        sa.Column("sold_on", sa.Date(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(state = 'draft') = (issued_at IS NULL)", name=op.f("ck_invoices_issued_has_time")),
        sa.CheckConstraint("(state = 'draft') = (number IS NULL)", name=op.f("ck_invoices_issued_has_number")),
        sa.CheckConstraint(
            "kind <> 'correction' OR corrects_id IS NOT NULL", name=op.f("ck_invoices_correction_has_original")
        ),
        sa.CheckConstraint("kind IN ('invoice', 'correction')", name=op.f("ck_invoices_kind_known")),
        sa.CheckConstraint("state IN ('draft', 'issued', 'corrected')", name=op.f("ck_invoices_state_known")),
        sa.CheckConstraint("gross_minor = net_minor + tax_minor", name=op.f("ck_invoices_gross_adds_up")),
        sa.ForeignKeyConstraint(["corrects_id"], ["invoices.id"], name=op.f("fk_invoices_corrects_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_invoices_customer_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_invoices_order_id")),
        sa.ForeignKeyConstraint(["return_id"], ["returns.id"], name=op.f("fk_invoices_return_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("number", name=op.f("uq_invoices_number")),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_invoices_corrects_id"), "invoices", ["corrects_id"], unique=False)
    op.create_index(op.f("ix_invoices_customer_id"), "invoices", ["customer_id"], unique=False)
    op.create_index(op.f("ix_invoices_return_id"), "invoices", ["return_id"], unique=False)
    op.create_index(
        "uq_invoices_order_id",
        "invoices",
        ["order_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'invoice'"),
        postgresql_where=sa.text("kind = 'invoice'"),
    )
    op.create_index("uq_invoices_series", "invoices", ["series", "year", "sequence"], unique=True)
    op.create_table(
        "landed_costs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("basis", sa.String(length=120), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("supplier_invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.CheckConstraint("basis IN ('value', 'quantity', 'weight')", name=op.f("ck_landed_costs_basis_known")),
        sa.CheckConstraint(
            "kind IN ('freight', 'duty', 'insurance', 'price_difference', 'other')",
            name=op.f("ck_landed_costs_kind_known"),
        ),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_landed_costs_amount_not_zero")),
        sa.ForeignKeyConstraint(
            ["supplier_invoice_id"], ["supplier_invoices.id"], name=op.f("fk_landed_costs_supplier_invoice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_landed_costs")),
        sa.UniqueConstraint("number", name=op.f("uq_landed_costs_number")),
        info={"replicated": True},
    )
    op.create_table(
        "ledger_matches",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("settling_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_ledger_matches_amount_positive")),
        sa.ForeignKeyConstraint(["claim_id"], ["ledger_entries.id"], name=op.f("fk_ledger_matches_claim_id")),
        sa.ForeignKeyConstraint(["settling_id"], ["ledger_entries.id"], name=op.f("fk_ledger_matches_settling_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_matches")),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_ledger_matches_claim_id"), "ledger_matches", ["claim_id"], unique=False)
    op.create_index(op.f("ix_ledger_matches_settling_id"), "ledger_matches", ["settling_id"], unique=False)
    op.create_table(
        "lot_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("location_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pool", sa.String(length=120), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("shipment_line_id", sa.BigInteger(), nullable=True),
        sa.Column("return_line_id", sa.BigInteger(), nullable=True),
        sa.Column("receipt_line_id", sa.BigInteger(), nullable=True),
        sa.Column("transfer_line_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.CheckConstraint("pool IN ('usable', 'quality_control', 'damaged')", name=op.f("ck_lot_entries_pool_known")),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_lot_entries_quantity_not_zero")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_lot_entries_location_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_lot_entries_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_entries")),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_lot_entries_lot_id_location_id"), "lot_entries", ["lot_id", "location_id"], unique=False)
    op.create_index(op.f("ix_lot_entries_shipment_line_id"), "lot_entries", ["shipment_line_id"], unique=False)
    op.create_index(op.f("ix_lot_entries_transfer_line_id"), "lot_entries", ["transfer_line_id"], unique=False)
    op.create_table(
        "lot_levels",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("location_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pool", sa.String(length=120), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("pool IN ('usable', 'quality_control', 'damaged')", name=op.f("ck_lot_levels_pool_known")),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_lot_levels_quantity_not_negative")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_lot_levels_location_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_lot_levels_lot_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_lot_levels_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_levels")),
        sa.UniqueConstraint("lot_id", "location_id", "pool", name=op.f("uq_lot_levels_lot_id_location_id_pool")),
        info={"replicated": True},
    )
    op.create_index(
        op.f("ix_lot_levels_variant_id_location_id"), "lot_levels", ["variant_id", "location_id"], unique=False
    )
    op.create_table(
        "order_change_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("order_change_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("order_discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('added', 'removed', 'price', 'discount')", name=op.f("ck_order_change_entries_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["order_change_id"], ["order_changes.id"], name=op.f("fk_order_change_entries_order_change_id")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_change_entries_order_id")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("fk_order_change_entries_order_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_change_entries")),
        info={"replicated": True},
    )
    op.create_index(
        op.f("ix_order_change_entries_order_change_id"), "order_change_entries", ["order_change_id"], unique=False
    )
    op.create_index(op.f("ix_order_change_entries_order_id"), "order_change_entries", ["order_id"], unique=False)
    op.create_index(
        op.f("ix_order_change_entries_order_line_id"), "order_change_entries", ["order_line_id"], unique=False
    )
    op.create_table(
        "refunds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("return_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("method", sa.String(length=120), nullable=False),
        sa.Column("policy", sa.String(length=120), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("bonus_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "lines", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("method IN ('original', 'store_credit')", name=op.f("ck_refunds_method_known")),
        sa.CheckConstraint("total_minor > 0 AND bonus_minor >= 0", name=op.f("ck_refunds_total_positive")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_refunds_order_id")),
        sa.ForeignKeyConstraint(["return_id"], ["returns.id"], name=op.f("fk_refunds_return_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("number", name=op.f("uq_refunds_number")),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_refunds_order_id"), "refunds", ["order_id"], unique=False)
    op.create_index(op.f("ix_refunds_return_id"), "refunds", ["return_id"], unique=False)
    op.create_table(
        "store_credit_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("return_id", sa.BigInteger(), nullable=True),
        sa.Column("payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "kind IN ('issue', 'spend', 'give_back', 'correct')", name=op.f("ck_store_credit_entries_kind_known")
        ),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_store_credit_entries_amount_not_zero")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_store_credit_entries_customer_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_store_credit_entries_order_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_store_credit_entries_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_credit_entries")),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_store_credit_entries_customer_id"), "store_credit_entries", ["customer_id"], unique=False)
    op.create_table(
        "supplier_invoice_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("supplier_invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("purchase_order_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_cost_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_supplier_invoice_lines_quantity_positive")),
        sa.CheckConstraint("unit_cost_minor >= 0", name=op.f("ck_supplier_invoice_lines_cost_not_negative")),
        sa.ForeignKeyConstraint(
            ["purchase_order_line_id"],
            ["purchase_order_lines.id"],
            name=op.f("fk_supplier_invoice_lines_purchase_order_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_invoice_id"],
            ["supplier_invoices.id"],
            name=op.f("fk_supplier_invoice_lines_supplier_invoice_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_invoice_lines")),
        sa.UniqueConstraint(
            "supplier_invoice_id", "purchase_order_line_id", name="uq_supplier_invoice_lines_order_line"
        ),
        info={"replicated": True},
    )
    op.create_index(
        op.f("ix_supplier_invoice_lines_purchase_order_line_id"),
        "supplier_invoice_lines",
        ["purchase_order_line_id"],
        unique=False,
    )
    op.create_table(
        "supplier_payments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("supplier_invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_supplier_payments_amount_positive")),
        sa.ForeignKeyConstraint(
            ["supplier_invoice_id"], ["supplier_invoices.id"], name=op.f("fk_supplier_payments_supplier_invoice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_payments")),
        info={"replicated": True},
    )
    op.create_index(
        op.f("ix_supplier_payments_supplier_invoice_id"), "supplier_payments", ["supplier_invoice_id"], unique=False
    )
    op.create_table(
        "transfer_discrepancies",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("transfer_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.CheckConstraint("kind IN ('lost', 'found', 'over')", name=op.f("ck_transfer_discrepancies_kind_known")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_transfer_discrepancies_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["transfer_line_id"], ["transfer_lines.id"], name=op.f("fk_transfer_discrepancies_transfer_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_discrepancies")),
        info={"replicated": True},
    )
    op.create_index(
        op.f("ix_transfer_discrepancies_transfer_line_id"), "transfer_discrepancies", ["transfer_line_id"], unique=False
    )
    op.create_table(
        "claims",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=120), nullable=False),
        sa.Column("resolution", sa.String(length=120), nullable=False),
        sa.Column("keeps_item", sa.Boolean(), nullable=False),
        sa.Column("description", sa.String(length=2000), nullable=False),
        sa.Column("decision", sa.String(length=500), nullable=False),
        sa.Column("decided_by", sa.String(length=120), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("return_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("order_change_id", sa.BigInteger(), nullable=True),
        sa.Column("refund_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("resolved_at", UtcDateTime(), nullable=True),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(state = 'resolved') = (resolution <> '')", name=op.f("ck_claims_resolved_has_resolution")),
        sa.CheckConstraint("kind IN ('damaged', 'missing', 'wrong', 'late')", name=op.f("ck_claims_kind_known")),
        sa.CheckConstraint(
            "resolution IN ('', 'refund', 'replacement', 'store_credit', 'none')",
            name=op.f("ck_claims_resolution_known"),
        ),
        sa.CheckConstraint(
            "state IN ('opened', 'approved', 'rejected', 'resolved')", name=op.f("ck_claims_state_known")
        ),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_claims_amount_not_negative")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_claims_customer_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_claims_order_id")),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_claims_refund_id")),
        sa.ForeignKeyConstraint(["return_id"], ["returns.id"], name=op.f("fk_claims_return_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
        sa.UniqueConstraint("number", name=op.f("uq_claims_number")),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_claims_customer_id"), "claims", ["customer_id"], unique=False)
    op.create_index(op.f("ix_claims_order_id"), "claims", ["order_id"], unique=False)
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
    op.create_table(
        "invoice_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("order_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sku", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("tax_bp", sa.BigInteger(), nullable=True),
        sa.Column("before_qty", sa.BigInteger(), nullable=False),
        sa.Column("before_net_minor", sa.BigInteger(), nullable=False),
        sa.Column("before_tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("after_qty", sa.BigInteger(), nullable=False),
        sa.Column("after_net_minor", sa.BigInteger(), nullable=False),
        sa.Column("after_tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('goods', 'shipping', 'other')", name=op.f("ck_invoice_lines_kind_known")),
        sa.CheckConstraint("gross_minor = net_minor + tax_minor", name=op.f("ck_invoice_lines_gross_adds_up")),
        sa.CheckConstraint(
            "quantity = after_qty - before_qty AND net_minor = after_net_minor - before_net_minor AND tax_minor = after_tax_minor - before_tax_minor",
            name=op.f("ck_invoice_lines_difference_adds_up"),
        ),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_lines_invoice_id")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_lines.id"], name=op.f("fk_invoice_lines_order_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_lines")),
        sa.UniqueConstraint("invoice_id", "position", name=op.f("uq_invoice_lines_invoice_id_position")),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_invoice_lines_order_line_id"), "invoice_lines", ["order_line_id"], unique=False)
    op.create_table(
        "landed_cost_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("landed_cost_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("receipt_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["landed_cost_id"], ["landed_costs.id"], name=op.f("fk_landed_cost_lines_landed_cost_id")
        ),
        sa.ForeignKeyConstraint(
            ["receipt_line_id"], ["receipt_lines.id"], name=op.f("fk_landed_cost_lines_receipt_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_landed_cost_lines")),
        sa.UniqueConstraint(
            "landed_cost_id", "receipt_line_id", name=op.f("uq_landed_cost_lines_landed_cost_id_receipt_line_id")
        ),
        info={"replicated": True},
    )
    op.create_index(
        op.f("ix_landed_cost_lines_receipt_line_id"), "landed_cost_lines", ["receipt_line_id"], unique=False
    )
    op.create_table(
        "refund_parts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("refund_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("gateway", sa.String(length=120), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_refund_parts_payment_id")),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_refund_parts_refund_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_parts")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_refund_parts_payment_id")),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_refund_parts_refund_id"), "refund_parts", ["refund_id"], unique=False)
    op.create_table(
        "return_units",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("return_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("location_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("disposition", sa.String(length=120), nullable=False),
        sa.Column("grade", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("counted_at", UtcDateTime(), nullable=False),
        sa.Column("counted_by", sa.String(length=120), nullable=False),
        sa.Column("moved_at", UtcDateTime(), nullable=True),
        sa.Column("inspected_at", UtcDateTime(), nullable=True),
        sa.Column("inspected_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "(moved_at IS NULL) = (disposition IN ('counted', 'not_received'))",
            name=op.f("ck_return_units_in_stock_once_decided"),
        ),
        sa.CheckConstraint(
            "disposition IN ('counted', 'restock', 'damaged', 'quality_control', 'scrap', 'not_received')",
            name=op.f("ck_return_units_disposition_known"),
        ),
        sa.CheckConstraint("grade IN ('', 'a', 'b', 'c', 'd')", name=op.f("ck_return_units_grade_known")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_return_units_location_id")),
        sa.ForeignKeyConstraint(["return_line_id"], ["return_lines.id"], name=op.f("fk_return_units_return_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_units")),
        sa.UniqueConstraint("return_line_id", "position", name=op.f("uq_return_units_return_line_id_position")),
        info={"replicated": True},
    )
    op.create_table(
        "withdrawals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("return_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("refund_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=120), nullable=False),
        sa.Column("doubt", sa.String(length=120), nullable=False),
        sa.Column("channel", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("statement", sa.String(length=2000), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("declared_at", UtcDateTime(), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=False),
        sa.Column("acknowledged_at", UtcDateTime(), nullable=True),
        sa.Column("last_good_on", sa.Date(), nullable=True),
        sa.Column("informed_on", sa.Date(), nullable=True),
        sa.Column("was_informed", sa.Boolean(), nullable=False),
        sa.Column("period_ends_on", sa.Date(), nullable=True),
        sa.Column("send_back_by_on", sa.Date(), nullable=False),
        sa.Column("refund_due_on", sa.Date(), nullable=False),
        sa.Column("shop_collects", sa.Boolean(), nullable=False),
        sa.Column("proof_at", UtcDateTime(), nullable=True),
        sa.Column("proof", sa.String(length=500), nullable=False),
        sa.Column("decision", sa.String(length=500), nullable=False),
        sa.Column("decided_by", sa.String(length=120), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("cancelled_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('web_form', 'email', 'phone', 'post', 'in_person')", name=op.f("ck_withdrawals_channel_known")
        ),
        sa.CheckConstraint("doubt IN ('', 'late', 'business', 'exempt')", name=op.f("ck_withdrawals_doubt_known")),
        sa.CheckConstraint(
            "state IN ('declared', 'undecided', 'goodwill', 'refused', 'settled')",
            name=op.f("ck_withdrawals_state_known"),
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_withdrawals_order_id")),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_withdrawals_refund_id")),
        sa.ForeignKeyConstraint(["return_id"], ["returns.id"], name=op.f("fk_withdrawals_return_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawals")),
        sa.UniqueConstraint("number", name=op.f("uq_withdrawals_number")),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_withdrawals_order_id"), "withdrawals", ["order_id"], unique=False)
    op.create_table(
        "claim_evidence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("body", sa.String(length=2000), nullable=False),
        sa.Column("author", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('photo', 'link', 'text')", name=op.f("ck_claim_evidence_kind_known")),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_evidence_claim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_evidence")),
    )
    op.create_index(op.f("ix_claim_evidence_claim_id"), "claim_evidence", ["claim_id"], unique=False)
    op.create_table(
        "claim_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sku", sa.String(length=120), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_claim_lines_quantity_positive")),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_lines_claim_id")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_lines.id"], name=op.f("fk_claim_lines_order_line_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_claim_lines_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_lines")),
        sa.UniqueConstraint("claim_id", "order_line_id", name=op.f("uq_claim_lines_claim_id_order_line_id")),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_claim_lines_order_line_id"), "claim_lines", ["order_line_id"], unique=False)
    op.create_table(
        "withdrawal_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("withdrawal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sku", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("exempt", sa.String(length=120), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_withdrawal_lines_quantity_positive")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_lines.id"], name=op.f("fk_withdrawal_lines_order_line_id")),
        sa.ForeignKeyConstraint(["withdrawal_id"], ["withdrawals.id"], name=op.f("fk_withdrawal_lines_withdrawal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawal_lines")),
        sa.UniqueConstraint(
            "withdrawal_id", "order_line_id", name=op.f("uq_withdrawal_lines_withdrawal_id_order_line_id")
        ),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_withdrawal_lines_order_line_id"), "withdrawal_lines", ["order_line_id"], unique=False)
    op.add_column(
        "channels", sa.Column("service_window_minutes", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("fulfillment_orders", sa.Column("held_from", sa.String(length=120), nullable=True))
    op.create_index(
        "ix_fulfillment_orders_unfinished",
        "fulfillment_orders",
        ["state"],
        unique=False,
        sqlite_where=sa.text("state NOT IN ('closed', 'cancelled')"),
        postgresql_where=sa.text("state NOT IN ('closed', 'cancelled')"),
    )
    op.add_column("order_adjustments", sa.Column("order_change_id", sa.BigInteger(), nullable=True))
    op.add_column("order_adjustments", sa.Column("added_on", sa.Date(), nullable=True))
    op.add_column(
        "order_lines", sa.Column("is_removed", sa.Boolean(), server_default=sa.text("(false)"), nullable=False)
    )
    op.add_column(
        "order_lines",
        sa.Column("stock_kind", sa.String(length=120), server_default=sa.text("'stocked'"), nullable=False),
    )
    op.add_column(
        "order_lines",
        sa.Column(
            "attributes", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=True
        ),
    )
    op.add_column("order_lines", sa.Column("lead_time_days", sa.BigInteger(), nullable=True))
    op.add_column("order_lines", sa.Column("bundle_sku", sa.String(length=120), nullable=True))
    op.add_column("order_lines", sa.Column("bundle_qty", sa.BigInteger(), nullable=True))
    op.add_column("orders", sa.Column("release_at", UtcDateTime(), nullable=True))
    op.add_column("orders", sa.Column("bill_name", sa.String(length=200), nullable=True))
    op.add_column("orders", sa.Column("bill_line1", sa.String(length=200), nullable=True))
    op.add_column("orders", sa.Column("bill_city", sa.String(length=120), nullable=True))
    op.add_column("orders", sa.Column("bill_postal_code", sa.String(length=20), nullable=True))
    op.add_column("orders", sa.Column("bill_country", sa.String(length=2), nullable=True))
    op.add_column("orders", sa.Column("shop_currency", sa.String(length=3), nullable=True))
    op.add_column("orders", sa.Column("shop_total_minor", sa.BigInteger(), nullable=True))
    op.add_column("orders", sa.Column("shop_rate", sa.String(length=40), nullable=True))
    op.add_column("orders", sa.Column("shop_rate_on", sa.Date(), nullable=True))
    op.add_column("payments", sa.Column("shop_currency", sa.String(length=3), nullable=True))
    op.add_column("payments", sa.Column("shop_amount_minor", sa.BigInteger(), nullable=True))
    op.add_column("payments", sa.Column("shop_rate", sa.String(length=40), nullable=True))
    op.add_column("payments", sa.Column("shop_rate_on", sa.Date(), nullable=True))
    op.add_column("shipments", sa.Column("parent_shipment_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_shipments_riding",
        "shipments",
        ["parent_shipment_id"],
        unique=False,
        sqlite_where=sa.text("parent_shipment_id IS NOT NULL"),
        postgresql_where=sa.text("parent_shipment_id IS NOT NULL"),
    )
    op.create_index(
        "ix_shipments_underway",
        "shipments",
        ["state"],
        unique=False,
        sqlite_where=sa.text("state NOT IN ('delivered', 'voided')"),
        postgresql_where=sa.text("state NOT IN ('delivered', 'voided')"),
    )
    op.add_column("stock_movements", sa.Column("reservation_line_id", sa.BigInteger(), nullable=True))
    op.add_column("stock_movements", sa.Column("count_line_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "transfer_lines", sa.Column("found_qty", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("transfer_lines", sa.Column("over_qty", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column(
        "variants",
        sa.Column("oversell_policy", sa.String(length=120), server_default=sa.text("'deny'"), nullable=False),
    )
    op.add_column(
        "variants", sa.Column("stock_kind", sa.String(length=120), server_default=sa.text("'stocked'"), nullable=False)
    )
    op.add_column("variants", sa.Column("lead_time_days", sa.BigInteger(), nullable=True))
    op.add_column("variants", sa.Column("tracks_lots", sa.Boolean(), server_default=sa.text("(false)"), nullable=False))
    for statement in create_triggers(op.get_bind().dialect.name, TRACKED):
        op.execute(statement)


def downgrade() -> None:
    """Undo this revision."""
    for statement in drop_triggers(op.get_bind().dialect.name, TRACKED):
        op.execute(statement)

    op.drop_column("variants", "tracks_lots")
    op.drop_column("variants", "lead_time_days")
    op.drop_column("variants", "stock_kind")
    op.drop_column("variants", "oversell_policy")
    op.drop_column("transfer_lines", "over_qty")
    op.drop_column("transfer_lines", "found_qty")
    op.drop_column("stock_movements", "count_line_id")
    op.drop_column("stock_movements", "reservation_line_id")
    op.drop_index(
        "ix_shipments_underway",
        table_name="shipments",
        sqlite_where=sa.text("state NOT IN ('delivered', 'voided')"),
        postgresql_where=sa.text("state NOT IN ('delivered', 'voided')"),
    )
    op.drop_index(
        "ix_shipments_riding",
        table_name="shipments",
        sqlite_where=sa.text("parent_shipment_id IS NOT NULL"),
        postgresql_where=sa.text("parent_shipment_id IS NOT NULL"),
    )
    op.drop_column("shipments", "parent_shipment_id")
    op.drop_column("payments", "shop_rate_on")
    op.drop_column("payments", "shop_rate")
    op.drop_column("payments", "shop_amount_minor")
    op.drop_column("payments", "shop_currency")
    op.drop_column("orders", "shop_rate_on")
    op.drop_column("orders", "shop_rate")
    op.drop_column("orders", "shop_total_minor")
    op.drop_column("orders", "shop_currency")
    op.drop_column("orders", "bill_country")
    op.drop_column("orders", "bill_postal_code")
    op.drop_column("orders", "bill_city")
    op.drop_column("orders", "bill_line1")
    op.drop_column("orders", "bill_name")
    op.drop_column("orders", "release_at")
    op.drop_column("order_lines", "bundle_qty")
    op.drop_column("order_lines", "bundle_sku")
    op.drop_column("order_lines", "lead_time_days")
    op.drop_column("order_lines", "attributes")
    op.drop_column("order_lines", "stock_kind")
    op.drop_column("order_lines", "is_removed")
    op.drop_column("order_adjustments", "added_on")
    op.drop_column("order_adjustments", "order_change_id")
    op.drop_index(
        "ix_fulfillment_orders_unfinished",
        table_name="fulfillment_orders",
        sqlite_where=sa.text("state NOT IN ('closed', 'cancelled')"),
        postgresql_where=sa.text("state NOT IN ('closed', 'cancelled')"),
    )
    op.drop_column("fulfillment_orders", "held_from")
    op.drop_column("channels", "service_window_minutes")
    op.drop_index(op.f("ix_withdrawal_lines_order_line_id"), table_name="withdrawal_lines")
    op.drop_table("withdrawal_lines")
    op.drop_index(op.f("ix_claim_lines_order_line_id"), table_name="claim_lines")
    op.drop_table("claim_lines")
    op.drop_index(op.f("ix_claim_evidence_claim_id"), table_name="claim_evidence")
    op.drop_table("claim_evidence")
    op.drop_index(op.f("ix_withdrawals_order_id"), table_name="withdrawals")
    op.drop_table("withdrawals")
    op.drop_table("return_units")
    op.drop_index(op.f("ix_refund_parts_refund_id"), table_name="refund_parts")
    op.drop_table("refund_parts")
    op.drop_index(op.f("ix_landed_cost_lines_receipt_line_id"), table_name="landed_cost_lines")
    op.drop_table("landed_cost_lines")
    op.drop_index(op.f("ix_invoice_lines_order_line_id"), table_name="invoice_lines")
    op.drop_table("invoice_lines")
    op.drop_index(op.f("ix_fulfillment_holds_order_id"), table_name="fulfillment_holds")
    op.drop_index(
        "ix_fulfillment_holds_active",
        table_name="fulfillment_holds",
        sqlite_where=sa.text("released_at IS NULL"),
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.drop_table("fulfillment_holds")
    op.drop_index(op.f("ix_claims_order_id"), table_name="claims")
    op.drop_index(op.f("ix_claims_customer_id"), table_name="claims")
    op.drop_table("claims")
    op.drop_index(op.f("ix_transfer_discrepancies_transfer_line_id"), table_name="transfer_discrepancies")
    op.drop_table("transfer_discrepancies")
    op.drop_index(op.f("ix_supplier_payments_supplier_invoice_id"), table_name="supplier_payments")
    op.drop_table("supplier_payments")
    op.drop_index(op.f("ix_supplier_invoice_lines_purchase_order_line_id"), table_name="supplier_invoice_lines")
    op.drop_table("supplier_invoice_lines")
    op.drop_index(op.f("ix_store_credit_entries_customer_id"), table_name="store_credit_entries")
    op.drop_table("store_credit_entries")
    op.drop_index(op.f("ix_refunds_return_id"), table_name="refunds")
    op.drop_index(op.f("ix_refunds_order_id"), table_name="refunds")
    op.drop_table("refunds")
    op.drop_index(op.f("ix_order_change_entries_order_line_id"), table_name="order_change_entries")
    op.drop_index(op.f("ix_order_change_entries_order_id"), table_name="order_change_entries")
    op.drop_index(op.f("ix_order_change_entries_order_change_id"), table_name="order_change_entries")
    op.drop_table("order_change_entries")
    op.drop_index(op.f("ix_lot_levels_variant_id_location_id"), table_name="lot_levels")
    op.drop_table("lot_levels")
    op.drop_index(op.f("ix_lot_entries_transfer_line_id"), table_name="lot_entries")
    op.drop_index(op.f("ix_lot_entries_shipment_line_id"), table_name="lot_entries")
    op.drop_index(op.f("ix_lot_entries_lot_id_location_id"), table_name="lot_entries")
    op.drop_table("lot_entries")
    op.drop_index(op.f("ix_ledger_matches_settling_id"), table_name="ledger_matches")
    op.drop_index(op.f("ix_ledger_matches_claim_id"), table_name="ledger_matches")
    op.drop_table("ledger_matches")
    op.drop_table("landed_costs")
    op.drop_index("uq_invoices_series", table_name="invoices")
    op.drop_index(
        "uq_invoices_order_id",
        table_name="invoices",
        sqlite_where=sa.text("kind = 'invoice'"),
        postgresql_where=sa.text("kind = 'invoice'"),
    )
    op.drop_index(op.f("ix_invoices_return_id"), table_name="invoices")
    op.drop_index(op.f("ix_invoices_customer_id"), table_name="invoices")
    op.drop_index(op.f("ix_invoices_corrects_id"), table_name="invoices")
    op.drop_table("invoices")
    op.drop_index(op.f("ix_exchanges_order_id"), table_name="exchanges")
    op.drop_table("exchanges")
    op.drop_index(op.f("ix_backorders_variant_id_state"), table_name="backorders")
    op.drop_index(op.f("ix_backorders_purchase_order_line_id"), table_name="backorders")
    op.drop_index(op.f("ix_backorders_order_line_id"), table_name="backorders")
    op.drop_table("backorders")
    op.drop_index(op.f("ix_supplier_invoices_purchase_order_id"), table_name="supplier_invoices")
    op.drop_table("supplier_invoices")
    op.drop_table("stock_count_lines")
    op.drop_index(
        "ix_risk_assessments_open",
        table_name="risk_assessments",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_table("risk_assessments")
    op.drop_table("reservation_lines")
    op.drop_index(op.f("ix_order_tags_tag"), table_name="order_tags")
    op.drop_table("order_tags")
    op.drop_index(op.f("ix_order_notes_order_id"), table_name="order_notes")
    op.drop_table("order_notes")
    op.drop_index(op.f("ix_order_changes_order_id"), table_name="order_changes")
    op.drop_table("order_changes")
    op.drop_index(op.f("ix_opening_costs_variant_id"), table_name="opening_costs")
    op.drop_table("opening_costs")
    op.drop_index(op.f("ix_lots_expires_on"), table_name="lots")
    op.drop_table("lots")
    op.drop_index(op.f("ix_ledger_entries_side_due_on"), table_name="ledger_entries")
    op.drop_index(op.f("ix_ledger_entries_party_currency"), table_name="ledger_entries")
    op.drop_index(op.f("ix_ledger_entries_order_id"), table_name="ledger_entries")
    op.drop_table("ledger_entries")
    op.drop_index(op.f("ix_duplicate_suspicions_other_order_id"), table_name="duplicate_suspicions")
    op.drop_index(
        "ix_duplicate_suspicions_open",
        table_name="duplicate_suspicions",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_table("duplicate_suspicions")
    op.drop_index(op.f("ix_drafts_state"), table_name="drafts")
    op.drop_table("drafts")
    op.drop_table("cod_remittance_lines")
    op.drop_index(op.f("ix_channel_stock_rules_variant_id"), table_name="channel_stock_rules")
    op.drop_table("channel_stock_rules")
    op.drop_index(op.f("ix_bundle_components_component_variant_id"), table_name="bundle_components")
    op.drop_table("bundle_components")
    op.drop_table("store_credit_accounts")
    op.drop_table("stock_counts")
    op.drop_index(op.f("ix_reservations_state_expires_at"), table_name="reservations")
    op.drop_table("reservations")
    op.drop_table("saved_views")
    op.drop_table("risk_rules")
    op.drop_table("return_reasons")
    op.drop_table("refund_policies")
    op.drop_table("exchange_rates")
    op.drop_table("document_counters")
    op.drop_index(op.f("ix_customer_messages_sent_at"), table_name="customer_messages")
    op.drop_index(op.f("ix_customer_messages_object_type_object_id"), table_name="customer_messages")
    op.drop_table("customer_messages")
    op.drop_table("cod_remittances")
    op.drop_table("api_tokens")
