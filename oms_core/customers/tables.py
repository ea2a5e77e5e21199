"""Customers, their identities, addresses and consents."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import REPLICATED, Base, Code, Pk, one_of

CUSTOMER_KINDS = ("consumer", "business")
IDENTITY_KINDS = ("email", "phone", "external")
CONSENT_CHANNELS = ("email", "sms", "ads")
CONSENT_STATES = ("subscribed", "pending", "unsubscribed", "not_subscribed", "invalid", "redacted")


class Customer(Base):
    """A buyer. Place fields are those of the latest order; `erased_at` marks a scrubbed person."""

    __tablename__ = "customers"
    __table_args__ = (one_of("kind", CUSTOMER_KINDS), REPLICATED)

    id: Mapped[Pk]
    number: Mapped[Code] = mapped_column(unique=True)
    kind: Mapped[Code] = mapped_column(default="consumer")
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    email: Mapped[str | None] = mapped_column(sa.String(254), index=True)
    phone: Mapped[str | None] = mapped_column(sa.String(40))
    language: Mapped[str] = mapped_column(sa.String(5), default="")
    country: Mapped[str] = mapped_column(sa.String(2), default="")
    region: Mapped[Code] = mapped_column(default="")
    city: Mapped[Code] = mapped_column(default="")
    postal_code: Mapped[str] = mapped_column(sa.String(20), default="")
    is_simulated: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]
    #: The customer this record was found to be, see `merging`; it owns nothing any more.
    merged_into_id: Mapped[int | None]


class CustomerIdentity(Base):
    """One name a customer is known by: e-mail, phone, or an id in a channel (`source`)."""

    __tablename__ = "customer_identities"
    __table_args__ = (
        sa.UniqueConstraint("kind", "source", "value"),
        one_of("kind", IDENTITY_KINDS),
    )

    id: Mapped[Pk]
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customers.id"), index=True)
    kind: Mapped[Code]
    source: Mapped[Code] = mapped_column(default="")
    value: Mapped[str] = mapped_column(sa.String(254))


class Address(Base):
    """A postal address of a customer."""

    __tablename__ = "addresses"

    id: Mapped[Pk]
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customers.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    line1: Mapped[str] = mapped_column(sa.String(200), default="")
    line2: Mapped[str] = mapped_column(sa.String(200), default="")
    city: Mapped[Code] = mapped_column(default="")
    region: Mapped[Code] = mapped_column(default="")
    postal_code: Mapped[str] = mapped_column(sa.String(20), default="")
    country: Mapped[str] = mapped_column(sa.String(2))
    is_default: Mapped[bool] = mapped_column(default=True)


class Consent(Base):
    """The state of one permission: channel × purpose, with its source, wording and time."""

    __tablename__ = "consents"
    __table_args__ = (
        sa.UniqueConstraint("customer_id", "channel", "purpose"),
        one_of("channel", CONSENT_CHANNELS),
        one_of("state", CONSENT_STATES),
        REPLICATED,
    )

    id: Mapped[Pk]
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customers.id"), index=True)
    channel: Mapped[Code]
    purpose: Mapped[Code] = mapped_column(default="marketing")
    state: Mapped[Code]
    source: Mapped[Code] = mapped_column(default="")
    wording_version: Mapped[Code] = mapped_column(default="")
    is_simulated: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]
