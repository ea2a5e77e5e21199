"""Find or create the customer of an order by e-mail or by the channel's own id."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.customers.tables import CUSTOMER_KINDS, Address, Customer, CustomerIdentity
from oms_core.kernel import clock
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.errors import InvalidInput
from oms_core.kernel.rows import core, next_ids, packed, table_of, unpacked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

_CUSTOMER, _IDENTITY, _ADDRESS = table_of(Customer), table_of(CustomerIdentity), table_of(Address)
#: First key of the advisory lock under which a new identity is claimed (PostgreSQL).
_CLAIM = 7001
_PLACE = ("country", "region", "city", "postal_code")
_CUSTOMER_COLUMNS = (
    "id", "number", "kind", "name", "email", "phone", "language", *_PLACE, "is_simulated", "created_at",
)  # fmt: skip
_ADDRESS_COLUMNS = ("customer_id", "is_default", *_PLACE, "line1", "line2", "name")
#: A name a customer is known by: kind, source, value.
Identity = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCustomer:
    """A buyer as a channel names them; at least an e-mail or an external id makes them findable."""

    email: str | None = None
    name: str = ""
    phone: str | None = None
    external_id: str | None = None
    kind: str = "consumer"
    language: str = ""


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer as one order names them, with where it goes and the channel it came from."""

    new: NewCustomer
    place: Mapping[str, str]
    source: str
    simulated: bool = False

    @property
    def identities(self) -> list[Identity]:
        """The names given; the channel's own id first, surer than an e-mail a family may share."""
        given = [("external", self.source, self.new.external_id or ""), ("email", "", email_of(self.new) or "")]
        return [identity for identity in given if identity[2]]


def check_customer(new: NewCustomer) -> None:
    """Refuse an unknown kind or something that is no e-mail address."""
    if new.kind not in CUSTOMER_KINDS:
        raise InvalidInput("customer kind", new.kind, f"one of {', '.join(CUSTOMER_KINDS)}")
    email_of(new)


def email_of(new: NewCustomer) -> str | None:
    """Return the e-mail as it is kept: trimmed, lower case; None when there is none."""
    if new.email is None or not new.email.strip():
        return None
    email = new.email.strip().lower()
    if email.count("@") != 1 or email.startswith("@") or email.endswith("@") or " " in email:
        raise InvalidInput("email", new.email, "an address like name@example.com")
    return email


def find_or_create_all(session: Session, buyers: Sequence[Buyer | None]) -> list[int | None]:
    """Return the customer of each buyer, in order; a constant number of statements.

    A buyer is found by the channel's own id, else by e-mail, else made new. Every name used is
    remembered, and a customer's place fields (``country, region, city, postal_code``) follow the
    latest order.

    Returns
    -------
    list of int or None
        None for a buyer without a name: a guest.
    """
    return find_or_create_on(core(session), buyers)


def find_or_create_on(connection: sa.Connection, buyers: Sequence[Buyer | None]) -> list[int | None]:
    """Do what :func:`find_or_create_all` does inside a connection's transaction."""
    wanted = {identity for buyer in buyers if buyer for identity in buyer.identities}
    if not wanted:
        return [None] * len(buyers)
    for buyer in buyers:
        if buyer:
            check_customer(buyer.new)
    known = _known(connection, wanted)
    if wanted - set(known) and connection.dialect.name != "sqlite":
        # two first orders of one person at once: the second waits here and then finds them
        connection.execute(_claim(connection.dialect.name), {"batch": packed(sorted(wanted - set(known)))}).all()
        known = _known(connection, wanted)
    if known and connection.dialect.name != "sqlite" and _lost(connection, set(known.values())):
        # made part of another or erased while we looked: their names lead elsewhere now
        known = _known(connection, wanted)
    old = set(known.values())
    found, created = _assign(connection, buyers, known)
    _create(connection, created)
    _remember(connection, buyers, found, known)
    _follow(connection, {key: b for b, key in zip(buyers, found, strict=True) if b and key in old})
    return found


def still_buys() -> tuple[sa.ColumnElement[bool], ...]:
    """Return what holds of a customer that an order may be given to."""
    return _CUSTOMER.c.merged_into_id.is_(None), _CUSTOMER.c.erased_at.is_(None)


def _lost(connection: sa.Connection, keys: set[int]) -> bool:
    """Wait for whoever merges or erases these customers, keep others from it, and tell whether one is gone."""
    there = sa.select(_CUSTOMER.c.id).where(_CUSTOMER.c.id.in_(keys), *still_buys()).order_by(_CUSTOMER.c.id)
    return len(connection.execute(there.with_for_update(read=True, key_share=True)).all()) < len(keys)


@lru_cache
def _find(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, kind=str, source=str, value=str)
    columns = ("kind", "source", "value")
    same = sa.and_(*(_IDENTITY.c[name] == wanted.c[name] for name in columns))
    return sa.select(*(_IDENTITY.c[name] for name in columns), _IDENTITY.c.customer_id).join(wanted, same)


@lru_cache
def _claim(dialect: str) -> sa.Select[Any]:
    """Build the statement that takes the names' advisory locks in one order (PostgreSQL)."""
    wanted = unpacked(dialect, kind=str, source=str, value=str)
    key = sa.func.hashtext(wanted.c.kind + "/" + wanted.c.source + "/" + wanted.c.value).label("key")
    # OFFSET keeps the planner from taking locks before the rows are sorted
    keys = sa.select(key).distinct().order_by(key).offset(0).subquery()
    return sa.select(sa.func.pg_advisory_xact_lock(_CLAIM, keys.c.key))


def _known(connection: sa.Connection, wanted: set[Identity]) -> dict[Identity, int]:
    rows = connection.execute(_find(connection.dialect.name), {"batch": packed(sorted(wanted))})
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def _assign(
    connection: sa.Connection, buyers: Sequence[Buyer | None], known: Mapping[Identity, int]
) -> tuple[list[int | None], dict[int, Buyer]]:
    """Give every buyer a customer id, drawing new ones; buyers of one batch may be one person."""
    seen, found, created = dict(known), list[int | None](), dict[int, Buyer]()
    unknown = sum(1 for b in buyers if b and not any(i in known for i in b.identities))
    free = iter(next_ids(connection, "customers", unknown) if unknown else [])
    for buyer in buyers:
        names = buyer.identities if buyer else []
        key = next((seen[name] for name in names if name in seen), None)
        if key is None and buyer and names:
            key = next(free)
            created[key] = buyer
        if key is not None:
            for name in names:
                seen.setdefault(name, key)
        found.append(key)
    return found, created


def _create(connection: sa.Connection, created: Mapping[int, Buyer]) -> None:
    if not created:
        return
    now = clock.now()
    customers = [
        (
            key, f"CU-{key:06d}", b.new.kind, b.new.name, email_of(b.new), b.new.phone, b.new.language,
            *(b.place.get(name, "") for name in _PLACE), b.simulated, now,
        )
        for key, b in created.items()
    ]  # fmt: skip
    bulk_insert(connection, _CUSTOMER, _CUSTOMER_COLUMNS, customers, keys_drawn=True)
    addresses = [
        (
            key, True, *(b.place.get(name, "") for name in _PLACE), b.place.get("line1", ""), "",
            b.place.get("name", "") or b.new.name,
        )
        for key, b in created.items()
        if b.place.get("country")
    ]  # fmt: skip
    if addresses:
        bulk_insert(connection, _ADDRESS, _ADDRESS_COLUMNS, addresses)


def _remember(
    connection: sa.Connection,
    buyers: Sequence[Buyer | None],
    found: Sequence[int | None],
    known: Mapping[Identity, int],
) -> None:
    """Write every name that was used and is not known yet."""
    names: dict[Identity, int] = {}
    for buyer, key in zip(buyers, found, strict=True):
        for name in buyer.identities if buyer else []:
            if name not in known and key is not None:
                names.setdefault(name, key)
    if names:
        rows = [(key, *name) for name, key in names.items()]
        bulk_insert(connection, _IDENTITY, ("customer_id", "kind", "source", "value"), rows)


@lru_cache
def _move(dialect: str) -> tuple[sa.Select[Any], sa.Update]:
    """Build: lock the customers who moved, in id order, as every command does; write where they are now."""
    new = unpacked(dialect, id=int, country=str, region=str, city=str, postal_code=str)
    moved = sa.and_(_CUSTOMER.c.id == new.c.id, sa.or_(*(_CUSTOMER.c[name] != new.c[name] for name in _PLACE)))
    who = sa.select(_CUSTOMER.c.id).join(new, moved).order_by(_CUSTOMER.c.id)
    place = {name: new.c[name] for name in _PLACE}
    write = sa.update(_CUSTOMER).where(_CUSTOMER.c.id == new.c.id).values(place)
    return who.with_for_update(of=_CUSTOMER, key_share=True), write


def _follow(connection: sa.Connection, latest: Mapping[int, Buyer]) -> None:
    """Let known customers' place follow their latest order."""
    rows: list[tuple[int | str, ...]] = [
        (key, *(latest[key].place.get(name, "") for name in _PLACE))
        for key in sorted(latest)
        if latest[key].place.get("country")
    ]
    if rows:
        who, write = _move(connection.dialect.name)
        moved = set(connection.execute(who, {"batch": packed(rows)}).scalars())
        if moved:
            # only whom we locked: somebody who moved since would be locked out of turn
            connection.execute(write, {"batch": packed(row for row in rows if row[0] in moved)})
