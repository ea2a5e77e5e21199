"""The customer's pages as paths of a server: which page is where, and what its form does.

Every page is drawn without scripts; a form that succeeds leads on (303), one that does not is drawn
again with what was filled in and a sentence why.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from app.i18n import LANGUAGES
from app.portal import forms, look, order, papers, returning, sending, start, status, withdrawing
from app.portal.porter import COOKIE, Form, Portal
from app.portal.visit import ROOT
from oms_core.kernel.errors import NotFound, OmsError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from app.portal.porter import Entrance

_LOG = logging.getLogger(__name__)
_LASTING = {"Cache-Control": "public, max-age=86400"}
PAGES = (
    Form(ROOT, start.show, start.enter, writes=False),
    Form(f"{ROOT}/{{token}}", order.show),
    Form(f"{ROOT}/{{token}}/return", returning.show, returning.ask),
    Form(f"{ROOT}/{{token}}/withdraw", withdrawing.show, withdrawing.state, writes=False),
    Form(f"{ROOT}/{{token}}/withdraw/{withdrawing.CONFIRM}", withdrawing.show, withdrawing.declare),
    Form(f"{ROOT}/{{token}}/returns/{{number}}", status.show_return),
    Form(f"{ROOT}/{{token}}/returns/{{number}}/sent", status.show_return, sending.sent),
    Form(f"{ROOT}/{{token}}/returns/{{number}}/cancel", status.show_return, sending.call_off),
    Form(f"{ROOT}/{{token}}/withdrawals/{{number}}", status.show_withdrawal),
)
FILES = {
    f"{ROOT}/{{token}}/returns/{{number}}/slip.pdf": papers.slip,
    f"{ROOT}/{{token}}/withdrawals/{{number}}/confirmation.pdf": papers.confirmation,
}
#: Every path, for counting requests without naming anybody's link.
PATHS = (*(one.path for one in PAGES), *FILES, f"{ROOT}/style.css", f"{ROOT}/fonts/{{name}}")


def install(app: FastAPI, entrance: Entrance) -> Portal:
    """Add the pages to an application."""
    portal = Portal(entrance)
    router = APIRouter(include_in_schema=False)
    router.add_api_route(f"{ROOT}/style.css", _style, methods=["GET"])
    router.add_api_route(f"{ROOT}/fonts/{{name}}", _font, methods=["GET"])
    for path, make in FILES.items():
        router.add_api_route(path, _looking(portal, partial(portal.file, make=make)), methods=["GET"])
    for one in PAGES:
        router.add_api_route(one.path, _looking(portal, partial(portal.get, one=one)), methods=["GET"])
        if one.act is not None:
            router.add_api_route(one.path, _sending(portal, one), methods=["POST"])
    router.add_api_route(f"{ROOT}/{{rest:path}}", _looking(portal, _nowhere), methods=["GET"])
    app.include_router(router)
    return portal


def _looking(portal: Portal, answer: Callable[[Request], Response]) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        return _walled(portal, request, lambda: answer(request))

    return endpoint


def _sending(portal: Portal, one: Form) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        body = await _body(request)
        return await run_in_threadpool(_walled, portal, request, lambda: portal.post(request, one, body))

    return endpoint


async def _body(request: Request) -> bytes:
    """Read a form up to its limit; what is longer was not made by our pages and is left unread."""
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > forms.MOST_BYTES:
            return b""
    return bytes(found)


def _walled(portal: Portal, request: Request, answer: Callable[[], Response]) -> Response:
    """Answer, or say in a page why not; an unexpected fault is in the log, without the customer's link."""
    try:
        found = answer()
    except OmsError as error:
        found = portal.fault(request, error)
    except Exception:  # noqa: BLE001 - the last wall: a fault becomes a page and a line in the log
        _LOG.exception("unexpected fault on a customer's page")
        found = portal.fault(request, OmsError("portal.fault", "Something unexpected happened here."), 500)
    asked = request.query_params.get(COOKIE, "")
    if asked in LANGUAGES:
        found.set_cookie(COOKIE, asked, max_age=31_536_000, path=ROOT, httponly=True, samesite="lax")
    return found


def _nowhere(_request: Request) -> Response:
    raise NotFound("page", "this one", code="request.unknown_path")


def _style() -> Response:
    return Response(look.style(), 200, _LASTING, "text/css")


def _font(name: str) -> Response:
    found = look.font(name)
    return Response(found, 200, _LASTING, "font/woff2") if found else Response(status_code=404)
