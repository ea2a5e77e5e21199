"""Customer intelligence and buying: snapshots, campaigns, reports, approvals.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from oms_core.kernel.change_log import create_triggers, drop_triggers
from oms_core.kernel.database import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

#: Tables of this revision followed by replicas.
TRACKED: tuple[str, ...] = (
    "forecast_overrides",
    "forecast_scores",
)


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "alert_rules",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("measure", sa.String(length=120), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("direction", sa.String(length=120), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("set_by", sa.String(length=120), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("direction IN ('above', 'below')", name=op.f("ck_alert_rules_direction_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_rules")),
        sa.UniqueConstraint("measure", "place", "direction", name=op.f("uq_alert_rules_measure_place_direction")),
    )
    op.create_table(
        "check_runs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("laws", sa.BigInteger(), nullable=False),
        sa.Column("broken", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.CheckConstraint("broken >= 0 AND broken <= laws", name=op.f("ck_check_runs_broken_within_laws")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_runs")),
    )
    op.create_index(op.f("ix_check_runs_started_at"), "check_runs", ["started_at"], unique=False)
    op.create_table(
        "saved_queries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column(
            "question", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_queries")),
        sa.UniqueConstraint("name", name=op.f("uq_saved_queries_name")),
    )
    op.create_table(
        "segment_models",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column(
            "body", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.CheckConstraint("kind IN ('clusters')", name=op.f("ck_segment_models_kind_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment_models")),
        sa.UniqueConstraint("kind", "version", name=op.f("uq_segment_models_kind_version")),
    )
    op.create_table(
        "segment_snapshots",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("segment", sa.String(length=120), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("expression", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("trigger_kind", sa.String(length=120), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("customers", sa.BigInteger(), nullable=False),
        sa.Column("members", sa.BigInteger(), nullable=False),
        sa.Column("entered_count", sa.BigInteger(), nullable=False),
        sa.Column("left_count", sa.BigInteger(), nullable=False),
        sa.Column(
            "reachable", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("spent_12m_minor", sa.BigInteger(), nullable=False),
        sa.Column("expected_90d_minor", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "trigger_kind IN ('night', 'person', 'freeze')", name=op.f("ck_segment_snapshots_trigger_kind_known")
        ),
        sa.CheckConstraint("entered_count <= members", name=op.f("ck_segment_snapshots_entered_within_members")),
        sa.CheckConstraint(
            "members >= 0 AND entered_count >= 0 AND left_count >= 0",
            name=op.f("ck_segment_snapshots_counts_not_negative"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment_snapshots")),
    )
    op.create_index(op.f("ix_segment_snapshots_segment_id"), "segment_snapshots", ["segment", "id"], unique=False)
    op.create_table(
        "value_forecasts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("horizon_days", sa.BigInteger(), nullable=False),
        sa.Column("stored_at", UtcDateTime(), nullable=False),
        sa.Column("is_reenacted", sa.Boolean(), nullable=False),
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("boundary", sa.Text(), nullable=False),
        sa.Column("customers", sa.BigInteger(), nullable=False),
        sa.Column("orders", sa.Double(), nullable=False),
        sa.Column("orders_low", sa.Double(), nullable=False),
        sa.Column("orders_high", sa.Double(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("value_low", sa.Double(), nullable=False),
        sa.Column("value_high", sa.Double(), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=True),
        sa.Column("scored_at", UtcDateTime(), nullable=True),
        sa.Column("orders_came", sa.BigInteger(), nullable=True),
        sa.Column("value_came", sa.Double(), nullable=True),
        sa.Column("mae", sa.Double(), nullable=True),
        sa.Column("ece", sa.Double(), nullable=True),
        sa.Column("reliability", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "(scored_at IS NULL) = (orders_came IS NULL)", name=op.f("ck_value_forecasts_scored_has_orders")
        ),
        sa.CheckConstraint("horizon_days >= 1", name=op.f("ck_value_forecasts_horizon_positive")),
        sa.CheckConstraint(
            "orders_low <= orders AND orders <= orders_high", name=op.f("ck_value_forecasts_orders_within_interval")
        ),
        sa.CheckConstraint(
            "value_low <= value AND value <= value_high", name=op.f("ck_value_forecasts_value_within_interval")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_value_forecasts")),
        sa.UniqueConstraint("made_on", "horizon_days", name=op.f("uq_value_forecasts_made_on_horizon_days")),
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("alert_rule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("crossed_at", UtcDateTime(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("acknowledged_at", UtcDateTime(), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=120), nullable=True),
        sa.CheckConstraint(
            "(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name=op.f("ck_alerts_acknowledged_has_who")
        ),
        sa.ForeignKeyConstraint(["alert_rule_id"], ["alert_rules.id"], name=op.f("fk_alerts_alert_rule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index(op.f("ix_alerts_alert_rule_id"), "alerts", ["alert_rule_id"], unique=False)
    op.create_index(
        "uq_alerts_open",
        "alerts",
        ["alert_rule_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "check_findings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("check_run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("law", sa.String(length=120), nullable=False),
        sa.Column("checked", sa.BigInteger(), nullable=False),
        sa.Column("broken", sa.BigInteger(), nullable=False),
        sa.Column("first_broken", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["check_run_id"], ["check_runs.id"], name=op.f("fk_check_findings_check_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_findings")),
        sa.UniqueConstraint("check_run_id", "law", name=op.f("uq_check_findings_check_run_id_law")),
    )
    op.create_table(
        "customer_merges",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("kept_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("merged_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column(
            "moved", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.Column("undone_by", sa.String(length=120), nullable=True),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name=op.f("ck_customer_merges_undone_has_who")),
        sa.CheckConstraint("kept_id <> merged_id", name=op.f("ck_customer_merges_two_customers")),
        sa.ForeignKeyConstraint(["kept_id"], ["customers.id"], name=op.f("fk_customer_merges_kept_id")),
        sa.ForeignKeyConstraint(["merged_id"], ["customers.id"], name=op.f("fk_customer_merges_merged_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_merges")),
    )
    op.create_index(op.f("ix_customer_merges_kept_id"), "customer_merges", ["kept_id"], unique=False)
    op.create_index(
        "uq_customer_merges_merged_id",
        "customer_merges",
        ["merged_id"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_table(
        "customer_traits",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column(
            "body", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_customer_traits_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_traits")),
        sa.UniqueConstraint("customer_id", name=op.f("uq_customer_traits_customer_id")),
    )
    op.create_table(
        "report_schedules",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("saved_query_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("format", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=120), nullable=False),
        sa.Column("cadence", sa.String(length=120), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("weekday", sa.BigInteger(), nullable=True),
        sa.Column("month_day", sa.BigInteger(), nullable=True),
        sa.Column(
            "recipients", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("next_run_at", UtcDateTime(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(cadence = 'monthly') = (month_day IS NOT NULL) AND (month_day IS NULL OR month_day BETWEEN 1 AND 31)",
            name=op.f("ck_report_schedules_monthly_has_day"),
        ),
        sa.CheckConstraint(
            "(cadence = 'weekly') = (weekday IS NOT NULL) AND (weekday IS NULL OR weekday BETWEEN 1 AND 7)",
            name=op.f("ck_report_schedules_weekly_has_weekday"),
        ),
        sa.CheckConstraint("cadence IN ('daily', 'weekly', 'monthly')", name=op.f("ck_report_schedules_cadence_known")),
        sa.CheckConstraint("format IN ('csv', 'xlsx', 'pdf')", name=op.f("ck_report_schedules_format_known")),
        sa.CheckConstraint("language IN ('en', 'pl')", name=op.f("ck_report_schedules_language_known")),
        sa.CheckConstraint("hour >= 0 AND hour <= 23", name=op.f("ck_report_schedules_hour_of_day")),
        sa.ForeignKeyConstraint(
            ["saved_query_id"], ["saved_queries.id"], name=op.f("fk_report_schedules_saved_query_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_schedules")),
        sa.UniqueConstraint("name", name=op.f("uq_report_schedules_name")),
    )
    op.create_index(op.f("ix_report_schedules_next_run_at"), "report_schedules", ["next_run_at"], unique=False)
    op.create_index(op.f("ix_report_schedules_saved_query_id"), "report_schedules", ["saved_query_id"], unique=False)
    op.create_table(
        "segment_members",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("segment", sa.String(length=120), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entered_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("left_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "came_because",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "went_because", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=True
        ),
        sa.CheckConstraint("left_id > entered_id", name=op.f("ck_segment_members_leaves_after_entering")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_segment_members_customer_id")),
        sa.ForeignKeyConstraint(["entered_id"], ["segment_snapshots.id"], name=op.f("fk_segment_members_entered_id")),
        sa.ForeignKeyConstraint(["left_id"], ["segment_snapshots.id"], name=op.f("fk_segment_members_left_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment_members")),
        sa.UniqueConstraint(
            "segment", "customer_id", "entered_id", name=op.f("uq_segment_members_segment_customer_id_entered_id")
        ),
    )
    op.create_index(op.f("ix_segment_members_customer_id"), "segment_members", ["customer_id"], unique=False)
    op.create_index(op.f("ix_segment_members_segment_left_id"), "segment_members", ["segment", "left_id"], unique=False)
    op.create_table(
        "forecast_overrides",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("units", sa.Double(), nullable=False),
        sa.Column("model_units", sa.Double(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("author", sa.String(length=120), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=120), nullable=True),
        sa.Column("actual_units", sa.Double(), nullable=True),
        sa.Column("scored_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_forecast_overrides_reason_given")),
        sa.CheckConstraint(
            "(actual_units IS NULL) = (scored_at IS NULL)", name=op.f("ck_forecast_overrides_scored_has_units")
        ),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name=op.f("ck_forecast_overrides_withdrawn_has_who")
        ),
        sa.CheckConstraint("units >= 0 AND model_units >= 0", name=op.f("ck_forecast_overrides_units_not_negative")),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_forecast_overrides_until_not_before_from")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_forecast_overrides_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast_overrides")),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_forecast_overrides_variant_id"), "forecast_overrides", ["variant_id"], unique=False)
    op.create_table(
        "forecast_scores",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("forecast_run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("mean", sa.Double(), nullable=False),
        sa.Column("low", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=False),
        sa.Column("naive", sa.Double(), nullable=False),
        sa.Column("seasonal_naive", sa.Double(), nullable=False),
        sa.Column("actual", sa.Double(), nullable=False),
        sa.Column("inside", sa.Double(), nullable=False),
        sa.Column("scored_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("days >= 1", name=op.f("ck_forecast_scores_days_positive")),
        sa.CheckConstraint("inside >= 0 AND inside <= 1", name=op.f("ck_forecast_scores_inside_is_share")),
        sa.CheckConstraint("low <= high", name=op.f("ck_forecast_scores_low_within_high")),
        sa.ForeignKeyConstraint(
            ["forecast_run_id"], ["forecast_runs.id"], name=op.f("fk_forecast_scores_forecast_run_id")
        ),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_forecast_scores_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast_scores")),
        sa.UniqueConstraint(
            "forecast_run_id", "variant_id", "days", name=op.f("uq_forecast_scores_forecast_run_id_variant_id_days")
        ),
        info={"replicated": True},
    )
    op.create_index(op.f("ix_forecast_scores_variant_id"), "forecast_scores", ["variant_id"], unique=False)
    op.create_table(
        "report_runs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("report_schedule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slot_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=120), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "delivered", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column(
            "refused", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.CheckConstraint("(state = 'failed') = (error <> '')", name=op.f("ck_report_runs_failed_has_error")),
        sa.CheckConstraint(
            "(state IN ('sent', 'failed')) = (finished_at IS NOT NULL)", name=op.f("ck_report_runs_finished_has_time")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'preparing', 'sending', 'failed', 'sent')", name=op.f("ck_report_runs_state_known")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_report_runs_attempts_not_negative")),
        sa.ForeignKeyConstraint(
            ["report_schedule_id"], ["report_schedules.id"], name=op.f("fk_report_runs_report_schedule_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_runs")),
        sa.UniqueConstraint("report_schedule_id", "slot_at", name=op.f("uq_report_runs_report_schedule_id_slot_at")),
    )
    op.create_index(
        "ix_report_runs_unfinished",
        "report_runs",
        ["state"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'preparing', 'sending')"),
        postgresql_where=sa.text("state IN ('waiting', 'preparing', 'sending')"),
    )
    op.add_column("customer_scores", sa.Column("p_active_30d", sa.Double(), nullable=True))
    op.add_column("customer_scores", sa.Column("next_order_on", sa.Date(), nullable=True))
    op.add_column("customers", sa.Column("merged_into_id", sa.BigInteger(), nullable=True))
    op.add_column("segments", sa.Column("is_list", sa.Boolean(), server_default=sa.text("(false)"), nullable=False))
    op.add_column(
        "segments", sa.Column("author", sa.String(length=120), server_default=sa.text("('')"), nullable=False)
    )
    for statement in create_triggers(op.get_bind().dialect.name, TRACKED):
        op.execute(statement)


def downgrade() -> None:
    """Undo this revision."""
    for statement in drop_triggers(op.get_bind().dialect.name, TRACKED):
        op.execute(statement)

    op.drop_column("segments", "author")
    op.drop_column("segments", "is_list")
    op.drop_column("customers", "merged_into_id")
    op.drop_column("customer_scores", "next_order_on")
    op.drop_column("customer_scores", "p_active_30d")
    op.drop_index(
        "ix_report_runs_unfinished",
        table_name="report_runs",
        sqlite_where=sa.text("state IN ('waiting', 'preparing', 'sending')"),
        postgresql_where=sa.text("state IN ('waiting', 'preparing', 'sending')"),
    )
    op.drop_table("report_runs")
    op.drop_index(op.f("ix_forecast_scores_variant_id"), table_name="forecast_scores")
    op.drop_table("forecast_scores")
    op.drop_index(op.f("ix_forecast_overrides_variant_id"), table_name="forecast_overrides")
    op.drop_table("forecast_overrides")
    op.drop_index(op.f("ix_segment_members_segment_left_id"), table_name="segment_members")
    op.drop_index(op.f("ix_segment_members_customer_id"), table_name="segment_members")
    op.drop_table("segment_members")
    op.drop_index(op.f("ix_report_schedules_saved_query_id"), table_name="report_schedules")
    op.drop_index(op.f("ix_report_schedules_next_run_at"), table_name="report_schedules")
    op.drop_table("report_schedules")
    op.drop_table("customer_traits")
    op.drop_index(
        "uq_customer_merges_merged_id",
        table_name="customer_merges",
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.drop_index(op.f("ix_customer_merges_kept_id"), table_name="customer_merges")
    op.drop_table("customer_merges")
    op.drop_table("check_findings")
    op.drop_index(
        "uq_alerts_open",
        table_name="alerts",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_alerts_alert_rule_id"), table_name="alerts")
    op.drop_table("alerts")
    op.drop_table("value_forecasts")
    op.drop_index(op.f("ix_segment_snapshots_segment_id"), table_name="segment_snapshots")
    op.drop_table("segment_snapshots")
    op.drop_table("segment_models")
    op.drop_table("saved_queries")
    op.drop_index(op.f("ix_check_runs_started_at"), table_name="check_runs")
    op.drop_table("check_runs")
    op.drop_table("alert_rules")
