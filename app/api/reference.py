"""The OpenAPI document: answers and refusals of every operation, with examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi

from app.api.forms import Problem

if TYPE_CHECKING:
    from fastapi import FastAPI

ABOUT = """Orders, stock and money of one shop.

Money is decimal text beside its currency; days are ISO dates in the shop's zone; instants are UTC.
Send `Authorization: Bearer TOKEN`; every operation names the scope it needs. Repeat a write safely under the
same `Idempotency-Key`. Edits name the version they change in `If-Match`. Lists are read page by page: pass
`next_cursor` back as `cursor`. A refusal is `application/problem+json` with a stable `code` and a `hint`."""
_REFUSALS = {
    401: "No token, or one that is unknown, expired or revoked.",
    403: "The token lacks the scope.",
    404: "Something named does not exist; `near` offers what is close.",
    405: "The path does not know this method.",
    409: "A rule said no: short stock (with every shortage), a state that does not allow it, a key used otherwise.",
    412: "It changed since you saw it; `changes` says who did what.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "A value does not have the expected form; `errors` or `field` names it.",
    428: "This edit needs `If-Match`.",
    429: "Too many requests; wait `Retry-After` seconds.",
    503: "The database or replica is busy; try again.",
}
_OF_READS = (401, 403, 404, 409, 422, 429, 503)
_OF_WRITES = (401, 403, 404, 409, 412, 413, 415, 422, 429, 503)


def responses(
    status: int, answers: Any, example: Any, *, writes: bool = False, edits: bool = False
) -> dict[int | str, dict[str, Any]]:
    """Return what an operation may answer, for the reference."""
    codes = {*(_OF_WRITES if writes else _OF_READS), *((428,) if edits else ())}
    said: dict[int | str, dict[str, Any]] = {code: _refusal(code) for code in sorted(codes)}
    done = {"description": "Done.", "model": answers, "content": {"application/json": {"example": example}}}
    return {status: done, **said}


def responses_of_file(media: str) -> dict[int | str, dict[str, Any]]:
    """Return what an operation may answer that gives a file."""
    said: dict[int | str, dict[str, Any]] = {code: _refusal(code) for code in _OF_READS}
    done = {"description": "The file.", "content": {media: {"schema": {"type": "string", "format": "binary"}}}}
    return {200: done, **said}


def _refusal(code: int) -> dict[str, Any]:
    form = {"$ref": "#/components/schemas/Problem"}
    return {"description": _REFUSALS[code], "content": {"application/problem+json": {"schema": form}}}


def install(app: FastAPI) -> None:
    """Let the application give its reference, made once."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(title=app.title, version=app.version, description=ABOUT, routes=app.routes)
    parts = found.setdefault("components", {})
    parts.setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
    parts["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "Made by `ordersight tokens create`."}
    }
    return found
