"""What a shop that has run for a year would have done: scores, segments, forecasts, warm replicas.

Each job stores its result in one transaction and may run twice; the clock stands at the data's end.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from typing import TYPE_CHECKING

from oms_core.kernel import clock

if TYPE_CHECKING:
    from app.demo.build import Progress
    from app.workspace import Workspace

#: Processes that keep a replica of their own (see `Workspace.consumer`).
CONSUMERS = ("dashboard",)


def prepare(workspace: Workspace, *, at: datetime, progress: Progress) -> None:
    """Run every job once with the clock held at `at`, then give each consumer a warm replica."""
    from app.jobs import nightly

    with clock.frozen(at):
        progress("loading the replica", 0.9)
        workspace.replica.refresh()
        nightly.run(workspace, actor="demo", progress=lambda what, share: progress(what, 0.92 + 0.06 * share))
        progress("warming the dashboard", 0.98)
        workspace.replica.refresh()
    hand_out(workspace)


def hand_out(workspace: Workspace) -> None:
    """Copy the replica to the other consumers; a copied file goes on from where it stands."""
    workspace.replica.close()
    del workspace.replica
    source = workspace.home.replica(workspace.consumer)
    for consumer in CONSUMERS:
        shutil.copyfile(source, workspace.home.replica(consumer))
