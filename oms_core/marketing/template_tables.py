"""What is written to people: the versions of message templates, never changed once kept."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import Base, Code, Pk, one_of

#: What a message is sent by; also the consent it needs.
MEDIA = ("email", "sms")
#: Languages a message may be written in; names are declined and amounts written as the language does.
LANGUAGES = ("en", "pl")


class MessageTemplate(Base):
    """One version of a template. A change is a new version, so an export's manifest always names what was written.

    `sha256` is of language, subject, text and html, so that two versions with the same words have the same one.
    """

    __tablename__ = "message_templates"
    __table_args__ = (
        sa.UniqueConstraint("name", "version"),
        sa.CheckConstraint("version >= 1", name="version_positive"),
        sa.CheckConstraint("body <> ''", name="body_written"),
        sa.CheckConstraint("medium <> 'sms' OR (subject = '' AND html = '')", name="sms_is_plain"),
        one_of("medium", MEDIA),
        one_of("language", LANGUAGES),
    )

    id: Mapped[Pk]
    name: Mapped[Code]
    version: Mapped[int] = mapped_column(default=1)
    is_current: Mapped[bool] = mapped_column(default=True)
    medium: Mapped[Code]
    language: Mapped[Code]
    subject: Mapped[str] = mapped_column(sa.Text, default="")
    body: Mapped[str] = mapped_column(sa.Text)
    html: Mapped[str] = mapped_column(sa.Text, default="")
    sha256: Mapped[str] = mapped_column(sa.String(64))
    author: Mapped[Code]
    created_at: Mapped[datetime]
