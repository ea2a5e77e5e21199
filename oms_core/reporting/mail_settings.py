"""Where mail is handed over: the shop's own server, as its settings name it; the password is never stored."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.kernel import journal
from oms_core.kernel.errors import DataNotReady, InvalidInput
from oms_core.kernel.journal import ShopSetting
from oms_core.reporting.schedules import require_address

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

KEY = "mail_server"
PASSWORD = "ORDERSIGHT_SMTP_PASSWORD"  # noqa: S105 - the name of a variable, not a password
SECURITY = ("starttls", "tls", "none")


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server.

    Attributes
    ----------
    security : str
        ``starttls`` (usual at port 587), ``tls`` (usual at 465) or ``none``: only for a server on this machine.
    user : str
        Empty for a server that asks for no login.
    sender : str
        Address the mail comes from.
    """

    host: str
    sender: str
    port: int = 587
    security: str = "starttls"
    user: str = ""

    @property
    def password(self) -> str:
        """The password, from the environment."""
        return os.environ.get(PASSWORD, "")


def mail_server(session: Session) -> MailServer:
    """Return the shop's mail server.

    Raises
    ------
    DataNotReady
        ``mail.no_server`` until one was named.
    """
    stored = session.execute(sa.select(ShopSetting.value).where(ShopSetting.key == KEY)).scalar_one_or_none()
    if stored is None:
        raise DataNotReady(
            "mail.no_server",
            "No mail server is set, so nothing can be mailed.",
            f"Run: ordersight reports server --host HOST --sender ADDRESS, and put the password into {PASSWORD}.",
        )
    return MailServer(**stored)


def set_mail_server(session: Session, server: MailServer, *, actor: str) -> MailServer:
    """Keep the shop's mail server.

    Raises
    ------
    InvalidInput
        A host, port, security or sender that cannot be one.
    """
    if not server.host or any(sign.isspace() for sign in server.host):
        raise InvalidInput("host", server.host, "the name of a mail server was expected")
    if not 0 < server.port < 65536:
        raise InvalidInput("port", server.port, "a port from 1 to 65535 was expected")
    if server.security not in SECURITY:
        raise InvalidInput("security", server.security, f"one of {', '.join(SECURITY)} was expected")
    require_address("sender", server.sender)
    session.execute(sa.delete(ShopSetting).where(ShopSetting.key == KEY))
    session.add(ShopSetting(key=KEY, value=asdict(server)))
    session.flush()
    journal.record(session, "mail_server.set", "shop", 0, actor=actor, host=server.host, port=server.port)
    return server
