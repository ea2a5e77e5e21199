"""What stock needs done by itself: old reservations let go, promises filled and dated, expired lots out of sale."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.workspace import Workspace


def look(workspace: Workspace) -> dict[str, int]:
    """Do what is due, each in a transaction of its own, and say how much it was.

    Returns
    -------
    dict of str to int
        ``expired`` reservations, ``quarantined`` units of expired lots, ``filled`` units of orders
        that waited, ``moved`` promises.
    """
    from oms_core.backorders.commands import fill, repromise
    from oms_core.inventory.lots import quarantine_expired
    from oms_core.inventory.reservations import expire_due

    zone, done = workspace.shop.zone, dict[str, int]()
    with workspace.transaction() as session:
        done["expired"] = expire_due(session, zone=zone)
    with workspace.transaction() as session:
        done["quarantined"] = quarantine_expired(session, zone=zone)
    with workspace.transaction() as session:
        done["filled"] = fill(session, zone=zone)
    with workspace.transaction() as session:
        done["moved"] = repromise(session, zone=zone)
    return done
