"""How a noun's operations are declared: a function of what is asked, its scope, its form and an example.

::

    orders = Operations("orders")


    @orders.read("/orders/{number}", answers=Order, example=ORDER)
    def show(asking: Asking, number: Number) -> dict[str, Any]:
        "One order with everything on it."
        ...

Everything else is done here once: token scope, transaction, idempotency, versions, JSON.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import JSONResponse

from app.api import repeating
from app.api.asking import Asking
from app.api.doors import Doors
from app.api.encoding import as_json, told
from app.api.forms import KeyText
from app.api.gathering import Waiting
from app.api.reference import responses, responses_of_file
from oms_core.access.scopes import PERSONAL, allows
from oms_core.kernel.errors import Conflict, Refused
from oms_core.orders.new import NewOrder
from oms_core.privacy.masking import masked

Operation = Callable[..., Any]
#: Times a write is tried when PostgreSQL undid it to end a deadlock.
_TRIES = 3

IdempotencyKey = Annotated[
    KeyText | None, Header(alias="Idempotency-Key", description="Same key, same answer: a repeated write is done once.")
]
IfMatch = Annotated[str | None, Header(alias="If-Match", max_length=60, description="ETag of the version you saw.")]
_KEY, _MATCH = "idempotency_key", "if_match"


class Operations:
    """The operations of one noun, collected into a router.

    Parameters
    ----------
    noun : str
        Noun of the scopes (see `oms_core.access.scopes`).
    tag : str, optional
        Heading in the reference; the noun if left out.
    """

    def __init__(self, noun: str, *, tag: str = "") -> None:
        self.noun = noun
        self.tag = tag or noun
        self.router = APIRouter(prefix="/v1", tags=[self.tag])
        self.templates: list[str] = []

    def read(
        self,
        path: str,
        *,
        answers: Any,
        example: Any,
        scope: str = "",
        sessionless: bool = False,
        tells: bool = False,
    ) -> Callable[[Operation], Operation]:
        """Declare a question: it reads, takes no write lock and may be asked at any time.

        Parameters
        ----------
        sessionless : bool
            Whether something else than the operational database answers: no session is opened.
        tells : bool
            Whether the answer tells who somebody is in a way no mask hides: it needs ``personal:read``, too.
        """
        asked = (scope or f"{self.noun}:read", *([PERSONAL] if tells else ()))

        def declare(function: Operation) -> Operation:
            called = _endpoint(function, _ask if sessionless else _read, {})
            self._add(function, path, "GET", asked, called, responses(200, answers, example))
            return function

        return declare

    def file(self, path: str, *, media: str, scope: str = "", tells: bool = False) -> Callable[[Operation], Operation]:
        """Declare a question that a file answers; the function returns its name and its bytes.

        Parameters
        ----------
        media : str
            Media type, such as ``application/pdf``.
        tells : bool
            Whether the paper names somebody: it needs ``personal:read``, too.
        """
        asked = (scope or f"{self.noun}:read", *([PERSONAL] if tells else ()))

        def declare(function: Operation) -> Operation:
            def perform(request: Request, own: Operation, given: dict[str, Any]) -> Response:
                return _file(request, own, given, media)

            called = _endpoint(function, perform, {})
            self._add(function, path, "GET", asked, called, responses_of_file(media), kind=Response)
            return function

        return declare

    def write(
        self,
        path: str,
        *,
        answers: Any,
        example: Any,
        method: str = "POST",
        status: int = 200,
        edits: bool = False,
        scope: str = "",
        together: Callable[..., NewOrder] | None = None,
    ) -> Callable[[Operation], Operation]:
        """Declare a command: one transaction, repeatable under its ``Idempotency-Key``.

        Parameters
        ----------
        edits : bool
            Whether the caller must say in ``If-Match`` which version it saw (428 without).
        together : callable, optional
            Reads the operation's parameters into an order: it is placed with others of the same moment.
        """
        asked = (scope or f"{self.noun}:write",)

        def declare(function: Operation) -> Operation:
            def perform(request: Request, own: Operation, given: dict[str, Any]) -> Response:
                if edits and given.get(_MATCH) is None:
                    raise _no_version()
                answer = _gathered(request, together, given) if together else None
                return answer or _write(request, own, given, status)

            called = _endpoint(function, perform, {_KEY: IdempotencyKey, _MATCH: IfMatch})
            said = responses(status, answers, example, writes=True, edits=edits)
            self._add(function, path, method, asked, called, said)
            return function

        return declare

    def _add(
        self, function: Operation, path: str, method: str, scopes: Sequence[str], called: Operation,
        said: dict[int | str, Any], *, kind: type[Response] = JSONResponse,
    ) -> None:  # fmt: skip
        self.templates.append(f"/v1{path}")
        self.router.add_api_route(
            path,
            called,
            methods=[method],
            status_code=min(code for code in said if isinstance(code, int)),
            response_model=None,
            response_class=kind,
            responses=said,
            summary=(function.__doc__ or "").partition("\n")[0].rstrip("."),
            description=inspect.cleandoc(function.__doc__ or ""),
            operation_id=f"{self.tag.replace(' ', '_')}_{function.__name__.strip('_')}",
            dependencies=[Depends(_requires(scope)) for scope in scopes],
            openapi_extra={"security": [{"token": []}], "x-required-scope": " ".join(scopes)},
        )


def _endpoint(function: Operation, perform: Callable[..., Response], headers: Mapping[str, Any]) -> Operation:
    """Return what the framework calls: the function's own parameters, the headers, the request."""
    hints = typing.get_type_hints(function, include_extras=True)
    word = inspect.Parameter.KEYWORD_ONLY
    own = [
        p.replace(annotation=hints[p.name], kind=word)
        for p in list(inspect.signature(function).parameters.values())[1:]
    ]
    extra = [inspect.Parameter(name, word, default=None, annotation=kind) for name, kind in headers.items()]
    request = inspect.Parameter("request", word, annotation=Request)

    def endpoint(request: Request, **given: Any) -> Response:
        return perform(request, function, given)

    endpoint.__signature__ = inspect.Signature([request, *extra, *own])  # type: ignore[attr-defined]
    endpoint.__name__, endpoint.__doc__ = function.__name__, function.__doc__
    return endpoint


def _requires(scope: str) -> Callable[..., Any]:
    async def allowed(request: Request) -> None:
        request.state.bearer.require(scope)

    return allowed


def _read(request: Request, function: Operation, given: dict[str, Any]) -> Response:
    doors: Doors = request.app.state.doors
    with doors.workspace.reading() as session:
        asking = Asking(doors, session, request.state.bearer)
        return _answer(asking, function(asking, **given), 200, masks=True)


def _file(request: Request, function: Operation, given: dict[str, Any], media: str) -> Response:
    doors: Doors = request.app.state.doors
    with doors.workspace.reading() as session:
        name, data = function(Asking(doors, session, request.state.bearer), **given)
    return Response(data, 200, {"Content-Disposition": f'attachment; filename="{name}"'}, media)


def _ask(request: Request, function: Operation, given: dict[str, Any]) -> Response:
    doors: Doors = request.app.state.doors
    asking = Asking(doors, None, request.state.bearer)
    return _answer(asking, function(asking, **given), 200, masks=True)


def _write(request: Request, function: Operation, given: dict[str, Any], status: int) -> Response:
    key, if_match = given.pop(_KEY), given.pop(_MATCH)
    for tried in range(1, _TRIES + 1):
        try:
            return _once(request, function, given, (key, if_match), status)
        except Conflict as error:
            if error.code != "database.locked" or tried == _TRIES:
                raise
    raise AssertionError(tried)


def _gathered(request: Request, together: Callable[..., NewOrder], given: dict[str, Any]) -> Response | None:
    """Place an order together with others of this moment; None when it has to go alone."""
    doors: Doors = request.app.state.doors
    own = {name: value for name, value in given.items() if name not in {_KEY, _MATCH}}
    bearer = request.state.bearer
    key, print_ = repeating.stored_key(bearer, given[_KEY]), repeating.fingerprint(request, own)
    return doors.gatherer.place(Waiting(bearer, key, print_, together(**own)))


def _once(
    request: Request, function: Operation, given: dict[str, Any], headers: tuple[str | None, str | None], status: int
) -> Response:
    """Do a write in one transaction, or give the answer it got before."""
    doors: Doors = request.app.state.doors
    bearer = request.state.bearer
    key, print_ = repeating.stored_key(bearer, headers[0]), repeating.fingerprint(request, given)
    with doors.writing() as session:
        before = repeating.given_before(session, key, print_)
        if before is not None:
            return before
        asking = Asking(doors, session, bearer, headers[1])
        answer = _answer(asking, function(asking, **given), status)
        repeating.keep_answer(session, key, answer, asking.headers)
    return answer


def _answer(asking: Asking, value: Any, status: int, *, masks: bool = False) -> Response:
    said = told(value, asking.shop.currency)
    body = as_json(masked(said) if masks and not allows(asking.bearer.scopes, PERSONAL) else said)
    return Response(body, status, dict(asking.headers), "application/json")


def _no_version() -> Refused:
    return Refused(
        "request.precondition_required",
        "This edit must say which version it changes.",
        'Read it first and send its ETag: If-Match: "3"',
    )
