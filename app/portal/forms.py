"""Forms that come back: read within limits, and only if we gave them out."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from app.portal.html import Html, element
from oms_core.kernel import clock
from oms_core.kernel.errors import InvalidInput, OmsError, Refused
from oms_core.portal.links import signed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from app.portal.visit import Visit

#: Bytes of a form at most, fields of it, and characters of a value.
MOST_BYTES, MOST_FIELDS, LONGEST_VALUE = 64 * 1024, 1200, 2000
#: Seconds a form may stand open before it is sent.
GOOD_FOR_SECONDS = 4 * 3600
FIELD = "form"


def read(body: bytes) -> dict[str, str]:
    """Return the fields of a form, the last value of each; control characters are dropped.

    Raises
    ------
    InvalidInput
        More fields than any of our forms has.
    """
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise InvalidInput("form", "", "a form of this page was expected", code="portal.form_unknown") from error
    return {name[:100]: _plain(value) for name, value in pairs}


def seal(visit: Visit, path: str = "") -> Html:
    """Return the hidden field that shows that we gave this form out, for this order and the path it goes to."""
    issued = f"{int(clock.now().timestamp())}.{secrets.token_hex(12)}"
    return element(
        "input", type_="hidden", name=FIELD, value=f"{issued}.{_signature(visit, path or visit.path, issued)}"
    )


def opened(visit: Visit, form: Mapping[str, str]) -> str:
    """Return the once-only name of a form that came back.

    Raises
    ------
    InvalidInput
        ``portal.form_unknown``: it was changed, or was given out elsewhere.
    Refused
        ``portal.form_old``: it stood open too long.
    """
    issued, _dot, signature = form.get(FIELD, "").rpartition(".")
    if not hmac.compare_digest(_signature(visit, visit.path, issued).encode(), signature.encode()):
        raise InvalidInput("form", "", "a form of this page was expected", code="portal.form_unknown")
    at, _dot, nonce = issued.partition(".")
    if clock.now().timestamp() - int(at) > GOOD_FOR_SECONDS:
        raise Refused("portal.form_old", "This form stood open too long.", "Send it again.")
    return nonce


def before(visit: Visit, form: Mapping[str, str], nonce: str) -> str | None:
    """Claim a form, or return where it led when it was sent before."""
    from oms_core.intake.keys import claim

    said = claim(visit.session, [(_key(nonce), _print(visit, form))])[0]
    if isinstance(said, OmsError):
        raise Refused("portal.form_sent", "This form was sent before with other answers.", "Open it anew.")
    return str(said["location"]) if said else None


def remember(visit: Visit, nonce: str, location: str) -> None:
    """Keep where a claimed form led (without the link itself), for when it is sent again."""
    from oms_core.intake.keys import keep

    keep(visit.session, {_key(nonce): {"location": location}})


def _key(nonce: str) -> str:
    return f"portal:{nonce}"


def _print(visit: Visit, form: Mapping[str, str]) -> str:
    told: dict[str, Any] = {"path": visit.path, "form": {k: v for k, v in form.items() if k != FIELD}}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _signature(visit: Visit, path: str, issued: str) -> str:
    return signed(visit.secret, "form", f"{visit.token}\n{path}\n{issued}")


def _plain(value: str) -> str:
    kept = "".join(sign for sign in value[:LONGEST_VALUE] if sign >= " " or sign in "\n\t")
    return kept.replace("\x7f", "").strip()
