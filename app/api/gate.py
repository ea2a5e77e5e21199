"""What every request passes first: its token, its pace, the form of its body; and what is counted of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException

from app.api.problems import fault, problem
from app.api.tokens import secret_in
from oms_core.kernel.errors import OmsError, Refused

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from app.api.doors import Doors
    from app.api.paths import Paths
    from app.api.tokens import Bearer

#: Everything under this path needs a token.
GUARDED = "/v1/"
#: Bytes of a body at most; a bulk of 500 orders fits well.
MOST_BYTES = 4 * 1024 * 1024


class Gate:
    """The outermost layer of the application (ASGI)."""

    def __init__(self, app: ASGIApp, doors: Doors, paths: Paths) -> None:
        self.app = app
        self.doors = doors
        self.paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer why not."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, said = time.perf_counter(), {"status": 500, "started": 0}

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                said["status"], said["started"] = message["status"], 1
                headers = MutableHeaders(scope=message)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await self._enter(scope, receive, answer)
        except Exception:  # noqa: BLE001 - the last wall: a fault becomes an answer and a line in the log
            refusal = fault(scope["path"])
            if not said["started"]:
                await refusal(scope, receive, answer)
        finally:
            route = self.paths.named(scope["path"])
            self.doors.counts.add(scope["method"], route, said["status"], time.perf_counter() - begun)

    async def _enter(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["path"].startswith(GUARDED):
                headers = Headers(scope=scope)
                bearer = await self._bearer(headers)
                self.doors.limiter.take(bearer.id)
                _require_json(scope["method"], headers)
                _require_size(int(headers.get("content-length", "0")))
                receive = _measured(receive)
                scope.setdefault("state", {})["bearer"] = bearer
        except OmsError as error:
            wait = error.facts.get("retry_after")
            refusal = problem(error, instance=scope["path"], headers={"Retry-After": str(wait)} if wait else None)
            await refusal(scope, receive, send)
            return
        await self.app(scope, receive, send)

    async def _bearer(self, headers: Headers) -> Bearer:
        secret, book = secret_in(headers.get("authorization", "")), self.doors.tokens
        return book.admit(book.known(secret) or await run_in_threadpool(book.look_up, secret))


def _require_size(size: int) -> None:
    if size > MOST_BYTES:
        raise Refused(
            "request.too_large",
            f"The body has {size:,} bytes or more; this server takes {MOST_BYTES:,}.",
            "Send fewer rows at a time.",
            most_bytes=MOST_BYTES,
        )


def _measured(receive: Receive) -> Receive:
    """Count the bytes of a body that does not say its length; stop at the most this server takes."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MOST_BYTES:
            raise HTTPException(413)
        return message

    return counted


def _require_json(method: str, headers: Headers) -> None:
    """Refuse a body that does not say it is JSON."""
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if method in {"POST", "PUT", "PATCH"} and has_body and kind != "application/json":
        raise Refused(
            "request.media_type",
            f"The body says it is {kind or 'of no type'}; JSON was expected.",
            "Send: Content-Type: application/json",
        )
