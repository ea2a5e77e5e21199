"""What is beside ``/v1`` and needs no token: health, readiness, counts, the reference as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from fastapi import APIRouter, Response

from app.api.counts import MEDIA_TYPE
from app.api.encoding import as_json
from app.api.reference_page import page

if TYPE_CHECKING:
    from fastapi import FastAPI

    from app.api.doors import Doors

PATHS = ("/healthz", "/readyz", "/metrics", "/docs", "/openapi.json")
#: A page that runs nothing and fetches nothing.
_CLOSED = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def install(app: FastAPI, doors: Doors) -> None:
    """Add these paths to an application."""
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    def healthz() -> Response:
        """Say that the process answers."""
        return Response(as_json({"status": "ok"}), media_type="application/json")

    @router.get("/readyz")
    def readyz() -> Response:
        """Say that the database answers and has this version's schema; 503 tells what is missing."""
        from oms_core.migrations import require_current

        with doors.workspace.reading() as session:
            session.execute(sa.text("SELECT 1"))
        require_current(doors.workspace.engine)
        return Response(as_json({"status": "ready", "shop": doors.workspace.shop.name}), media_type="application/json")

    @router.get("/metrics")
    def metrics() -> Response:
        """Give the counts to Prometheus."""
        return Response(doors.counts.as_text(), media_type=MEDIA_TYPE)

    @router.get("/docs")
    def docs() -> Response:
        """Show the reference as a page without scripts."""
        return Response(page(app.openapi()), media_type="text/html", headers={"Content-Security-Policy": _CLOSED})

    app.include_router(router)
