"""Saved questions, schedules of reports, and every run of one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import Base, Code, Json, Pk, one_of
from oms_core.reporting.states import REPORT_RUN

FORMATS = ("csv", "xlsx", "pdf")
CADENCES = ("daily", "weekly", "monthly")
LANGUAGES = ("en", "pl")

_WAITING = sa.text("state IN ('waiting', 'preparing', 'sending')")


class SavedQuery(Base):
    """A question to the numbers under a name: what the Ask page's address holds.

    A private one is listed for its owner alone; a shared one for everybody.
    """

    __tablename__ = "saved_queries"
    __table_args__ = (sa.UniqueConstraint("name"),)

    id: Mapped[Pk]
    name: Mapped[str] = mapped_column(sa.String(60))
    owner: Mapped[Code]
    is_shared: Mapped[bool] = mapped_column(default=True)
    question: Mapped[dict[str, Any]] = mapped_column(Json)
    saved_at: Mapped[datetime]


class ReportSchedule(Base):
    """When which saved question goes to whom, at an hour in the shop's zone.

    `weekday` counts from Monday, 1. A `month_day` beyond a month's end is its last day. `next_run_at` is the
    next slot; a paused schedule keeps it and is not looked at.
    """

    __tablename__ = "report_schedules"
    __table_args__ = (
        sa.UniqueConstraint("name"),
        one_of("cadence", CADENCES),
        one_of("format", FORMATS),
        one_of("language", LANGUAGES),
        sa.CheckConstraint("hour >= 0 AND hour <= 23", name="hour_of_day"),
        sa.CheckConstraint(
            "(cadence = 'weekly') = (weekday IS NOT NULL) AND (weekday IS NULL OR weekday BETWEEN 1 AND 7)",
            name="weekly_has_weekday",
        ),
        sa.CheckConstraint(
            "(cadence = 'monthly') = (month_day IS NOT NULL) AND (month_day IS NULL OR month_day BETWEEN 1 AND 31)",
            name="monthly_has_day",
        ),
        sa.Index(None, "next_run_at"),
    )

    id: Mapped[Pk]
    name: Mapped[str] = mapped_column(sa.String(60))
    saved_query_id: Mapped[int] = mapped_column(sa.ForeignKey("saved_queries.id"), index=True)
    format: Mapped[Code]
    language: Mapped[Code]
    cadence: Mapped[Code]
    hour: Mapped[int]
    weekday: Mapped[int | None]
    month_day: Mapped[int | None]
    recipients: Mapped[list[Any]]
    next_run_at: Mapped[datetime]
    is_paused: Mapped[bool] = mapped_column(default=False)
    owner: Mapped[Code]
    created_at: Mapped[datetime]


class ReportRun(Base):
    """One slot of a schedule: what became of it. One row a slot, whatever happens, however many workers there are.

    `lease_until` is how long the process that took the run may be silent. `delivered` names who has the mail,
    `refused` whom the server would not take, with its words.
    """

    __tablename__ = "report_runs"
    __table_args__ = (
        sa.UniqueConstraint("report_schedule_id", "slot_at"),
        one_of("state", REPORT_RUN.states),
        sa.CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        sa.CheckConstraint("(state = 'failed') = (error <> '')", name="failed_has_error"),
        sa.CheckConstraint("(state IN ('sent', 'failed')) = (finished_at IS NOT NULL)", name="finished_has_time"),
        sa.Index("ix_report_runs_unfinished", "state", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    id: Mapped[Pk]
    report_schedule_id: Mapped[int] = mapped_column(sa.ForeignKey("report_schedules.id"))
    slot_at: Mapped[datetime]
    state: Mapped[Code] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(sa.Text, default="")
    last_error: Mapped[str] = mapped_column(sa.Text, default="")
    file_name: Mapped[str] = mapped_column(sa.String(200), default="")
    rows: Mapped[int | None]
    bytes: Mapped[int | None]
    sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    delivered: Mapped[list[Any]]
    refused: Mapped[dict[str, Any]]
