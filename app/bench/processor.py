"""Processor time of a PostgreSQL server: what a transaction costs, on a machine that does other work too."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.bench.postgres import Server

_PROCESSES = Path("/proc")
#: Fields of /proc/PID/stat after the name: parent; user and system time of it and of its ended children, ticks.
_PARENT, _OWN, _ENDED = 1, slice(11, 13), slice(13, 15)


def server_seconds(server: Server) -> float | None:
    """Return the processor time a server of our own has used so far, seconds; None where it cannot be read."""
    if server.folder is None or not _PROCESSES.exists():
        return None
    first = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
    ticks = 0
    for pid, fields in _processes():
        if pid == first:
            ticks += sum(fields[_OWN]) + sum(fields[_ENDED])
        elif fields[_PARENT] == first:
            ticks += sum(fields[_OWN])
    return ticks / os.sysconf("SC_CLK_TCK")


def _processes() -> Iterator[tuple[int, list[int]]]:
    for path in _PROCESSES.glob("[0-9]*/stat"):
        try:
            said = path.read_text()
        except (OSError, UnicodeDecodeError):  # ended meanwhile, or has a name of its own making
            continue
        fields = said.rpartition(")")[2].split()
        yield int(path.parent.name), [0, *(int(field) for field in fields[1:])]
