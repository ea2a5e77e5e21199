"""Thresholds on the numbers of the board, and the alerts their crossings raise: one a crossing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.reporting.trust_tables import DIRECTIONS, Alert, AlertRule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session


def set_threshold(
    session: Session, *, measure: str, threshold: float, direction: str = "above", place: str = "", actor: str
) -> AlertRule:
    """Set a threshold, or move the one of this measure, place and direction.

    Raises
    ------
    InvalidInput
        A direction other than above and below, or a threshold that is no finite number of zero or more.
    """
    if direction not in DIRECTIONS:
        raise InvalidInput("direction", direction, "above or below was expected")
    if not (math.isfinite(threshold) and threshold >= 0):
        raise InvalidInput("threshold", threshold, "a number of zero or more was expected")
    same = (AlertRule.measure == measure, AlertRule.place == place, AlertRule.direction == direction)
    found = session.scalars(sa.select(AlertRule).where(*same).with_for_update()).one_or_none()
    rule = found or AlertRule(measure=measure, place=place, direction=direction)
    rule.threshold, rule.set_by, rule.set_at = float(threshold), actor, clock.now()
    session.add(rule)
    session.flush()
    journal.record(
        session, "alert.threshold_set", "alert_rule", rule.id, actor=actor, measure=measure, place=place,
        direction=direction, threshold=float(threshold),
    )  # fmt: skip
    return rule


def drop_threshold(session: Session, rule_id: int, *, actor: str) -> None:
    """Take a threshold back with its alerts.

    Raises
    ------
    NotFound
        No such threshold.
    """
    rule = session.get(AlertRule, rule_id)
    if rule is None:
        raise NotFound("threshold", rule_id)
    session.execute(sa.delete(Alert).where(Alert.alert_rule_id == rule_id))
    journal.record(session, "alert.threshold_dropped", "alert_rule", rule_id, actor=actor, measure=rule.measure)
    session.delete(rule)
    session.flush()


def crossings_due(session: Session, values: Mapping[tuple[str, str], float | None]) -> bool:
    """Tell, without writing, whether :func:`watch` would raise or end an alert."""
    return any(_turn(rule, alert, values) for rule, alert in _rules(session))


def watch(session: Session, values: Mapping[tuple[str, str], float | None]) -> dict[str, int]:
    """Compare what was measured with every threshold: raise an alert where one was crossed, end those that came back.

    Parameters
    ----------
    values : mapping
        Measure and place to the number; a missing one is as good as zero: nothing waits there.

    Returns
    -------
    dict of str to int
        ``raised`` and ``ended``.
    """
    done = {"raised": 0, "ended": 0}
    for rule, alert in _rules(session, lock=True):
        turn = _turn(rule, alert, values)
        if turn == "raised":
            value = _value(rule, values)
            session.add(Alert(alert_rule_id=rule.id, crossed_at=clock.now(), value=value, threshold=rule.threshold))
        elif turn == "ended" and alert is not None:
            alert.ended_at = clock.now()
        if turn:
            done[turn] += 1
    session.flush()
    return done


def _rules(session: Session, *, lock: bool = False) -> list[tuple[AlertRule, Alert | None]]:
    """Return every rule with its open alert, if any."""
    rules = session.scalars(sa.select(AlertRule).order_by(AlertRule.id).with_for_update() if lock else
                            sa.select(AlertRule).order_by(AlertRule.id)).all()  # fmt: skip
    found = {a.alert_rule_id: a for a in session.scalars(sa.select(Alert).where(Alert.ended_at.is_(None)))}
    return [(rule, found.get(rule.id)) for rule in rules]


def _value(rule: AlertRule, values: Mapping[tuple[str, str], float | None]) -> float:
    return float(values.get((rule.measure, rule.place)) or 0)


def _turn(rule: AlertRule, alert: Alert | None, values: Mapping[tuple[str, str], float | None]) -> str:
    """Return ``raised`` or ``ended`` when a rule's alert has to change, else nothing."""
    value = _value(rule, values)
    beyond = value > rule.threshold if rule.direction == "above" else value < rule.threshold
    if beyond == (alert is not None):
        return ""
    return "raised" if beyond else "ended"


def acknowledge(session: Session, alert_id: int, *, actor: str) -> Alert:
    """Note who has seen an alert; the first one stays.

    Raises
    ------
    NotFound
        No such alert.
    """
    alert = session.get(Alert, alert_id, with_for_update=True)
    if alert is None:
        raise NotFound("alert", alert_id)
    if alert.acknowledged_at is None:
        alert.acknowledged_at, alert.acknowledged_by = clock.now(), actor
        session.flush()
        journal.record(session, "alert.acknowledged", "alert", alert.id, actor=actor)
    return alert


def thresholds(session: Session) -> list[dict[str, Any]]:
    """Return every threshold: ``id, measure, place, direction, threshold, set_by, set_at``."""
    columns = ("id", "measure", "place", "direction", "threshold", "set_by", "set_at")
    found = session.scalars(sa.select(AlertRule).order_by(AlertRule.measure, AlertRule.place, AlertRule.direction))
    return [{column: getattr(rule, column) for column in columns} for rule in found]


def alerts(session: Session, *, open_only: bool = False, limit: int = 20) -> list[dict[str, Any]]:
    """Return alerts, open ones first, newest first, with the measure and the place of their threshold."""
    found = (
        sa.select(Alert, AlertRule.measure, AlertRule.place, AlertRule.direction)
        .join(AlertRule, AlertRule.id == Alert.alert_rule_id)
        .order_by(Alert.ended_at.is_not(None), Alert.id.desc())
        .limit(limit)
    )
    if open_only:
        found = found.where(Alert.ended_at.is_(None))
    columns = ("id", "crossed_at", "value", "threshold", "ended_at", "acknowledged_at", "acknowledged_by")
    return [
        {column: getattr(alert, column) for column in columns}
        | {"measure": measure, "place": place, "direction": direction}
        for alert, measure, place, direction in session.execute(found)
    ]
