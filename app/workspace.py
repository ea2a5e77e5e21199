"""An opened home: settings, database, clock and replica; what every front door starts from."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from oms_core.kernel.settings import Home, Shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import sqlalchemy as sa
    from sqlalchemy.orm import Session

    from analytics.replica import Replica

#: How old the settings of a running door may be: another door may have changed them.
SETTINGS_SECONDS = 5.0


@dataclass
class Workspace:
    """One home and everything opened from it.

    Parameters
    ----------
    home : Home
        Folder of the shop.
    consumer : str
        Name of this process's replica file; a DuckDB file has one owner process.
    """

    home: Home
    consumer: str = "cli"
    _shop: tuple[float, Shop] | None = field(default=None, init=False, repr=False)

    @classmethod
    def open(cls, path: Path | None = None, *, consumer: str = "cli") -> Workspace:
        """Open an existing shop; refuse a missing, older or newer schema with one sentence."""
        from oms_core.kernel.errors import DataNotReady
        from oms_core.migrations import require_current

        workspace = cls(Home.find(path), consumer)
        url = workspace.home.database_url
        if url.startswith("sqlite") and not (workspace.home.path / "oms.db").exists():
            raise DataNotReady(
                "database.no_schema",
                f"There is no Ordersight shop in {workspace.home.path}.",
                "Run: ordersight init, or ordersight demo for a shop with a year of orders.",
            )
        try:
            require_current(workspace.engine)
            _ = workspace.shop
        except BaseException:
            workspace.close()
            raise
        return workspace

    @cached_property
    def engine(self) -> sa.Engine:
        """The operational database."""
        from oms_core.kernel.database import make_engine

        self.home.path.mkdir(parents=True, exist_ok=True)
        return make_engine(self.home.database_url)

    @property
    def shop(self) -> Shop:
        """The shop's settings; the first look sets the process clock, later ones are `SETTINGS_SECONDS` old at most."""
        from oms_core.kernel.settings import load_shop, stored_shop

        kept = self._shop
        if kept is None or time.monotonic() > kept[0] + SETTINGS_SECONDS:
            with self.reading() as session:
                kept = time.monotonic(), (load_shop if self._shop is None else stored_shop)(session)
            self._shop = kept
        return kept[1]

    @cached_property
    def replica(self) -> Replica:
        """The replica of this process, opened but not refreshed."""
        from analytics.replica import Replica

        return Replica.open(self.home.replica(self.consumer), self.home.database_url)

    def close(self) -> None:
        """Close what was opened; the workspace may be used again and opens it anew."""
        for name in ("replica", "engine"):
            opened = self.__dict__.pop(name, None)
            if opened is not None:
                (opened.dispose if name == "engine" else opened.close)()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Run one command in one transaction."""
        from oms_core.kernel.database import transaction

        with transaction(self.engine) as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read without taking the write lock."""
        from oms_core.kernel.database import reading

        with reading(self.engine) as session:
            yield session
