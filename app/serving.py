"""All doors of one home: worker, API and dashboard as child processes, stopped together."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from app import dashboard_server
from app.api import server as api_server
from oms_core.kernel.errors import Conflict

#: Seconds between two looks at the children, and before a worker that died is started again.
LOOK_SECONDS, AGAIN_SECONDS = 0.5, 5.0
_CLI = "from app.cli.main import run; run()"


@contextlib.contextmanager
def worker(home: Path) -> Iterator[Callable[[], None]]:
    """Run a worker of the home inside the block; the given function starts it again if it died.

    The worker's standard input is a pipe we hold: should this process be killed, the pipe closes and
    the worker stops by itself.
    """
    found = [_start_worker(home)]
    died_at = [0.0]

    def keep() -> None:
        if found[0].poll() is None:
            died_at[0] = 0.0
        elif not died_at[0]:
            died_at[0] = time.monotonic()
        elif time.monotonic() - died_at[0] > AGAIN_SECONDS:
            found[0] = _start_worker(home)

    try:
        yield keep
    finally:
        _stop(found[0])


def _start_worker(home: Path) -> subprocess.Popen[bytes]:
    path = os.pathsep.join(p for p in (str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")) if p)
    command = [sys.executable, "-c", _CLI, "worker", "--home", str(home), "--attached"]
    return subprocess.Popen(  # noqa: S603 - our own interpreter and code
        command,
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def _api(home: Path, *, port: int, host: str, wanted: int | None, say: Callable[[str], None]) -> Iterator[None]:
    """Run the API inside the block. Nobody chose the port beside the dashboard's: if it is taken, go on without."""
    chosen = wanted or (port + 1 if port < 65535 else port - 1)
    try:
        api_server.require_free(chosen, host)
    except Conflict:
        if wanted:
            raise
        say(f"The API is not served: port {chosen} is taken by another program. Choose one with --api-port.")
        yield
        return
    with api_server.running(home, port=chosen, host=host) as api:
        say(f"The API answers at {api.address}/v1; its reference is at {api.address}/docs.")
        yield


def serve(home: Path, *, port: int, host: str, say: Callable[[str], None], api_port: int | None = None) -> int:
    """Run worker, API and dashboard until one is told to stop; return the exit status.

    Ctrl+C and a termination signal stop the children first. A dashboard that ends by itself ends
    everything, with status 1.

    Parameters
    ----------
    api_port : int, optional
        Port of the API, refused when occupied; the one after the dashboard's if left out.
    """
    dashboard_server.require_free(port, host)
    with _terminated_like_interrupted(), contextlib.suppress(KeyboardInterrupt):
        with (
            worker(home) as keep,
            _api(home, port=port, host=host, wanted=api_port, say=say),
            dashboard_server.running(home, port=port, host=host) as dashboard,
        ):
            say(f"The dashboard answers at {dashboard.address} (stop with Ctrl+C).")
            while dashboard.process.poll() is None:
                keep()
                time.sleep(LOOK_SECONDS)
        say("The dashboard ended by itself; everything is stopped.")
        return 1
    say("Stopped.")
    return 0


@contextlib.contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Let a termination signal stop the block as Ctrl+C does."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    # SIGINT as well: a shell starts background jobs with it ignored
    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
