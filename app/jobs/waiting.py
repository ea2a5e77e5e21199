"""What time alone brings about: new orders looked at, holds, service windows and drafts that end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from app.workspace import Workspace


def look(workspace: Workspace) -> dict[str, int]:
    """Look at new orders first, then release what is due, until nothing is left; return how much there was.

    In this order no service window ends before its order was assessed. Each step is a transaction of
    its own, so that a long backlog does not keep the write lock; with nothing to do none is taken.
    """
    from oms_core.drafts import expiring
    from oms_core.fulfilment import holding
    from oms_core.review import watch

    done = {"assessed": 0, "suspected": 0, "holds": 0, "fulfillment_orders": 0, "drafts": 0}
    steps = (
        (watch.is_due, watch.look),
        (holding.is_due, holding.release_due),
        (expiring.is_due, expiring.end_due),
    )
    for is_due, step in steps:
        while _asks(workspace, is_due):
            with workspace.transaction() as session:
                found = step(session)
            for name, n in found.items():
                done[name] += n
            if not any(found.values()):
                # another process did it in the meantime
                break
    return done


def _asks(workspace: Workspace, is_due: Callable[[Session], bool]) -> bool:
    with workspace.reading() as session:
        return is_due(session)
