"""Who lets customers in: opens a visit for a link, draws pages, takes forms once, says why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from fastapi import Request, Response

from app.i18n import _, speaking
from app.portal import faults, forms, start
from app.portal.frame import card, page
from app.portal.html import Html, element
from app.portal.pace import Pace
from app.portal.visit import ROOT, Visit, spoken
from oms_core.kernel.errors import InvalidInput, NotFound, OmsError, Refused
from oms_core.portal.links import order_of
from oms_core.portal.settings import portal_settings, secret

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.kernel.settings import Shop

COOKIE = "lang"
#: A page that runs nothing, is framed by nobody, and tells no other site where it was.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}
Show = Callable[..., Html]
Act = Callable[..., str | Html]


class House(Protocol):
    """The shop behind the pages."""

    @property
    def shop(self) -> Shop:
        """Its settings."""
        ...

    def reading(self) -> AbstractContextManager[Session]:
        """Open a session that reads."""
        ...


class Entrance(Protocol):
    """What the server gives: the shop, and turns at writing."""

    @property
    def workspace(self) -> House:
        """The shop."""
        ...

    def writing(self) -> AbstractContextManager[Session]:
        """Open a transaction."""
        ...


@dataclass(frozen=True, slots=True)
class Form:
    """A page and what its form does; `act` leads to a path, or draws the next page."""

    path: str
    show: Show
    act: Act | None = None
    writes: bool = True


@dataclass
class Portal:
    """The running pages.

    Attributes
    ----------
    by_number, by_sender : Pace
        Tries that fail: five at one order number, then one a minute; forty from one address, then one in three seconds.
    by_link : Pace
        Forms sent by one link.
    """

    entrance: Entrance
    by_number: Pace = field(default_factory=lambda: Pace(5, 60.0))
    by_sender: Pace = field(default_factory=lambda: Pace(40, 3.0))
    by_link: Pace = field(default_factory=lambda: Pace(20, 3.0))

    def get(self, request: Request, one: Form) -> Response:
        """Answer a page that is looked at."""
        with self._visit(request, self.entrance.workspace.reading()) as visit:
            return _html(one.show(visit, {}, "", **_named(request)))

    def post(self, request: Request, one: Form, body: bytes) -> Response:
        """Answer a form; what it writes is written whole or not at all."""
        entrance = self.entrance
        given: dict[str, str] = {}
        try:
            given = forms.read(body)
            doing = entrance.writing() if one.writes else entrance.workspace.reading()
            with self._visit(request, doing) as visit:
                self._refuse_haste(request, one, visit, given)
                return self._done(request, one, visit, given)
        except OmsError as error:
            fault = error
        with self._visit(request, entrance.workspace.reading()) as visit:
            drawn = one.show(visit, given, faults.sentence(fault), **_named(request))
            return _html(drawn, _status(fault), **_wait(fault))

    def file(self, request: Request, make: Callable[..., tuple[str, bytes]]) -> Response:
        """Answer a paper."""
        with self._visit(request, self.entrance.workspace.reading()) as visit:
            name, data = make(visit, **_named(request))
        told = {"Content-Disposition": f'inline; filename="{name}"', "Referrer-Policy": "no-referrer"}
        return Response(data, 200, told, "application/pdf")

    def fault(self, request: Request, error: OmsError, code: int = 0) -> Response:
        """Answer what could not be shown at all: a dead link, closed pages, an unknown path."""
        shop = self.entrance.workspace.shop
        language = _language(request, shop)
        with self.entrance.workspace.reading() as session, speaking(language):
            visit = Visit(session, shop, b"", language, request.url.path)
            way = card(element("a", _("Enter with your order number"), href=ROOT))
            drawn = page(visit, _("This did not work"), element("p", faults.sentence(error)),
                         None if error.code == "portal.closed" else way)  # fmt: skip
        return _html(drawn, code or _status(error), **_wait(error))

    def _done(self, request: Request, one: Form, visit: Visit, given: Mapping[str, str]) -> Response:
        assert one.act is not None  # noqa: S101 - pages without one have no route for forms
        nonce = forms.opened(visit, given)
        if not one.writes:
            found = one.act(visit, given, **_named(request))
            if one.act is start.enter:
                self._spare(request, given)
            return _html(found) if isinstance(found, Html) else _led(found)
        known = forms.before(visit, given, nonce)
        if known is None:
            known = str(one.act(visit, given, **_named(request)))
            forms.remember(visit, nonce, known.removeprefix(visit.at()))
            return _led(known)
        known = visit.at() + known
        return _led(known)

    def _refuse_haste(self, request: Request, one: Form, visit: Visit, given: Mapping[str, str]) -> None:
        if one.act is start.enter:
            self.by_sender.take(_sender(request))
            self.by_number.take(_number(given))
        else:
            self.by_link.take(visit.token)

    def _spare(self, request: Request, given: Mapping[str, str]) -> None:
        """Count no try of who came in: behind a proxy all customers have one address."""
        self.by_sender.give_back(_sender(request))
        self.by_number.give_back(_number(given))

    @contextmanager
    def _visit(self, request: Request, opening: AbstractContextManager[Session]) -> Iterator[Visit]:
        """Open a visit: the pages are on, and a token (if the path has one) leads to an order."""
        shop = self.entrance.workspace.shop
        language = _language(request, shop)
        with opening as session, speaking(language):
            key = secret(session)
            if key is None or not portal_settings(session).is_on:
                raise Refused("portal.closed", "The customer's pages are off.")
            token = request.path_params.get("token", "")
            entered = order_of(session, token) if token else None
            yield Visit(session, shop, key, language, request.url.path, token, entered)


def _sender(request: Request) -> str:
    return request.client.host if request.client else ""


def _number(given: Mapping[str, str]) -> str:
    return given.get("number", "").strip().lstrip("#").upper()[:60]


def _language(request: Request, shop: Shop) -> str:
    asked, kept = request.query_params.get(COOKIE, ""), request.cookies.get(COOKIE, "")
    return spoken(asked, kept, request.headers.get("accept-language", ""), shop.language)


def _named(request: Request) -> dict[str, str]:
    """Return the parts of the path that a page is about, beside the token."""
    return {name: value[:60] for name, value in request.path_params.items() if name == "number"}


def _status(error: OmsError) -> int:
    """Return the HTTP status of a refusal."""
    if error.code in ("portal.too_many", "database.locked"):
        return 429 if error.code == "portal.too_many" else 503
    return 404 if isinstance(error, NotFound) else 422 if isinstance(error, InvalidInput) else 409


def _wait(error: OmsError) -> dict[str, str]:
    wait = error.facts.get("retry_after")
    return {"Retry-After": str(wait)} if wait else {}


def _html(drawn: Html, code: int = 200, **headers: str) -> Response:
    return Response(drawn, code, {**_HEADERS, **headers}, "text/html; charset=utf-8")


def _led(path: str) -> Response:
    """Lead on to a page, so that looking at it again sends nothing."""
    return Response(status_code=303, headers={"Location": path, **_HEADERS})
