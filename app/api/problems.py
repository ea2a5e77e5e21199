"""Every refusal in one form: ``application/problem+json`` (RFC 9457) with our code, hint and facts."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from app.api.encoding import as_json, told
from oms_core.kernel.errors import Conflict, DataNotReady, InvalidInput, NotFound, OmsError, Refused

MEDIA_TYPE = "application/problem+json"
_LOG = logging.getLogger(__name__)

#: Codes whose status is not that of their kind.
_BY_CODE = {
    "token.missing": 401,
    "token.unknown": 401,
    "token.expired": 401,
    "token.revoked": 401,
    "token.scope": 403,
    "request.too_large": 413,
    "request.media_type": 415,
    "request.too_many": 429,
    "request.precondition_required": 428,
    "request.stale": 412,
    "database.locked": 503,
    "database.no_schema": 503,
    "database.unreachable": 503,
    "replica.locked": 503,
    "replica.source_unreadable": 503,
}
_BY_KIND: tuple[tuple[type[OmsError], int], ...] = (
    (NotFound, 404),
    (InvalidInput, 422),
    (Refused, 409),
    (Conflict, 409),
    (DataNotReady, 409),
)
#: Kept words of the form: a fact of that name is given as ``x_fact``.
_OWN = {"type", "title", "status", "detail", "instance", "code", "hint"}


def status_of(error: OmsError) -> int:
    """Return the HTTP status of an expected error.

    A stale version is 412 whatever room found it; what a person must prepare first (no forecast
    stored yet) is 409, what the server must mend (no schema, a lock held) is 503.
    """
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    if error.code.endswith(".stale"):
        return 412
    return next((status for kind, status in _BY_KIND if isinstance(error, kind)), 409)


def problem(
    error: OmsError, *, instance: str = "", headers: Mapping[str, str] | None = None, status: int | None = None
) -> Response:
    """Return the answer of an error; its status is that of its code or kind unless one is given."""
    status = status or status_of(error)
    facts = {f"{key}_fact" if key in _OWN else key: value for key, value in error.facts.items()}
    body = {
        "type": f"urn:ordersight:problem:{error.code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": error.message,
        "code": error.code,
        "hint": error.hint,
        "instance": instance,
        **told(facts, str(error.facts.get("currency", ""))),
    }
    said = dict(headers or {})
    if status in {429, 503}:
        said.setdefault("Retry-After", "1")
    if status == 401:
        said.setdefault("WWW-Authenticate", 'Bearer realm="ordersight"')
    return Response(as_json(body), status, said, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of the application in this form."""
    app.add_exception_handler(OmsError, _expected)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(PoolTimeout, _busy)


def fault(instance: str) -> Response:
    """Return the answer of an unexpected fault; what happened is in the log, never in the answer."""
    _LOG.exception("unexpected fault at %s", instance)
    error = OmsError(
        "server.fault",
        "Something unexpected happened here.",
        "Nothing was written; try again, and tell the operator the time if it stays.",
    )
    return problem(error, instance=instance, status=500)


def _expected(request: Request, error: Exception) -> Response:
    if not isinstance(error, OmsError):
        raise error
    return problem(error, instance=request.url.path)


def _invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    errors = [_field(item) for item in error.errors()]
    first = errors[0]
    many = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
    found = InvalidInput("request", "", "", "Correct the named fields; see /openapi.json for the form.")
    found.code = "request.invalid"
    found.message = f"{first['field'] or first['in']}: {first['message']}{many}."
    found.facts = {"errors": errors}
    return problem(found, instance=request.url.path)


def _field(item: Mapping[str, Any]) -> dict[str, str]:
    """Return where a fault is, as ``lines[0].quantity``, and what was expected there."""
    place, *path = [str(part) for part in item["loc"]] if item["loc"] else ["body"]
    if item["type"] == "json_invalid":
        return {"in": place, "field": "", "message": f"not JSON at character {path[0]}", "kind": "json_invalid"}
    name = "".join(f"[{part}]" if part.isdecimal() else f".{part}" for part in _named(path)).removeprefix(".")
    return {"in": place, "field": name, "message": str(item["msg"]), "kind": str(item["type"])}


def _named(path: Sequence[str]) -> Iterable[str]:
    """Leave out the names of forms a value was tried against."""
    return (
        part for part in path if not part.startswith(("function-", "decimal", "float", "str", "int", "constrained"))
    )


def _http(request: Request, error: Exception) -> Response:
    """Answer what the framework itself refuses: unknown path, method, size."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == 400:
        unread = InvalidInput("body", "", "", "Send JSON text in UTF-8.", code="request.invalid")
        unread.message = "The body cannot be read."
        return problem(unread, instance=request.url.path)
    codes = {
        404: (
            "request.unknown_path",
            f"There is nothing at {request.url.path}.",
            "See /openapi.json for what there is.",
        ),
        405: ("request.method", f"{request.method} is not possible here.", "See the Allow header."),
        413: ("request.too_large", "The request is larger than this server takes.", "Send fewer rows at a time."),
    }
    code, message, hint = codes.get(error.status_code, ("request.refused", str(error.detail), ""))
    refused = OmsError(code, message, hint)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_allowed(request))
    return problem(refused, instance=request.url.path, headers=headers, status=error.status_code)


def _allowed(request: Request) -> list[str]:
    """Return every method of a path; the framework names those of its first route only."""
    paths: dict[str, dict[str, Any]] = request.app.openapi()["paths"]
    own = request.url.path.split("/")
    fitting = sorted((path for path in paths if _fits(path.split("/"), own)), key=lambda path: path.count("{"))
    # what is beside the reference only reads
    return sorted(method.upper() for method in paths[fitting[0]]) if fitting else ["GET"]


def _fits(template: Sequence[str], path: Sequence[str]) -> bool:
    return len(template) == len(path) and all(
        known.startswith("{") or known == given for known, given in zip(template, path, strict=True)
    )


def _busy(request: Request, _error: Exception) -> Response:
    busy = Conflict("database.locked", "The server has more work than connections.", "Try again in a moment.")
    return problem(busy, instance=request.url.path)
