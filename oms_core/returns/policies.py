"""Which refund rules hold for a return: the most specific policy, by reason, channel and market."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import journal
from oms_core.kernel.errors import InvalidInput
from oms_core.locations.tables import Channel, Market
from oms_core.orders.tables import Order
from oms_core.returns.policy_tables import CARRIAGE_PAYERS, SHIPPING_REFUNDS, RefundPolicy
from oms_core.returns.reasons import OTHER, reasons
from oms_core.returns.tables import GRADES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a return costs the customer; amounts in minor units, shares in basis points.

    Attributes
    ----------
    carriage_payer : str
        ``customer`` or ``shop`` pays for sending the goods back.
    label_minor : int
        Kept back when the customer pays and used the shop's label.
    fee_bp, fee_minor : int
        Restocking fee: a share of the goods, and a fixed amount.
    shipping_refund : str
        When the delivery charge of the order goes back: never, whole_order, always.
    standard_delivery_minor : int or None
        The most that goes back of it (the price of the cheapest delivery offered); None is all.
    credit_bonus_bp : int
        Given on top when the customer takes store credit.
    grade_cuts : mapping
        Share of a unit's price kept back, by grade.
    days_allowed : int or None
        Days after delivery in which goods may be sent back by goodwill; None sets no limit.
    is_statutory : bool
        A withdrawal by law: no fee, and the whole order's standard delivery goes back.
    """

    code: str = "default"
    carriage_payer: str = "customer"
    label_minor: int = 0
    fee_bp: int = 0
    fee_minor: int = 0
    shipping_refund: str = "never"
    standard_delivery_minor: int | None = None
    credit_bonus_bp: int = 0
    grade_cuts: Mapping[str, int] = field(default_factory=dict)
    days_allowed: int | None = None
    is_statutory: bool = False


#: Held when the shop wrote no policy that fits.
DEFAULT = Terms()
#: Held instead when the reason is not the customer's fault: nothing is kept back.
NOT_THEIR_FAULT = Terms(code="not_their_fault", carriage_payer="shop", shipping_refund="whole_order")


def statutory(terms: Terms, *, was_informed: bool) -> Terms:
    """Return the terms as the law allows them for a withdrawal (Directive 2011/83/EU, articles 13 and 14).

    No fee may be taken. A cut for goods used more than trying them needs stays, and so does the
    customer's carriage, but only if the shop told the consumer about both before the sale.
    """
    informed: dict[str, Any] = {} if was_informed else {"grade_cuts": {}, "carriage_payer": "shop"}
    return replace(
        terms, code=f"withdrawal/{terms.code}", fee_bp=0, fee_minor=0, shipping_refund="whole_order",
        is_statutory=True, **informed,
    )  # fmt: skip


def terms_for(session: Session, order: Order, reason: str) -> Terms:
    """Return the terms for a return of an order for a reason."""
    channel = session.scalar(sa.select(Channel.code).where(Channel.id == order.channel_id)) or ""
    rows = session.scalars(sa.select(RefundPolicy).where(RefundPolicy.is_active)).all()
    chosen = most_specific(rows, markets=_markets(session, order.ship_country), channel=channel, reason=reason)
    fault = reasons(session).get(reason, OTHER).fault
    if fault != "customer" and (chosen is None or chosen.reason != reason):
        # a policy written for returns in general does not charge customers for somebody else's fault
        return NOT_THEIR_FAULT
    return _terms(chosen) if chosen else DEFAULT


def most_specific(
    policies: Iterable[RefundPolicy], *, markets: Iterable[str], channel: str, reason: str
) -> RefundPolicy | None:
    """Return the policy that fits best: a reason of its own counts more than a channel, that more than a market."""
    known = set(markets)
    fitting = [
        p
        for p in policies
        if p.reason in ("", reason) and p.channel in ("", channel) and (not p.market or p.market in known)
    ]
    return max(fitting, key=lambda p: (bool(p.reason), bool(p.channel), bool(p.market), -(p.id or 0)), default=None)


def save_policy(session: Session, *, code: str, actor: str = "system", **terms: Any) -> RefundPolicy:
    """Write a policy, or change the one of that code.

    Parameters
    ----------
    **terms
        Columns of :class:`RefundPolicy`: market, channel, reason (codes; empty is any) and its terms.

    Raises
    ------
    InvalidInput
        An unknown payer, rule of delivery or grade; a share outside 0 to 10,000 basis points; an
        amount below zero; a second policy for the same market, channel and reason.
    """
    _require_sound(terms)
    found = session.scalar(sa.select(RefundPolicy).where(RefundPolicy.code == code)) or RefundPolicy(code=code)
    scope = {name: terms.get(name, getattr(found, name, None) or "") for name in ("market", "channel", "reason")}
    other = session.scalar(sa.select(RefundPolicy.code).filter_by(**scope).where(RefundPolicy.code != code))
    if other is not None:
        raise InvalidInput("code", code, f"policy {other} holds for the same market, channel and reason already")
    for name, value in (scope | terms).items():
        setattr(found, name, value)
    session.add(found)
    session.flush()
    journal.record(session, "refund_policy.saved", "refund_policy", found.id, actor=actor, code=code, **terms)
    return found


def _require_sound(terms: Mapping[str, Any]) -> None:
    known = {column.key for column in RefundPolicy.__table__.columns} - {"id", "code"}
    for name, value in terms.items():
        if name not in known:
            raise InvalidInput("term", name, f"one of {', '.join(sorted(known))}")
        if name.endswith(("_minor", "_bp", "_allowed")) and value is not None and value < 0:
            raise InvalidInput(name, value, "nothing below zero was expected")
    for name, words in (("carriage_payer", CARRIAGE_PAYERS), ("shipping_refund", SHIPPING_REFUNDS)):
        if terms.get(name, words[0]) not in words:
            raise InvalidInput(name, terms[name], f"one of {', '.join(words)}")
    _require_shares({"fee_bp": terms.get("fee_bp", 0), **terms.get("grade_cuts", {})})


def _require_shares(shares: Mapping[str, Any]) -> None:
    for name, share in shares.items():
        if name != "fee_bp" and name not in GRADES[1:]:
            raise InvalidInput("grade", name, "a, b, c or d was expected")
        if not (isinstance(share, int) and 0 <= share <= 10_000):
            raise InvalidInput(name, share, "0 to 10000 basis points were expected")


def _markets(session: Session, country: str) -> list[str]:
    rows = session.execute(sa.select(Market.code, Market.countries))
    return [code for code, countries in rows if country and country in countries]


def _terms(policy: RefundPolicy) -> Terms:
    names = ("code", "carriage_payer", "label_minor", "fee_bp", "fee_minor", "shipping_refund",
             "standard_delivery_minor", "credit_bonus_bp", "grade_cuts", "days_allowed")  # fmt: skip
    return Terms(**{name: getattr(policy, name) for name in names})
