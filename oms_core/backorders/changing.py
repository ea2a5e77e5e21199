"""Confirm an order change whose new units may wait for goods to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oms_core.backorders.promising import Calendar, promise
from oms_core.kernel import clock
from oms_core.order_changes.commands import confirm

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.order_changes.tables import OrderChange


def confirm_change(
    session: Session, change_id: int, *, zone: str, actor: str = "system", expected_version: int | None = None
) -> OrderChange:
    """Do what was proposed (`order_changes.confirm`); what is sold out waits where its variant's policy allows.

    Every front door confirms through here; an exchange does too.
    """
    calendar = Calendar(clock.business_date(clock.now(), zone))
    return confirm(
        session, change_id, zone=zone, actor=actor, expected_version=expected_version, beyond=calendar.beyond,
        wait=promise,
    )  # fmt: skip
