"""One process at a time: a lock file that the system lets go when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from oms_core.kernel.errors import Conflict


@contextmanager
def only_one(path: Path, code: str, message: str) -> Iterator[None]:
    """Hold a lock file inside the block.

    Raises
    ------
    Conflict
        With `code` and `message` while another process holds it.
    """
    with path.open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(code, message, "Wait until it is done, or stop it.") from error
        yield


def is_held(path: Path) -> bool:
    """Tell whether another process holds the lock."""
    try:
        with only_one(path, "lock.held", "Held by another process."):
            return False
    except Conflict:
        return True
