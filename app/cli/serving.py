"""Demo shop, dashboard, API and worker."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.door import Door, command
from oms_core.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from oms_core.kernel.settings import Home

SHOPS = ("retail", "simulated")
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port the dashboard answers on.")]
ApiPort = Annotated[
    int | None,
    typer.Option("--api-port", min=1, max=65535, help="Port of the API.", show_default="the dashboard's, plus one"),
]
Host = Annotated[str, typer.Option(help="Address it listens on; 0.0.0.0 lets other machines in.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    command(app, "demo", help="Build a demo shop from a year of real orders (once), then serve everything.")(demo)
    command(app, "serve", help="Run all doors of the shop: dashboard, API and worker, until stopped.")(serve)
    command(app, "api", help="Serve the HTTP API of the shop until stopped.")(api)
    command(app, "worker", help="Run the shop's jobs until stopped; in a demo shop, new orders too.")(worker)
    command(app, "dashboard", help="Open the dashboard of the shop in the browser's reach until stopped.")(dashboard)


def dashboard(door: Door, *, port: Port = 8501, host: Host = "127.0.0.1") -> None:
    """Serve the dashboard; refuse a missing shop or an occupied port with one sentence."""
    from app import dashboard_server

    workspace = door.workspace()
    home = workspace.home.path
    workspace.engine.dispose()
    dashboard_server.serve(home, port=port, host=host, say=door.say)


def api(
    door: Door,
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port the API answers on.")] = 8000,
    host: Host = "127.0.0.1",
    rate_limit: Annotated[float, typer.Option(min=0, help="Requests a second of one token; 0 is no limit.")] = 500.0,
    attached: Annotated[bool, typer.Option("--attached", help="Stop when standard input closes.")] = False,
) -> None:
    """Serve the API; refuse a missing shop or an occupied port with one sentence."""
    from app.api import server

    server.require_free(port, host)
    workspace = door.workspace("api")
    home = workspace.home.path
    workspace.close()
    if attached:
        threading.Thread(target=_end_at_end_of_input, daemon=True).start()
    server.serve(home, port=port, host=host, rate=rate_limit, say=door.say)


def demo(
    door: Door,
    *,
    shop: Annotated[
        str, typer.Option(help="Which demo: retail (real orders) or simulated (any size, truth known).")
    ] = "retail",
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the shop when it is ready.")] = True,
    seed: Annotated[int, typer.Option(min=0, help="Of everything that is simulated.")] = 1,
    weeks: Annotated[int | None, typer.Option(min=3, max=53, help="Only the last weeks of the data (retail).")] = None,
    orders: Annotated[int | None, typer.Option(help="About how many orders (simulated), from 100.")] = None,
    ahead: Annotated[int | None, typer.Option(min=1, help="Let so many days pass first (simulated).")] = None,
    port: Port = 8501,
    host: Host = "127.0.0.1",
    api_port: ApiPort = None,
) -> dict[str, Any] | None:
    """Make the home a demo shop that is ready, and serve it; a second start is quick."""
    from app import dashboard_server
    from app.api import server as api_server
    from app.cli.progress import shown
    from oms_core.kernel.settings import Home

    if shop not in SHOPS:
        raise InvalidInput("shop", shop, f"one of {', '.join(SHOPS)}", code="demo.unknown_shop")
    if serve:
        dashboard_server.require_free(port, host)
        if api_port:
            api_server.require_free(api_port, host)
    _refuse_size(shop, weeks=weeks, orders=orders)
    if ahead is not None and shop != "simulated":
        raise InvalidInput(
            "ahead", ahead, "only with --shop simulated: real customers are not played", code="demo.ahead"
        )
    home = Home.find(door.home)
    counts = _build(home, shop, seed=seed, weeks=weeks, orders=orders, shown=shown)
    if ahead is not None:
        from app.demo.simulated.ahead import advance

        counts["ahead"] = advance(door.workspace(), ahead)
    if not serve:
        return counts
    from app.cli.output import emit

    emit(counts, door)
    _serve(door, home, port=port, host=host, api_port=api_port)
    return None


def _refuse_size(shop: str, *, weeks: int | None, orders: int | None) -> None:
    """Refuse a size of the other shop, and one no shop can have, before anything is built."""
    if shop == "retail" and orders is not None:
        raise InvalidInput(
            "orders", orders, "only with --shop simulated: the retail demo is real data", code="demo.size"
        )
    if shop == "simulated":
        if weeks is not None:
            raise InvalidInput("weeks", weeks, "only with --shop retail: give --orders instead", code="demo.size")
        from app.demo.simulated.size import Size

        if orders is not None:
            Size(orders)


def _build(home: Home, shop: str, *, seed: int, weeks: int | None, orders: int | None, shown: Any) -> dict[str, Any]:
    """Show the bar first: what it draws for takes a second to load."""
    with shown() as progress:
        progress("loading", 0.0)
        from app.demo.shop import Making, ensure

        extent: Making
        if shop == "simulated":
            from app.demo.simulated.build import DEFAULT_ORDERS, Simulation

            extent = Simulation(orders or DEFAULT_ORDERS)
        else:
            from app.demo.build import Extent

            extent = Extent(weeks=weeks)
        return ensure(home, seed=seed, extent=extent, progress=progress)


def serve(door: Door, *, port: Port = 8501, host: Host = "127.0.0.1", api_port: ApiPort = None) -> None:
    """Run dashboard, API and worker; a demo shop's clock goes on from its last activity."""
    from app import dashboard_server

    dashboard_server.require_free(port, host)
    workspace = door.workspace()
    if workspace.shop.kind == "demo":
        from app.demo.shop import wake

        wake(workspace)
    workspace.engine.dispose()
    _serve(door, workspace.home, port=port, host=host, api_port=api_port)


def _serve(door: Door, home: Home, *, port: int, host: str, api_port: int | None) -> None:
    from app import serving

    _lead_customers(door, api_port or (port + 1 if port < 65535 else port - 1))
    door.status = serving.serve(home.path, port=port, host=host, say=door.say, api_port=api_port)


def _lead_customers(door: Door, port: int) -> None:
    """Let the links of a demo shop's customer pages lead to the API that is about to be served."""
    workspace = door.workspace()
    if workspace.shop.kind == "demo":
        from app.demo.customer_pages import serve_at

        with workspace.transaction() as session:
            serve_at(session, f"http://localhost:{port}")
        door.say(f"Customers help themselves at http://localhost:{port}/my; ordersight portal link ORDER lets one in.")
    workspace.engine.dispose()


def worker(
    door: Door,
    *,
    attached: Annotated[bool, typer.Option("--attached", help="Stop when standard input closes.")] = False,
) -> None:
    """Work until a signal says stop; a second worker of the same home is refused."""
    import logging
    import signal

    from app import worker as working

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if attached:
        threading.Thread(target=_stop_at_end_of_input, args=(stop,), daemon=True).start()
    workspace = door.workspace("worker")
    working.run(workspace, stop)
    workspace.engine.dispose()


def _end_at_end_of_input() -> None:
    """Ask this process to end when the one that started us has gone away.

    Reads the bare descriptor: the server forks, and a child would wait for ever for the lock of a
    buffered reader.
    """
    import os
    import signal

    while os.read(0, 1024):
        continue
    os.kill(os.getpid(), signal.SIGTERM)


def _stop_at_end_of_input(stop: threading.Event) -> None:
    """Wait for the process that started us to go away."""
    while sys.stdin.buffer.read(1024):
        continue
    stop.set()
