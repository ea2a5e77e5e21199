"""Hand mail over to the shop's own server and say who was taken; nothing is queued here."""

from __future__ import annotations

import re
import smtplib
import ssl
import time
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import TYPE_CHECKING

from oms_core.kernel.errors import OmsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oms_core.reporting.mail_settings import MailServer

#: Seconds the server may take for one answer, and for a whole mail.
ANSWER_SECONDS, MAIL_SECONDS = 20.0, 300.0


class MailFailed(OmsError):
    """The server did not take the mail.

    Parameters
    ----------
    may_repeat : bool
        Whether trying again later can help, and cannot bring the mail twice.
    """

    def __init__(self, code: str, message: str, hint: str = "", *, may_repeat: bool) -> None:
        super().__init__(code, message, hint, may_repeat=may_repeat)
        self.may_repeat = may_repeat


@dataclass(frozen=True, slots=True)
class Delivery:
    """Whom the server took the mail for, whom it refused for good, and whom for now, with its words."""

    taken: tuple[str, ...] = ()
    refused: dict[str, str] = field(default_factory=dict)
    later: dict[str, str] = field(default_factory=dict)


def deliver(
    server: MailServer, message: EmailMessage, recipients: Sequence[str], *, answer_seconds: float | None = None
) -> Delivery:
    """Hand one mail over for all recipients that the server takes.

    Raises
    ------
    MailFailed
        ``mail.unreachable``, ``mail.login``, ``mail.refused``; ``mail.unknown`` when the server fell silent after it
        had the whole mail, so that nobody knows whether it goes on.
    """
    try:
        with _connected(server, answer_seconds or ANSWER_SECONDS) as smtp:
            return _handed(smtp, server, message, recipients)
    except smtplib.SMTPAuthenticationError as error:
        raise MailFailed(
            "mail.login", f"The mail server {server.host} refused the login: {_words(error.smtp_error)}.",
            "Check the user and ORDERSIGHT_SMTP_PASSWORD.", may_repeat=False,
        ) from error  # fmt: skip
    except smtplib.SMTPResponseException as error:
        raise MailFailed(
            "mail.refused",
            f"The mail server {server.host} said {error.smtp_code}: {_words(error.smtp_error)}.",
            may_repeat=400 <= error.smtp_code < 500,
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        raise MailFailed(
            "mail.refused", f"The mail server {server.host} does not offer what is set: {error}.",
            "Check --security and --user.", may_repeat=False,
        ) from error  # fmt: skip
    except (smtplib.SMTPException, OSError) as error:
        raise MailFailed(
            "mail.unreachable", f"The mail server {server.host}:{server.port} does not answer: {_told(error)}.",
            "It is tried again by itself.", may_repeat=True,
        ) from error  # fmt: skip


def _connected(server: MailServer, seconds: float) -> smtplib.SMTP:
    """Open a connection with the security that is set; certificates are checked."""
    if server.security == "tls":
        context = ssl.create_default_context()
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=seconds, context=context)
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=seconds)
    try:
        if server.security == "starttls":
            smtp.starttls(context=ssl.create_default_context())
        if server.user:
            smtp.login(server.user, server.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _handed(smtp: smtplib.SMTP, server: MailServer, message: EmailMessage, recipients: Sequence[str]) -> Delivery:
    """Name sender and recipients, then hand over the mail if anybody was taken."""
    smtp.ehlo_or_helo_if_needed()
    _expect(*smtp.mail(server.sender))
    taken: list[str] = []
    refused: dict[str, str] = {}
    later: dict[str, str] = {}
    deadline = time.monotonic() + MAIL_SECONDS
    for address in recipients:
        if time.monotonic() > deadline:
            later[address] = "the server was too slow"
            continue
        code, words = smtp.rcpt(address)
        if code in {250, 251}:
            taken.append(address)
        else:
            (later if 400 <= code < 500 else refused)[address] = f"{code} {_words(words)}"
    if not taken:
        smtp.rset()
        return Delivery((), refused, later)
    _hand_data(smtp, server, message)
    return Delivery(tuple(taken), refused, later)


def _hand_data(smtp: smtplib.SMTP, server: MailServer, message: EmailMessage) -> None:
    """Send the mail itself; silence after its last line is told apart from every other one."""
    _expect(*smtp.docmd("DATA"), wanted=354)
    data = re.sub(rb"(?m)^\.", b"..", _bytes(message))  # a lone dot would end the mail: RFC 5321, 4.5.2
    smtp.send(data if data.endswith(b"\r\n") else data + b"\r\n")
    try:
        smtp.send(b".\r\n")
        code, words = smtp.getreply()
    except (smtplib.SMTPException, OSError) as error:
        raise MailFailed(
            "mail.unknown",
            f"The mail server {server.host} fell silent after it had the whole mail; whether it goes on is not known.",
            "Ask a recipient, then send it again if needed.",
            may_repeat=False,
        ) from error
    _expect(code, words)


def _bytes(message: EmailMessage) -> bytes:
    from email.policy import SMTP

    return message.as_bytes(policy=SMTP)


def _expect(code: int, words: bytes, *, wanted: int = 250) -> None:
    if code != wanted:
        raise smtplib.SMTPResponseException(code, words)


def _words(answer: bytes | str) -> str:
    """Return what a server said as one line, without its control signs."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:300]


def _told(error: Exception) -> str:
    return _words(str(error)).rstrip(".") or type(error).__name__
