"""What each channel may take: buffers it never sees, units protected for it, levels not offered to it.

A rule speaks of a channel and of one variant or all, at one location or all. Of a channel's rules
that fit a level only the most specific counts: variant and location, then variant, then location,
then the channel's own. For a channel a level then has::

    available - its buffer - what is protected for other channels      (never below zero)

and nothing where it is not offered. Protection is of available units: it does not shrink as the
channel sells, so it says how many units of a level the others always leave.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.inventory.posting import require
from oms_core.inventory.promise_tables import ChannelStockRule
from oms_core.inventory.tables import StockLevel
from oms_core.kernel import journal
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.kernel.rows import core, packed, table_of, unpacked
from oms_core.locations.tables import Channel, Location

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from oms_core.inventory.rules import Key, Level

_RULE, _LEVEL, _LOCATION = table_of(ChannelStockRule), table_of(StockLevel), table_of(Location)
_ABOUT = ("channel_id", "variant_id", "location_id", "buffer_qty", "protected_qty", "is_offered")


def set_rule(
    session: Session,
    *,
    channel_id: int,
    variant_id: int | None = None,
    location_id: int | None = None,
    buffer_qty: int = 0,
    protected_qty: int = 0,
    is_offered: bool = True,
    actor: str = "system",
) -> ChannelStockRule:
    """Write the rule of a channel for a variant (None: all) at a location (None: all), over the one that was there.

    Raises
    ------
    InvalidInput
        Units below zero.
    NotFound
        An unknown channel, variant or location.
    """
    for name, units in (("buffer_qty", buffer_qty), ("protected_qty", protected_qty)):
        if units < 0:
            raise InvalidInput(name, units, "zero or more units")
    if session.get(Channel, channel_id) is None:
        raise NotFound("channel", channel_id)
    require(
        session,
        variant_ids=() if variant_id is None else (variant_id,),
        location_ids=() if location_id is None else (location_id,),
    )
    rule = _rule(session, channel_id, variant_id, location_id) or ChannelStockRule(
        channel_id=channel_id, variant_id=variant_id, location_id=location_id, scope=_scope(variant_id, location_id)
    )
    rule.buffer_qty, rule.protected_qty, rule.is_offered = buffer_qty, protected_qty, is_offered
    session.add(rule)
    session.flush()
    _record(session, "channel.stock_rule_set", rule, actor)
    return rule


def drop_rule(
    session: Session,
    *,
    channel_id: int,
    variant_id: int | None = None,
    location_id: int | None = None,
    actor: str = "system",
) -> None:
    """Take a rule away; refuse with :class:`NotFound` when there is none of exactly that scope."""
    rule = _rule(session, channel_id, variant_id, location_id)
    if rule is None:
        raise NotFound("channel stock rule", _scope(variant_id, location_id))
    _record(session, "channel.stock_rule_dropped", rule, actor)
    session.delete(rule)
    session.flush()


def _scope(variant_id: int | None, location_id: int | None) -> str:
    return f"{variant_id or '*'}@{location_id or '*'}"


def _rule(
    session: Session, channel_id: int, variant_id: int | None, location_id: int | None
) -> ChannelStockRule | None:
    scope = _scope(variant_id, location_id)
    statement = sa.select(ChannelStockRule).where(
        ChannelStockRule.channel_id == channel_id, ChannelStockRule.scope == scope
    )
    return session.scalars(statement).one_or_none()


def _record(session: Session, event: str, rule: ChannelStockRule, actor: str) -> None:
    facts = {name: getattr(rule, name) for name in _ABOUT[1:]}
    journal.record(session, event, "channel", rule.channel_id, actor=actor, **facts)


@lru_cache
def _about(dialect: str) -> sa.Select[Any]:
    """Build: the rules, of every channel, that speak of the wanted variants."""
    wanted = unpacked(dialect, variant_id=int)
    of_them = _RULE.c.variant_id.in_(sa.select(wanted.c.variant_id))
    return sa.select(*(_RULE.c[name] for name in _ABOUT)).where(sa.or_(_RULE.c.variant_id.is_(None), of_them))


def rules_about(connection: sa.Connection, variant_ids: Iterable[int]) -> Sequence[Any]:
    """Return the rules of every channel that speak of the variants; one statement."""
    batch = packed((key,) for key in sorted(set(variant_ids)))
    return connection.execute(_about(connection.dialect.name), {"batch": batch}).all()


def held_back(rules: Sequence[Any], channel_id: int, keys: Iterable[Key]) -> dict[Key, int | None]:
    """Return the units of each level a channel must leave; None where the level is not offered to it.

    The same reckoning as :func:`channel_availability`, for levels the caller has locked.
    """
    by_scope = {(r.channel_id, r.variant_id, r.location_id): r for r in rules}
    channels = {r.channel_id for r in rules}
    held: dict[Key, int | None] = {}
    for key in keys:
        kept: int | None = 0
        for channel in channels:
            rule = _most_specific(by_scope, channel, key)
            if rule is None or kept is None:
                continue
            if channel != channel_id:
                kept += rule.protected_qty
            else:
                kept = kept + rule.buffer_qty if rule.is_offered else None
        held[key] = kept
    return held


def units_for(rules: Sequence[Any], channel_id: int, levels: Mapping[Key, Level]) -> dict[Key, int]:
    """Return the available units of each level that a channel may take (see the module)."""
    held = held_back(rules, channel_id, levels)
    units = {}
    for key, level in levels.items():
        kept = held[key]
        units[key] = 0 if kept is None else max(level.available - kept, 0)
    return units


def _most_specific(by_scope: Mapping[Any, Any], channel: int, key: Key) -> Any:
    variant, place = key
    for scope in ((variant, place), (variant, None), (None, place), (None, None)):
        rule = by_scope.get((channel, *scope))
        if rule is not None:
            return rule
    return None


@lru_cache
def _availability(dialect: str) -> sa.Select[Any]:
    """Build: what one channel may take of the wanted variants at every active location."""
    wanted = unpacked(dialect, variant_id=int)
    fits = sa.and_(
        sa.or_(_RULE.c.variant_id.is_(None), _RULE.c.variant_id == _LEVEL.c.variant_id),
        sa.or_(_RULE.c.location_id.is_(None), _RULE.c.location_id == _LEVEL.c.location_id),
    )
    specific = sa.func.row_number().over(
        partition_by=(_LEVEL.c.id, _RULE.c.channel_id),
        order_by=(_RULE.c.variant_id.is_(None), _RULE.c.location_id.is_(None)),
    )
    ranked = (
        sa.select(
            _LEVEL.c.id.label("level_id"), _LEVEL.c.variant_id, _LEVEL.c.location_id, _LEVEL.c.available,
            *(_RULE.c[name].label(f"rule_{name}") for name in ("channel_id", *_ABOUT[3:])), specific.label("place"),
        )
        .join(wanted, wanted.c.variant_id == _LEVEL.c.variant_id)
        .join(_LOCATION, sa.and_(_LOCATION.c.id == _LEVEL.c.location_id, _LOCATION.c.is_active))
        .outerjoin(_RULE, fits)
        .subquery()
    )  # fmt: skip
    mine = ranked.c.rule_channel_id == sa.bindparam("channel")
    held = sa.case((mine, ranked.c.rule_buffer_qty), else_=sa.func.coalesce(ranked.c.rule_protected_qty, 0))
    hidden = sa.func.sum(sa.case((sa.and_(mine, sa.not_(ranked.c.rule_is_offered)), 1), else_=0))
    left = ranked.c.available - sa.cast(sa.func.sum(held), sa.BigInteger)
    return (
        sa.select(
            ranked.c.variant_id, ranked.c.location_id, ranked.c.available,
            sa.case((hidden > 0, 0), (left > 0, left), else_=0).label("units"),
            (hidden == 0).label("is_offered"),
        )
        .where(ranked.c.place == 1)
        .group_by(ranked.c.level_id, ranked.c.variant_id, ranked.c.location_id, ranked.c.available)
        .order_by(ranked.c.variant_id, ranked.c.location_id)
    )  # fmt: skip


def channel_availability(session: Session, channel_id: int, variant_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return what a channel may take of many variants at every active location; one statement.

    Returns
    -------
    list of dict
        ``variant_id, location_id, available`` (of the level), ``units`` (of which the channel may
        take so many), ``is_offered``; in (variant, location) order, levels that exist only.

    Raises
    ------
    NotFound
        If there is no such channel.
    """
    if session.get(Channel, channel_id) is None:
        raise NotFound("channel", channel_id)
    connection = core(session)
    given = {"batch": packed((key,) for key in sorted(set(variant_ids))), "channel": channel_id}
    rows = connection.execute(_availability(connection.dialect.name), given).mappings()
    return [{**row, "units": int(row["units"]), "is_offered": bool(row["is_offered"])} for row in rows]


def channel_named(session: Session, code: str) -> Channel:
    """Return the channel of a code; near matches are offered when there is none."""
    found = session.scalars(sa.select(Channel).where(Channel.code == code)).one_or_none()
    if found is None:
        raise NotFound("channel", code, session.scalars(sa.select(Channel.code)))
    return found


def rules_list(session: Session, channel: str | None = None) -> list[dict[str, Any]]:
    """Return the rules by channel, SKU and location (None: every one)."""
    statement = (
        sa.select(
            Channel.code.label("channel"), Variant.sku, Location.code.label("location"),
            *(_RULE.c[name] for name in _ABOUT[3:]),
        )
        .select_from(_RULE)
        .join(Channel, Channel.id == _RULE.c.channel_id)
        .outerjoin(Variant, Variant.id == _RULE.c.variant_id)
        .outerjoin(Location, Location.id == _RULE.c.location_id)
        .order_by(Channel.position, Channel.code, Variant.sku, Location.code)
    )  # fmt: skip
    if channel is not None:
        statement = statement.where(Channel.code == channel_named(session, channel).code)
    return [dict(row) for row in session.execute(statement).mappings()]
