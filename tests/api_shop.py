"""A shop behind a real API server on loopback: one thread, its own home, both databases."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from granian.constants import Interfaces
from granian.server.embed import Server
from order_shop import order_shop

from app.api.app import create_app
from app.api.limits import Limiter
from app.workspace import Workspace
from oms_core.access.commands import create_token
from oms_core.catalog.tables import Supplier, SupplierItem
from oms_core.kernel.settings import Home, Shop, save_shop

#: Reading the machine's certificates costs a client as much as a request: once for all of them.
TLS = ssl.create_default_context()
#: Seconds a server may take to answer on a busy machine; a fault, not a measure.
PATIENCE = 120.0
STOCK = {"MUG": {"Leeds": 400, "Bristol": 100}, "BAG": {"Leeds": 50, "Łódź": 20}, "TIN": {"Bristol": 5}}


@dataclass
class ApiShop:
    """The shop, its application and where it answers."""

    workspace: Workspace
    app: Any
    url: str = ""
    tokens: dict[str, str] = field(default_factory=dict)

    def token(self, *scopes: str, **more: Any) -> str:
        """Return a token with these scopes (everything without any)."""
        name = ",".join(scopes) or "all"
        if more or name not in self.tokens:
            with self.workspace.transaction() as session:
                self.tokens[name] = create_token(session, name=name[:100], scopes=scopes or ["*"], **more).secret
        return self.tokens[name]

    def client(self, *scopes: str) -> httpx.Client:
        """Return a client that shows a token."""
        headers = {"Authorization": f"Bearer {self.token(*scopes)}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False, verify=TLS)


def make_shop(home: Path) -> Workspace:
    """Write master data and opening stock into the (migrated) database of a home."""
    workspace = Workspace(Home(home), "api")
    with workspace.transaction() as session:
        save_shop(session, Shop(zone="Europe/London", currency="GBP", country="GB", name="Test shop"))
        made = order_shop(session, STOCK)
        supplier = Supplier(code="ACME", name="Acme", country="GB", currency="GBP", lead_time_days=5.0)
        session.add(supplier)
        session.flush()
        session.add_all(
            SupplierItem(supplier_id=supplier.id, variant_id=key, unit_cost_minor=400, currency="GBP")
            for key in made.variants.values()
        )
    return workspace


@contextmanager
def served(workspace: Workspace, *, limiter: Limiter | None = None) -> Iterator[ApiShop]:
    """Serve a shop on a free port inside the block."""
    shop = ApiShop(workspace, create_app(workspace, limiter=limiter or Limiter(0)))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ready = threading.Event()
    held: dict[str, Any] = {}
    thread = threading.Thread(target=_run, args=(shop.app, port, held, ready), daemon=True)
    thread.start()
    assert ready.wait(PATIENCE), "the server never began"
    shop.url = f"http://127.0.0.1:{port}"
    _wait(shop.url)
    try:
        yield shop
    finally:
        held["loop"].call_soon_threadsafe(held["server"].stop)
        thread.join(120)
        workspace.close()


def _run(app: Any, port: int, held: dict[str, Any], ready: threading.Event) -> None:
    async def main() -> None:
        held["loop"] = asyncio.get_running_loop()
        held["server"] = Server(
            app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, websockets=False, log_enabled=False
        )
        ready.set()
        await held["server"].serve()

    asyncio.run(main())


def _wait(url: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if httpx.get(f"{url}/healthz", trust_env=False, verify=TLS).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.02)
    raise TimeoutError(url)


def order(external_id: str = "1", **lines: int) -> dict[str, Any]:
    """Return the document of an order of units by SKU at 10.00."""
    return {
        "channel": "web",
        "external_id": external_id,
        "currency": "GBP",
        "customer": {"email": "ada@example.com", "name": "Ada"},
        "shipping_address": {"country": "GB", "postal_code": "LS1 1AA", "city": "Leeds"},
        "lines": [{"sku": sku, "quantity": n, "unit_price": "10.00"} for sku, n in (lines or {"MUG": 1}).items()],
    }
