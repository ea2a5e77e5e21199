"""How long what tells who somebody is may be kept when nobody asked for it to go; nothing is thrown away unless set."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.imports.tables import RejectedRow
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput
from oms_core.kernel.journal import IdempotencyKey, ShopSetting
from oms_core.orders.tables import Order
from oms_core.privacy.erasure import nobodys_order

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

_KEY = "privacy_retention"
#: Shorter than this, returns, complaints and repeated requests would find nothing.
LEAST = {"guest_address_days": 60, "answer_days": 7, "rejected_row_days": 7}


#: An order that still tells who it was for.
_NAMED = (Order.email.is_not(None), Order.ship_name != "", Order.ship_line1 != "", Order.bill_name.is_not(None))


@dataclass(frozen=True, slots=True)
class Retention:
    """Days after which something is emptied; None keeps it.

    Attributes
    ----------
    guest_address_days : int or None
        E-mail, name, street and invoice address of a closed or cancelled order without a customer, from its placing.
    answer_days : int or None
        Answers kept for repeated requests of the API.
    rejected_row_days : int or None
        What stood in imported rows that could not be taken.
    """

    guest_address_days: int | None = None
    answer_days: int | None = None
    rejected_row_days: int | None = None


def retention(session: Session) -> Retention:
    """Return the rules in force."""
    kept = session.scalar(sa.select(ShopSetting.value).where(ShopSetting.key == _KEY))
    return Retention(**(kept or {}))


def set_retention(session: Session, changes: Mapping[str, int], *, actor: str = "system") -> Retention:
    """Change rules by name; zero keeps for good.

    Raises
    ------
    InvalidInput
        ``retention.days``: fewer days than `LEAST`.
    """
    for name, days in changes.items():
        if days and days < LEAST[name]:
            raise InvalidInput(
                name.replace("_", " "), days, f"0 (keep for good) or at least {LEAST[name]} days were expected",
                code="retention.days",
            )  # fmt: skip
    rules = Retention(**{**asdict(retention(session)), **{name: days or None for name, days in changes.items()}})
    session.execute(sa.delete(ShopSetting).where(ShopSetting.key == _KEY))
    session.add(ShopSetting(key=_KEY, value=asdict(rules)))
    session.flush()
    journal.record(session, "retention.changed", "shop", 0, actor=actor, **asdict(rules))
    return rules


def apply_retention(session: Session, *, actor: str = "system") -> dict[str, int]:
    """Empty what is past its keeping; return rows by rule. Sums, stock and the orders themselves stay."""
    rules, now = retention(session), clock.now()
    statements: dict[str, sa.Update | sa.Delete] = {
        "guest_address_days": sa.update(Order)
        .where(
            Order.customer_id.is_(None),
            Order.state.in_(["closed", "cancelled"]),
            sa.or_(*_NAMED),
        )
        .values(nobodys_order()),
        "answer_days": sa.delete(IdempotencyKey),
        "rejected_row_days": sa.update(RejectedRow).where(RejectedRow.reason != "").values(raw={}, reason=""),
    }  # fmt: skip
    began = {"guest_address_days": Order.placed_at, "answer_days": IdempotencyKey.at}
    done: dict[str, int] = {}
    for name, days in asdict(rules).items():
        if days is None:
            continue
        since = now - timedelta(days=days)
        old = began[name] < since if name in began else RejectedRow.resolved_at < since
        ran = session.execute(statements[name].where(old).execution_options(synchronize_session=False))
        done[name] = int(getattr(ran, "rowcount", 0))
    if any(done.values()):
        journal.record(session, "retention.applied", "shop", 0, actor=actor, **done)
    return done
