"""What checks of the numbers found, and thresholds with the alerts they raised."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import Base, Code, Pk, one_of

DIRECTIONS = ("above", "below")
_OPEN = sa.text("ended_at IS NULL")


class CheckRun(Base):
    """One verification of every law, identity and reconciliation: when, how long, how many hold.

    `error` says why it could not be finished.
    """

    __tablename__ = "check_runs"
    __table_args__ = (
        sa.CheckConstraint("broken >= 0 AND broken <= laws", name="broken_within_laws"),
        sa.Index(None, "started_at"),
    )

    id: Mapped[Pk]
    started_at: Mapped[datetime]
    duration_ms: Mapped[int]
    actor: Mapped[Code]
    laws: Mapped[int]
    broken: Mapped[int]
    error: Mapped[str] = mapped_column(sa.Text, default="")


class CheckFinding(Base):
    """What one law said in one run; those of old runs are kept only where they were broken."""

    __tablename__ = "check_findings"
    __table_args__ = (sa.UniqueConstraint("check_run_id", "law"),)

    id: Mapped[Pk]
    check_run_id: Mapped[int] = mapped_column(sa.ForeignKey("check_runs.id"))
    law: Mapped[Code]
    checked: Mapped[int]
    broken: Mapped[int]
    first_broken: Mapped[str | None] = mapped_column(sa.Text)


class AlertRule(Base):
    """A threshold somebody set on a number of the board; `place` is a location's code, empty for all places."""

    __tablename__ = "alert_rules"
    __table_args__ = (
        sa.UniqueConstraint("measure", "place", "direction"),
        one_of("direction", DIRECTIONS),
    )

    id: Mapped[Pk]
    measure: Mapped[Code]
    place: Mapped[Code] = mapped_column(default="")
    direction: Mapped[Code]
    threshold: Mapped[float]
    set_by: Mapped[Code]
    set_at: Mapped[datetime]


class Alert(Base):
    """One crossing of a threshold: from when, until when, who has seen it. A rule has one open alert at most."""

    __tablename__ = "alerts"
    __table_args__ = (
        sa.CheckConstraint("(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name="acknowledged_has_who"),
        sa.Index("uq_alerts_open", "alert_rule_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[Pk]
    alert_rule_id: Mapped[int] = mapped_column(sa.ForeignKey("alert_rules.id"), index=True)
    crossed_at: Mapped[datetime]
    value: Mapped[float]
    threshold: Mapped[float]
    ended_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[Code | None]
