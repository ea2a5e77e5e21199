"""Whether the customer's pages are open, and where customers find them."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import sqlalchemy as sa

from oms_core.kernel import journal
from oms_core.kernel.errors import InvalidInput
from oms_core.kernel.journal import ShopSetting

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_KEY, _SECRET = "portal", "portal_secret"
LONGEST = 300


@dataclass(frozen=True, slots=True)
class PortalSettings:
    """How the shop serves its customers.

    Attributes
    ----------
    is_on : bool
        The pages answer; otherwise they say that they are closed.
    address : str
        Where customers find this server, such as ``https://returns.example.com``; links begin with it.
    """

    is_on: bool = False
    address: str = ""


def portal_settings(session: Session) -> PortalSettings:
    """Return the settings; the pages of a shop that said nothing are closed."""
    stored = session.scalar(sa.select(ShopSetting.value).where(ShopSetting.key == _KEY))
    return PortalSettings(**stored["value"]) if stored else PortalSettings()


def save_portal(session: Session, new: PortalSettings, *, actor: str = "system") -> PortalSettings:
    """Write the settings, and make the shop's secret when there is none yet.

    Raises
    ------
    InvalidInput
        An address that is no ``http`` or ``https`` address of a host; pages that are on without one.
    """
    kept = PortalSettings(new.is_on, _sound(new.address))
    if kept.is_on and not kept.address:
        raise InvalidInput("address", "", "the address where customers find the pages was expected")
    _write(session, _KEY, {"value": asdict(kept)})
    if _stored_secret(session) is None:
        _write(session, _SECRET, {"value": secrets.token_hex(32)})
    journal.record(session, "portal.settings_saved", "shop", 0, actor=actor, **asdict(kept))
    return kept


def renew_secret(session: Session, *, actor: str = "system") -> None:
    """Make every link given so far useless: customers enter with number and e-mail again."""
    _write(session, _SECRET, {"value": secrets.token_hex(32)})
    journal.record(session, "portal.links_revoked", "shop", 0, actor=actor)


def secret(session: Session) -> bytes | None:
    """Return what links are signed with; None before the settings were written for the first time."""
    found = _stored_secret(session)
    return bytes.fromhex(found) if found else None


def _stored_secret(session: Session) -> str | None:
    stored = session.scalar(sa.select(ShopSetting.value).where(ShopSetting.key == _SECRET))
    return str(stored["value"]) if stored else None


def _write(session: Session, key: str, value: dict[str, object]) -> None:
    session.execute(sa.delete(ShopSetting).where(ShopSetting.key == key))
    session.execute(sa.insert(ShopSetting).values(key=key, value=value))


def _sound(address: str) -> str:
    text = address.strip().rstrip("/")
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    is_plain = text.isascii() and text.isprintable() and " " not in text and len(text) <= LONGEST
    if not (is_plain and parts.scheme in ("http", "https") and parts.hostname) or parts.query or parts.fragment:
        raise InvalidInput("address", address, "an address such as https://returns.example.com was expected")
    return text
