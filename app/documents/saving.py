"""Write a document to disk whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oms_core.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from pathlib import Path


def save(out: Path, data: bytes) -> int:
    """Write `data` beside `out` and move it into place; return the bytes written.

    Raises
    ------
    InvalidInput
        The folder does not exist or may not be written.
    """
    part = out.with_name(f".{out.name}.part")
    try:
        part.write_bytes(data)
        part.replace(out)
    except OSError as error:
        if part.exists():
            part.unlink()
        raise InvalidInput(
            "out", str(out), f"the file cannot be written ({error.strerror})", "Name a folder that exists and is yours."
        ) from error
    return len(data)
