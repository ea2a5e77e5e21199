"""The demo shop of one home: build it once, whole or not at all; wake it up on every later start."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from app.demo import marker
from app.demo.build import Progress
from app.demo.customer_pages import open_pages
from app.demo.prepare import prepare
from app.demo.scenes import RETAIL, scene_of
from app.locks import is_held, only_one
from app.worker import LOCK
from oms_core.kernel import clock
from oms_core.kernel.database import make_engine, transaction
from oms_core.kernel.errors import Refused
from oms_core.kernel.journal import JournalEntry
from oms_core.kernel.settings import load_shop, save_shop
from oms_core.migrations import current, downgrade, require_current, upgrade

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.workspace import Workspace
    from oms_core.kernel.settings import Home

#: A file nobody can read yet needs no durability; it is synced once, before it gets its name.
FAST = ("synchronous=OFF", "journal_mode=MEMORY", "cache_size=-200000", "temp_store=MEMORY")
COUNTED = {
    "orders": "orders", "order_lines": "order_lines", "customers": "customers", "skus": "variants",
    "locations": "locations",
}  # fmt: skip


class Making(Protocol):
    """How one of the demo shops is made: `build.Extent` (retail) or `simulated.build.Simulation`."""

    @property
    def name(self) -> str:
        """Return the name after ``--shop``."""

    @property
    def ends(self) -> datetime:
        """Return the last moment of its data."""

    @property
    def facts(self) -> dict[str, int]:
        """Return what the mark of the shop remembers of its making."""

    def build(self, engine: sa.Engine, *, seed: int, home: Path, progress: Progress) -> None:
        """Fill an empty, migrated database; `home` is where files beside it belong."""


def ensure(home: Home, *, seed: int, extent: Making, progress: Progress) -> dict[str, Any]:
    """Make the home a demo shop that is ready, whatever state an earlier start left it in.

    Returns
    -------
    dict
        ``orders, order_lines, customers, skus, locations, seconds``.

    Raises
    ------
    Refused
        ``demo.home_in_use`` when the home holds a shop that is not a demo.
    Conflict
        ``demo.busy`` while another process builds here.
    """
    begun = time.perf_counter()
    home.path.mkdir(parents=True, exist_ok=True)
    with only_one(home.path / "demo.lock", "demo.busy", "Another process is building the demo shop here."):
        state = state_of(home, extent.name)
        if state not in {"built", "ready"}:
            _build(home, state, seed=seed, extent=extent, progress=progress)
        from app.workspace import Workspace

        workspace = Workspace.open(home.path)
        if state != "ready":
            prepare(workspace, at=extent.ends, progress=progress)
            marker.write(workspace.engine, state="ready")
        wake(workspace)
        counts = _counts(workspace)
        workspace.engine.dispose()
    progress("ready", 1.0)
    return counts | {"seconds": round(time.perf_counter() - begun, 1)}


def state_of(home: Home, name: str = RETAIL.name) -> str:
    """Return ``none``, ``building``, ``built`` or ``ready``; refuse a shop that is not this demo."""
    is_file = home.database_url.startswith("sqlite")
    if is_file and not (home.path / "oms.db").exists():
        return "none"
    engine = make_engine(home.database_url)
    try:
        if current(engine) is None:
            return "none"
        require_current(engine)
        with transaction(engine) as session:
            found = marker.read(session)
            if found:
                _refuse_other(home, found, name)
                return str(found["state"])
            if session.scalar(sa.text("SELECT 1 FROM orders UNION ALL SELECT 1 FROM variants LIMIT 1")) is None:
                return "none"
    finally:
        engine.dispose()
    raise Refused(
        "demo.home_in_use",
        f"{home.path} already holds a shop that is not a demo.",
        "Choose an empty folder for the demo: ordersight demo --home DIR",
    )


def _refuse_other(home: Home, found: dict[str, Any], name: str) -> None:
    there = found.get("shop", RETAIL.name)
    if there != name and found["state"] != "building":
        raise Refused(
            "demo.other_shop",
            f"{home.path} holds the {there} demo, not the {name} one.",
            f"Choose an empty folder for it, or go on with: ordersight demo --shop {there}",
        )


def _build(home: Home, state: str, *, seed: int, extent: Making, progress: Progress) -> None:
    progress("creating the schema", 0.0)
    if home.database_url.startswith("sqlite"):
        _build_file(home, seed=seed, extent=extent, progress=progress)
        return
    engine = make_engine(home.database_url)
    if state == "building":
        downgrade(engine)
    upgrade(engine)
    marker.write(engine, state="building", seed=seed, shop=extent.name, **extent.facts)
    extent.build(engine, seed=seed, home=home.path, progress=progress)
    marker.write(engine, state="built")
    engine.dispose()


def _build_file(home: Home, *, seed: int, extent: Making, progress: Progress) -> None:
    """Build under another name; the finished file appears at once."""
    site = home.path / ".demo-building"
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir()
    engine = make_engine(f"sqlite:///{site / 'oms.db'}")
    sa.event.listen(engine, "connect", _hurry)
    upgrade(engine)
    marker.write(engine, state="built", seed=seed, shop=extent.name, **extent.facts)
    extent.build(engine, seed=seed, home=home.path, progress=progress)
    engine.dispose()
    publish(site / "oms.db", home.path / "oms.db")
    shutil.rmtree(site)


def _hurry(connection: Any, _record: object) -> None:
    for pragma in FAST:
        connection.execute(f"PRAGMA {pragma}")


def publish(built: Path, target: Path) -> None:
    """Bring a finished file to the disk and give it its name."""
    with built.open("rb+") as file:
        os.fsync(file.fileno())
    for stale in ("-wal", "-shm"):
        target.with_name(target.name + stale).unlink(missing_ok=True)
    built.replace(target)


def wake(workspace: Workspace) -> None:
    """Let the shop's clock go on from its last activity (while nothing ran, no time passed); open the customer pages.

    A running worker keeps its clock: two processes must not disagree about the time.
    """
    with workspace.transaction() as session:
        shop = load_shop(session)
        if is_held(workspace.home.path / LOCK):
            return
        wall = clock.now() - clock.offset()
        last = _last_activity(session)
        save_shop(session, replace(shop, clock_offset_seconds=(last - wall).total_seconds()))
        with clock.frozen(last):
            open_pages(session)


def _last_activity(session: Session) -> datetime:
    last = session.scalar(sa.select(sa.func.max(JournalEntry.at)))
    ends = scene_of(session).ends
    return max(last or ends, ends)


def _counts(workspace: Workspace) -> dict[str, int]:
    with workspace.reading() as session:
        return {
            key: int(session.scalar(sa.select(sa.func.count()).select_from(sa.table(table))) or 0)
            for key, table in COUNTED.items()
        }
