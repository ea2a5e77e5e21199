"""Hand over the buyer's mail: orders to suppliers, news of low stock."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from oms_core.kernel import clock
from oms_core.kernel.errors import OmsError

if TYPE_CHECKING:
    from app.workspace import Workspace
    from oms_core.reporting.mail_settings import MailServer

log = logging.getLogger("ordersight.buying")


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail this process has taken, away from its session."""

    id: int
    kind: str
    purchase_order_id: int | None
    recipients: tuple[str, ...]
    format: str
    language: str
    facts: dict[str, Any]


def look(workspace: Workspace) -> dict[str, int]:
    """Hand over what waits, one after the other; say how many were ``sent``, ``put_off``, ``failed``."""
    from oms_core.reporting import buying_mails as mails

    done = {"sent": 0, "put_off": 0, "failed": 0}
    with workspace.reading() as session:
        if not mails.is_due(session):
            return done
    while (taken := _take(workspace)) is not None:
        done[_send(workspace, taken)] += 1
    return done


def _take(workspace: Workspace) -> Taken | None:
    from oms_core.reporting import buying_mails as mails

    with workspace.transaction() as session:
        mail = mails.take(session)
        if mail is None:
            return None
        return Taken(
            mail.id, mail.kind, mail.purchase_order_id, tuple(mail.recipients), mail.format, mail.language,
            dict(mail.facts),
        )  # fmt: skip


def _send(workspace: Workspace, taken: Taken) -> str:
    """Make and hand over one mail; whatever goes wrong is written down with it."""
    from app.mail import MailFailed, deliver
    from oms_core.reporting.mail_settings import mail_server

    try:
        with workspace.reading() as session:
            server = mail_server(session)
        result = deliver(server, message(workspace, server, taken), taken.recipients)
    except OmsError as error:
        sentence = " ".join(part for part in (error.message, error.hint) if part)
        return _put(workspace, taken, sentence, later=isinstance(error, MailFailed) and error.may_repeat)
    except Exception as error:
        log.exception("mail %s failed", taken.id, exc_info=error)
        return _put(workspace, taken, f"The mail could not be made ({type(error).__name__}).", later=True)
    if result.later:
        told = "; ".join(f"{a}: {w}" for a, w in result.later.items())
        return _put(workspace, taken, f"The mail server put off {told}.", later=True, waiting=tuple(result.later))
    if result.refused:
        told = "; ".join(f"{a}: {w}" for a, w in result.refused.items())
        return _put(workspace, taken, f"The mail server refused {told}.", later=False)
    return _put(workspace, taken, "", later=False)


def _put(workspace: Workspace, taken: Taken, sentence: str, *, later: bool, waiting: tuple[str, ...] = ()) -> str:
    """Write down what became of a mail: no sentence means that it was taken."""
    from oms_core.purchasing.mail_tables import BuyingMail
    from oms_core.reporting import buying_mails as mails

    with workspace.transaction() as session:
        mail = session.get_one(BuyingMail, taken.id, with_for_update=True)
        if not sentence:
            mails.settle(session, mail)
        elif later:
            mails.try_later(session, mail, sentence, waiting=waiting)
        else:
            mails.fail(session, mail, sentence)
        return {"waiting": "put_off"}.get(mail.state, mail.state)


def message(workspace: Workspace, server: MailServer, taken: Taken) -> EmailMessage:
    """Return the mail; its Message-ID is the same at every try, so that a server that sees it twice can tell."""
    from app.i18n import speaking

    mail = EmailMessage()
    with speaking(taken.language):
        if taken.kind == "purchase_order":
            _order(workspace, mail, taken)
        else:
            _low_stock(workspace, mail, taken)
    mail["From"], mail["To"] = server.sender, ", ".join(taken.recipients)
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<buying-{taken.id}@{server.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    return mail


def _order(workspace: Workspace, mail: EmailMessage, taken: Taken) -> None:
    """Write the order's mail: the PDF, and beside it the form the supplier's system reads."""
    from app.documents.order_formats import FORMATS, write
    from app.i18n import _
    from oms_core.purchasing.queries import purchase_order_detail

    with workspace.reading() as session:
        order = purchase_order_detail(session, taken.purchase_order_id or 0)
    number, shop = order["number"], workspace.shop
    mail["Subject"] = _("Purchase order {number} of {shop}").format(number=number, shop=shop.name)
    body = [
        _("Our purchase order {number} is attached.").format(number=number),
        _("Please confirm it and its delivery day. Tell us before you ship if a quantity, a price or the day changes."),
        shop.name,
    ]
    mail.set_content("\n\n".join(body))
    for name in dict.fromkeys(("pdf", taken.format)):
        kind, _slash, subkind = FORMATS[name].mime.partition("/")
        data = write(name, order, shop, language=taken.language)
        mail.add_attachment(data, maintype=kind, subtype=subkind, filename=f"{number}{FORMATS[name].suffix}")


def _low_stock(workspace: Workspace, mail: EmailMessage, taken: Taken) -> None:
    """Write the news of shelves that ran low: one line a SKU and place."""
    from app.i18n import _, ngettext

    rows, more = taken.facts["rows"], int(taken.facts.get("more", 0))
    whole = len(rows) + more
    said = ngettext("{n} shelf ran low at {shop}", "{n} shelves ran low at {shop}", whole)
    mail["Subject"] = said.format(n=whole, shop=workspace.shop.name)
    lines = [_("{sku} {title}, {place}: {units} left, {point} is low").format(**row) for row in rows]
    if more:
        rest = ngettext("and {n} more shelf: see Today", "and {n} more shelves: see Today", more)
        lines.append(rest.format(n=more))
    mail.set_content("\n".join(lines))
