"""Laws of where goods go back to."""

from __future__ import annotations

import sqlalchemy as sa

from oms_core.audit.law import Law, by_query, count_of
from oms_core.audit.money import RETURN
from oms_core.kernel.rows import table_of
from oms_core.locations.tables import Location
from oms_core.returns.address_tables import ReturnAddress
from oms_core.returns.places import WHYS

RULE, PLACE = table_of(ReturnAddress), table_of(Location)


def _kind(why: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    return sa.or_(*(sa.or_(why == kind, why.startswith(f"{kind}:", autoescape=True)) for kind in WHYS))


def _unexplained() -> sa.Select[*tuple[object, ...]]:
    """Return returns whose address has no reason we know, or a reason without an address."""
    why, there = RETURN.c.send_to_why, RETURN.c.send_to
    return sa.select(RETURN.c.number, there, why).where(
        sa.or_(
            sa.and_(there != "", sa.not_(_kind(why))),
            sa.and_(there == "", sa.or_(why != "", RETURN.c.send_to_location_id.is_not(None))),
        )
    )


def _mixed_scope() -> sa.Select[*tuple[object, ...]]:
    """Return rules whose country or postal codes are not written as they are compared."""
    written = RULE.c.country + RULE.c.postal_prefix
    return (
        sa.select(RULE.c.id, RULE.c.country, RULE.c.postal_prefix, PLACE.c.code)
        .join(PLACE, PLACE.c.id == RULE.c.location_id)
        .where(sa.or_(written != sa.func.upper(written), RULE.c.postal_prefix.contains(" ")))
    )


LAWS: tuple[Law, ...] = (
    Law(
        "returns.sent_where_told",
        "A return that names an address keeps the reason it was chosen, and only then.",
        by_query(count_of(RETURN), _unexplained(), "{number}: address {send_to!r}, reason {send_to_why!r}"),
    ),
    Law(
        "return_addresses.comparable",
        "Countries and postal codes of return addresses are written in capitals without spaces.",
        by_query(count_of(RULE), _mixed_scope(), "rule {id} for {country} {postal_prefix!r} to {code}"),
    ),
)
