"""What time alone brings about: new orders looked at, holds and service windows that end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.workspace import Workspace


def look(workspace: Workspace) -> dict[str, int]:
    """Look at new orders first, then release what is due, until nothing is left; return how much there was.

    In this order no service window ends before its order was assessed. Each step is a transaction of
    its own, so that a long backlog does not keep the write lock.
    """
    from oms_core.fulfilment.commands import release_due
    from oms_core.fulfilment.holding import DUE_AT_ONCE
    from oms_core.review import watch

    done = {"assessed": 0, "suspected": 0, "holds": 0, "fulfillment_orders": 0}
    for step, most in ((watch.look, watch.AT_ONCE), (release_due, DUE_AT_ONCE)):
        while True:
            with workspace.transaction() as session:
                found = step(session)
            for name, n in found.items():
                done[name] += n
            if max(found.values()) < most:
                break
    return done
