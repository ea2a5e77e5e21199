"""The file of a backup: a ZIP with the data and a manifest that says what is in it.

Everything a restore must know is inside: kind of database, schema revision, rows by table, and a
SHA-256 over the data, so that a damaged or foreign file is refused before anything is touched.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import IO, TYPE_CHECKING

from oms_core.kernel.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

MANIFEST = "manifest.json"
FORMAT = 1
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    Attributes
    ----------
    database : str
        ``sqlite`` or ``postgresql``.
    revision : str
        Schema revision of the data.
    made_at : str
        Instant, ISO 8601, UTC.
    tables : dict
        Rows by table.
    checksum : str
        SHA-256 over the data members, in the order they stand in the file.
    """

    database: str
    revision: str
    made_at: str
    tables: dict[str, int]
    checksum: str
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """Rows of all tables together."""
        return sum(self.tables.values())


class Writer:
    """Writes data members and keeps their common checksum."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def add(self, name: str, blocks: Iterable[bytes | memoryview]) -> None:
        """Write one member from blocks."""
        with self._file.open(name, "w", force_zip64=True) as member:
            for block in blocks:
                self._hash.update(block)
                member.write(block)

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, the last member."""
        self._file.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))

    @property
    def checksum(self) -> str:
        """The checksum of everything added so far."""
        return self._hash.hexdigest()


@contextmanager
def writing(out: Path) -> Iterator[Writer]:
    """Open a new backup beside `out`; it takes the name only when it is whole.

    Raises
    ------
    InvalidInput
        The folder does not exist or may not be written.
    """
    part = out.with_name(f".{out.name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
            yield Writer(file)
        part.replace(out)
    except OSError as error:
        raise InvalidInput(
            "file", str(out), f"the backup cannot be written ({error.strerror})", "Name a folder with room for it."
        ) from error
    finally:
        if part.exists():
            part.unlink()


def verified(path: Path) -> Manifest:
    """Read a backup from end to end and return its manifest.

    Raises
    ------
    NotFound
        There is no such file.
    InvalidInput
        ``backup.not_one``, ``backup.newer`` or ``backup.damaged``.
    """
    if not path.is_file():
        raise NotFound("backup", str(path), hint="Check the path; backups are made by: ordersight backup FILE")
    try:
        with zipfile.ZipFile(path) as file:
            told = json.loads(file.read(MANIFEST))
            if told["format"] > FORMAT:
                raise InvalidInput(
                    "file", str(path), "a newer Ordersight made it", "Install that version.", code="backup.newer"
                )
            manifest, actual = Manifest(**told), _checksum(file)
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, EOFError, OSError) as error:
        raise InvalidInput(
            "file", str(path), "it is no whole Ordersight backup", "Take another copy.", code="backup.not_one"
        ) from error
    if actual != manifest.checksum:
        raise InvalidInput(
            "file", str(path), "its checksum does not match its data", "Take another copy.", code="backup.damaged"
        )
    return manifest


def _checksum(file: zipfile.ZipFile) -> str:
    seen = hashlib.sha256()
    for name in file.namelist():
        if name != MANIFEST:
            with file.open(name) as member:
                for block in blocks(member):
                    seen.update(block)
    return seen.hexdigest()


def blocks(file: IO[bytes]) -> Iterator[bytes]:
    """Read a file in blocks of a mebibyte."""
    while block := file.read(_BLOCK):
        yield block
