"""Idempotency keys for every write: the key is claimed and the answer kept in the write's own transaction."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from fastapi import Response
from fastapi.encoders import jsonable_encoder

from oms_core.intake.keys import claim, keep
from oms_core.kernel.errors import Conflict, OmsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import Request
    from sqlalchemy.orm import Session

    from app.api.tokens import Bearer

#: Characters of a key at most; what is stored also names its token.
LONGEST_KEY = 150
#: Said beside an answer that was given before.
REPLAYED = "Idempotent-Replayed"


def stored_key(bearer: Bearer, key: str | None) -> str | None:
    """Return the key as it is kept: keys of two tokens never meet."""
    return f"api:{bearer.id}:{key}" if key else None


def fingerprint(request: Request, given: Mapping[str, Any]) -> str:
    """Return what makes a request the same: its method, path, parameters and body."""
    asked = {"method": request.method, "path": request.url.path, "given": jsonable_encoder(dict(given))}
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


def given_before(session: Session, key: str | None, print_: str) -> Response | None:
    """Return the answer this key got before; None when there is no key or it is ours now.

    A twin that runs at this moment is waited for.

    Raises
    ------
    Conflict
        ``idempotency.other_request`` when the key was used for something else.
    """
    if key is None:
        return None
    said = claim(session, [(key, print_)])[0]
    if isinstance(said, OmsError):
        raise Conflict(
            said.code,
            f"Idempotency key {key.partition(':')[2].partition(':')[2]!r} was used for another request.",
            "Send a new key with a new request; the same key only repeats the same request.",
        )
    if said is None:
        return None
    headers = {**said["headers"], REPLAYED: "true"}
    return Response(said["body"] or None, said["status"], headers, "application/json" if said["body"] else None)


def keep_answer(session: Session, key: str | None, answer: Response, headers: Mapping[str, str]) -> None:
    """Keep an answer under a claimed key, word for word."""
    if key is not None:
        body = bytes(answer.body).decode()
        keep(session, {key: {"status": answer.status_code, "headers": dict(headers), "body": body}})
