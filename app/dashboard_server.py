"""The dashboard as a process: started with the right settings, known to answer, stopped with its parent."""

from __future__ import annotations

import contextlib
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

from oms_core.kernel.errors import Conflict, DataNotReady

PORT = 8501
HOST = "127.0.0.1"
#: Seconds the server may take until it answers.
READY_SECONDS = 30.0
_POLL_SECONDS = 0.1
_MAIN = Path(__file__).parent / "main.py"


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A running dashboard server."""

    process: subprocess.Popen[bytes]
    host: str
    port: int

    @property
    def address(self) -> str:
        """What a person types into the browser."""
        shown = "localhost" if self.host in {"127.0.0.1", "0.0.0.0", "::"} else self.host  # noqa: S104 - compared only
        return f"http://{shown}:{self.port}"

    def wait(self) -> int:
        """Wait until the server ends and return its status."""
        return self.process.wait()

    def stop(self) -> None:
        """End the server; a second call does nothing."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def require_free(port: int, host: str = HOST) -> None:
    """Refuse a port that another program holds.

    Raises
    ------
    Conflict
        ``dashboard.port_occupied``.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Conflict(
                "dashboard.port_occupied",
                f"Port {port} of {host} is taken by another program.",
                f"Stop it, or choose another port: ordersight dashboard --port {port + 1 if port < 65535 else PORT}",
                port=port,
            ) from error


def start(home: Path, *, port: int = PORT, host: str = HOST) -> Dashboard:
    """Start the dashboard of a home and return when it answers.

    Parameters
    ----------
    home : Path
        Folder of the shop.
    port : int
        Refused when occupied.

    Raises
    ------
    Conflict
        ``dashboard.port_occupied``.
    DataNotReady
        ``dashboard.not_started`` when the server ends or does not answer in time.
    """
    require_free(port, host)
    command = [
        sys.executable, "-m", "app.dashboard_process", "run", str(_MAIN),
        "--server.port", str(port), "--server.address", host, "--server.headless", "true",
        "--browser.gatherUsageStats", "false",
    ]  # fmt: skip
    path = os.pathsep.join(p for p in (str(_MAIN.parents[1]), os.environ.get("PYTHONPATH", "")) if p)
    env = {**os.environ, "ORDERSIGHT_HOME": str(home.resolve()), "PYTHONPATH": path}
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)  # noqa: S603 - our own interpreter and file
    dashboard = Dashboard(process, host, port)
    try:
        _wait_ready(dashboard)
    except BaseException:
        dashboard.stop()
        raise
    return dashboard


def _wait_ready(dashboard: Dashboard) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        status = dashboard.process.poll()
        if status is not None:
            raise DataNotReady(
                "dashboard.not_started",
                f"The dashboard ended before it answered (status {status}).",
                "Its last words are above. Check that the port is free and the home can be written.",
            )
        if answers(dashboard):
            return
        time.sleep(_POLL_SECONDS)
    raise DataNotReady(
        "dashboard.not_started",
        f"The dashboard did not answer within {READY_SECONDS:.0f} seconds.",
        "Try again; if the machine is busy, wait for its other work to end.",
    )


def answers(dashboard: Dashboard) -> bool:
    """Say whether the server answers its health check."""
    url = f"http://{dashboard.host}:{dashboard.port}/_stcore/health"
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextlib.contextmanager
def running(home: Path, *, port: int = PORT, host: str = HOST) -> Iterator[Dashboard]:
    """Run the dashboard inside the block."""
    dashboard = start(home, port=port, host=host)
    try:
        yield dashboard
    finally:
        dashboard.stop()


def serve(home: Path, *, port: int = PORT, host: str = HOST, say: Callable[[str], None]) -> None:
    """Run the dashboard until it is interrupted or told to end; `say` hears the address."""
    signal.signal(signal.SIGTERM, _interrupt)
    with running(home, port=port, host=host) as dashboard:
        say(f"The dashboard answers at {dashboard.address} (stop with Ctrl+C).")
        with contextlib.suppress(KeyboardInterrupt):
            dashboard.wait()


def _interrupt(_signal: int, _frame: object) -> None:
    """Answer a request to end like Ctrl+C; a process started in the background ignores that one."""
    raise KeyboardInterrupt
