"""The API as a process: refused on an occupied port, served by granian, started beside the other doors."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from oms_core.kernel.errors import Conflict, DataNotReady

if TYPE_CHECKING:
    from fastapi import FastAPI

PORT, HOST = 8000, "127.0.0.1"
#: Requests a second a token may make; the worker reads it from here.
RATE_VARIABLE = "ORDERSIGHT_API_RATE"
READY_SECONDS = 60.0
_POLL_SECONDS = 0.1
_CLI = "from app.cli.main import run; run()"


def require_free(port: int, host: str = HOST) -> None:
    """Refuse a port that another program holds.

    Raises
    ------
    Conflict
        ``api.port_occupied``.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Conflict(
                "api.port_occupied",
                f"Port {port} of {host} is taken by another program.",
                f"Stop it, or choose another port: ordersight api --port {port + 1 if port < 65535 else PORT}",
                port=port,
            ) from error


def make() -> FastAPI:
    """Return the application of the home named in the environment; the server's worker calls this."""
    from app.api.app import create_app
    from app.api.limits import RATE, Limiter
    from app.workspace import Workspace

    logging.getLogger("alembic").setLevel(logging.WARNING)
    rate = float(os.environ.get(RATE_VARIABLE) or RATE)
    return create_app(Workspace.open(consumer="api"), limiter=Limiter(rate))


def serve(home: Path, *, port: int = PORT, host: str = HOST, rate: float, say: Callable[[str], None]) -> None:
    """Serve until interrupted or told to end; `say` hears the address."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    require_free(port, host)
    os.environ |= {"ORDERSIGHT_HOME": str(home.resolve()), RATE_VARIABLE: str(rate)}
    say(f"The API answers at http://{_shown(host)}:{port}/v1; its reference is at /docs (stop with Ctrl+C).")
    server = Server(
        "app.api.server:make", address=host, port=port, interface=Interfaces.ASGI, factory=True, websockets=False,
        log_level=LogLevels.warning,
    )  # fmt: skip
    server.serve()


def _shown(host: str) -> str:
    return "localhost" if host in {"127.0.0.1", "0.0.0.0", "::"} else host  # noqa: S104 - compared only


@dataclass(frozen=True, slots=True)
class Api:
    """A running API server of another process."""

    process: subprocess.Popen[bytes]
    host: str
    port: int

    @property
    def address(self) -> str:
        """Where programs find it."""
        return f"http://{_shown(self.host)}:{self.port}"

    def stop(self) -> None:
        """End the server; a second call does nothing."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


@contextlib.contextmanager
def running(home: Path, *, port: int = PORT, host: str = HOST) -> Iterator[Api]:
    """Run the API inside the block, in a process group of its own; should this process be killed, it stops too."""
    require_free(port, host)
    path = os.pathsep.join(p for p in (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")) if p)
    command = [
        sys.executable,
        "-c",
        _CLI,
        "api",
        "--home",
        str(home),
        "--port",
        str(port),
        "--host",
        host,
        "--attached",
    ]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
        command, env={**os.environ, "PYTHONPATH": path}, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    api = Api(process, host, port)
    try:
        wait_ready(api)
        yield api
    finally:
        api.stop()


def wait_ready(api: Api) -> None:
    """Wait until it answers.

    Raises
    ------
    DataNotReady
        ``api.not_started``.
    """
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and api.process.poll() is None:
        if answers(api):
            return
        time.sleep(_POLL_SECONDS)
    raise DataNotReady("api.not_started", "The API did not start.", "Run it alone to see why: ordersight api")


def answers(api: Api) -> bool:
    """Say whether the server answers its health check."""
    host = "127.0.0.1" if api.host == "0.0.0.0" else api.host  # noqa: S104 - compared only
    try:
        with urllib.request.urlopen(f"http://{host}:{api.port}/healthz", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
