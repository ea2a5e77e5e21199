"""Service wanted of classes of goods, and backtests of the stock policy kept for everybody to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.planning.policy_tables import ServiceTarget, StockBacktest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy.orm import Session

#: Classes by value and by evenness, and what a target may be a share of.
ABC, XYZ = ("A", "B", "C"), ("X", "Y", "Z")
MEASURES = ("cycle", "fill")
#: What a class is to have while nobody said anything: its measure and target.
USUAL = ("cycle", 0.95)


def set_service(session: Session, *, abc: str, xyz: str, measure: str, target: float, actor: str) -> ServiceTarget:
    """Say what service a class is to have from now on.

    Parameters
    ----------
    measure : str
        ``cycle`` (chance that nothing runs out before an order arrives) or ``fill`` (share of units met from stock).
    target : float
        Share, in (0, 1).

    Raises
    ------
    NotFound
        Unknown class or measure.
    InvalidInput
        Not a share.
    """
    for kind, given, known in (
        ("class by value", abc, ABC),
        ("class by evenness", xyz, XYZ),
        ("measure", measure, MEASURES),
    ):
        if given not in known:
            raise NotFound(kind, given, known, hint=f"Known: {', '.join(known)}.")
    if not 0.0 < target < 1.0:
        raise InvalidInput("target", target, "a share above 0 and below 1 was expected")
    found = session.scalars(sa.select(ServiceTarget).where(ServiceTarget.abc == abc, ServiceTarget.xyz == xyz)).first()
    if found is None:
        found = ServiceTarget(abc=abc, xyz=xyz, measure=measure, target=target, set_by=actor, set_at=clock.now())
        session.add(found)
    found.measure, found.target, found.set_by, found.set_at = measure, float(target), actor, clock.now()
    session.flush()
    journal.record(
        session, "service.set", "service_target", found.id, actor=actor, abc=abc, xyz=xyz, measure=measure,
        target=float(target),
    )  # fmt: skip
    return found


def services(session: Session) -> dict[tuple[str, str], tuple[str, float]]:
    """Return the measure and target of every class; those nobody spoke of have the usual ones."""
    said = {(row.abc, row.xyz): (row.measure, row.target) for row in session.scalars(sa.select(ServiceTarget))}
    return {(abc, xyz): said.get((abc, xyz), USUAL) for abc in ABC for xyz in XYZ}


def store_backtest(
    session: Session, *, until_on: date, results: Mapping[str, Any], actor: str = "system"
) -> StockBacktest:
    """Keep a backtest of the stock policy; earlier ones stay."""
    made = StockBacktest(
        made_at=clock.now(), until_on=until_on, days=int(results["days"]), series_count=int(results["series"]),
        results=dict(results),
    )  # fmt: skip
    session.add(made)
    session.flush()
    journal.record(
        session, "stock_backtest.stored", "stock_backtest", made.id, actor=actor, until_on=until_on.isoformat(),
        days=made.days, series=made.series_count,
    )  # fmt: skip
    return made


def newest_backtest(session: Session) -> StockBacktest | None:
    """Return the newest backtest of the stock policy, if there is one."""
    return session.scalars(sa.select(StockBacktest).order_by(StockBacktest.id.desc()).limit(1)).first()
