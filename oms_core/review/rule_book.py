"""The shop's risk rules: read them, and write the whole set in the place of the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import journal
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.review.rules import DEFAULT_RULES, HIGH, MEDIUM, Rule
from oms_core.review.tables import RISK_KINDS, RiskRule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

_USUAL = {rule.kind: rule for rule in DEFAULT_RULES}
_MOST = 1_000_000


def rule_book(session: Session) -> dict[str, Any]:
    """Return the rules that hold: ``is_own`` (the shop wrote them), ``medium, high`` (scores), ``rules``.

    Each rule has ``kind, points, params, is_active``; kinds the shop left out give no points.
    """
    rows = session.scalars(sa.select(RiskRule).order_by(RiskRule.id)).all()
    own = [{"kind": r.kind, "points": r.points, "params": r.params, "is_active": r.is_active} for r in rows]
    usual = [{"kind": r.kind, "points": r.points, "params": dict(r.params), "is_active": True} for r in DEFAULT_RULES]
    return {"is_own": bool(own), "medium": MEDIUM, "high": HIGH, "rules": own or usual}


def write_rules(
    session: Session, rules: Sequence[Rule], *, inactive: Sequence[str] = (), actor: str = "system"
) -> dict[str, Any]:
    """Put these rules in the place of the shop's; none at all brings the usual ones back.

    Numbers a rule leaves out are the usual ones of its kind. Orders assessed before keep what was
    said of them until they are assessed again.

    Raises
    ------
    NotFound
        A kind we do not know, with near matches.
    InvalidInput
        A kind twice; points outside 0 to 100; a number that is unknown, missing or below one.
    """
    written = [Rule(rule.kind, rule.points, _params(rule)) for rule in rules]
    kinds = [rule.kind for rule in written]
    for kind in kinds:
        if kinds.count(kind) > 1:
            raise InvalidInput("kind", kind, "each kind of rule once", code="risk.rule_twice")
    before = rule_book(session)["rules"]
    session.execute(sa.delete(RiskRule))
    session.add_all(
        RiskRule(kind=r.kind, points=r.points, params=dict(r.params), is_active=r.kind not in inactive) for r in written
    )
    session.flush()
    after = rule_book(session)
    if after["rules"] != before:
        journal.record(session, "risk.rules_written", "shop", 0, actor=actor, before=before, after=after["rules"])
    return after


def _params(rule: Rule) -> dict[str, Any]:
    if rule.kind not in RISK_KINDS:
        raise NotFound("risk rule", rule.kind, RISK_KINDS)
    if not 0 <= rule.points <= 100:
        raise InvalidInput("points", rule.points, f"0 to 100 for {rule.kind}")
    usual = dict(_USUAL[rule.kind].params)
    for name, value in rule.params.items():
        if name not in usual:
            raise InvalidInput("params", name, f"{rule.kind} knows {', '.join(usual) or 'no numbers'}")
        _require_like(rule.kind, name, value, usual[name])
    return usual | dict(rule.params)


def _require_like(kind: str, name: str, value: object, usual: object) -> None:
    """Refuse a value that is no number from 1 on, or no list of words where the usual one is a list."""
    if isinstance(usual, list):
        fits = isinstance(value, list) and all(isinstance(word, str) and word.strip() for word in value)
    else:
        fits = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST
    if not fits:
        raise InvalidInput("params", {name: value}, f"{name} of {kind} like {usual}", code="risk.rule_number")


def rules_given(rows: Sequence[Mapping[str, Any]]) -> list[Rule]:
    """Return rules from records with ``kind, points, params``."""
    return [Rule(row["kind"], row["points"], row.get("params") or {}) for row in rows]
