"""The application over a workspace."""

from __future__ import annotations

import threading
from contextlib import asynccontextmanager
from importlib import import_module, metadata
from typing import TYPE_CHECKING

import anyio.to_thread
from fastapi import FastAPI

from app.api import problems, reference, surroundings
from app.api.doors import Doors
from app.api.gate import Gate
from app.api.limits import Limiter
from app.api.paths import Paths
from app.portal import routes as portal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.api.operations import Operations
    from app.workspace import Workspace

#: Every noun's file under ``routes/``; each holds ``operations``.
NOUNS = (
    "setup",
    "orders",
    "inventory",
    "transfers",
    "counts",
    "bins",
    "bin_lists",
    "reservations",
    "fulfilment",
    "returns",
    "purchasing",
    "purchase_control",
    "low_stock",
    "supply_plan",
    "buying_plan",
    "customers",
    "merges",
    "segments",
    "campaigns",
    "messages",
    "forecasts",
    "metrics",
    "events",
    "order_desk",
    "rearranging",
    "order_changes",
    "drafts",
    "assembly",
    "waiting",
    "cases",
    "withdrawals",
    "return_units",
    "invoices",
    "supplier_invoices",
    "settling",
    "payouts",
    "order_bulk",
    "invoice_papers",
    "ledger_matches",
    "return_terms",
    "risk_rules",
    "portal",
)  # fmt: skip
#: Requests worked on at one time; fewer than the engine's connections (15).
THREADS = 12
_NOTE_SECONDS = 30.0


def create_app(workspace: Workspace, *, limiter: Limiter | None = None) -> FastAPI:
    """Return the application of a shop.

    Parameters
    ----------
    limiter : Limiter, optional
        How often a token may ask; the usual pace if left out.
    """
    doors = Doors(workspace, limiter or Limiter())

    @asynccontextmanager
    async def alive(_app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        stop = threading.Event()
        keeper = threading.Thread(target=_keep_uses, args=(doors, stop), daemon=True)
        keeper.start()
        yield
        stop.set()
        await anyio.to_thread.run_sync(keeper.join)

    app = FastAPI(
        title="Ordersight", version=metadata.version("ordersight"), lifespan=alive, docs_url=None, redoc_url=None,
        redirect_slashes=False,
    )  # fmt: skip
    app.state.doors = doors
    problems.install(app)
    reference.install(app)
    surroundings.install(app, doors)
    portal.install(app, doors)
    templates = [*surroundings.PATHS, *portal.PATHS]
    for noun in NOUNS:
        operations: Operations = import_module(f"app.api.routes.{noun}").operations
        app.include_router(operations.router)
        templates += operations.templates
    app.add_middleware(Gate, doors=doors, paths=Paths(templates))
    return app


def _keep_uses(doors: Doors, stop: threading.Event) -> None:
    """Write when tokens were last used, every half minute and at the end."""
    while not stop.wait(_NOTE_SECONDS):
        doors.tokens.keep_uses()
    doors.tokens.keep_uses()
