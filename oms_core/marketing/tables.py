"""Segment definitions, customer scores, export register."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import REPLICATED, Base, Code, Pk


class Segment(Base):
    """A named segment: its definition is an expression; a new version for every change."""

    __tablename__ = "segments"
    __table_args__ = (sa.UniqueConstraint("name", "version"), REPLICATED)

    id: Mapped[Pk]
    name: Mapped[Code]
    version: Mapped[int] = mapped_column(default=1)
    expression: Mapped[str] = mapped_column(sa.Text)
    description: Mapped[str] = mapped_column(sa.Text, default="")
    is_current: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    #: A list holds whom it held when it was frozen; a living segment is asked anew.
    is_list: Mapped[bool] = mapped_column(default=False, server_default=sa.text("false"))
    author: Mapped[Code] = mapped_column(default="", server_default=sa.text("''"))


class CustomerScore(Base):
    """A customer's predicted value as stored before the fact; one row a customer, the latest fit."""

    __tablename__ = "customer_scores"
    __table_args__ = (sa.UniqueConstraint("customer_id"), REPLICATED)

    id: Mapped[Pk]
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customers.id"))
    at: Mapped[datetime]
    model: Mapped[Code]
    horizon_days: Mapped[int]
    expected_orders: Mapped[float]
    expected_value: Mapped[float]
    value_lo_90: Mapped[float]
    value_hi_90: Mapped[float]
    p_active: Mapped[float]
    p_alive: Mapped[float]
    expected_value_12m: Mapped[float | None]
    p_active_30d: Mapped[float | None]
    next_order_on: Mapped[date | None]


class SegmentExport(Base):
    """What left the house: file, purpose, counts and the manifest with who was left out and why."""

    __tablename__ = "segment_exports"
    __table_args__ = (REPLICATED,)

    id: Mapped[Pk]
    at: Mapped[datetime]
    actor: Mapped[Code]
    segment: Mapped[str] = mapped_column(sa.Text)
    destination: Mapped[Code]
    purpose: Mapped[Code]
    file_name: Mapped[str] = mapped_column(sa.String(300))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    members: Mapped[int]
    exported: Mapped[int]
    dropped: Mapped[int]
    manifest: Mapped[dict[str, Any]]


class SegmentExportMember(Base):
    """One person in one export: so that erasure can name every file that held them."""

    __tablename__ = "segment_export_members"

    id: Mapped[Pk]
    segment_export_id: Mapped[int] = mapped_column(sa.ForeignKey("segment_exports.id"), index=True)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customers.id"), index=True)
    outcome: Mapped[Code]
