"""Find or create the customer of an order by e-mail or by the channel's own id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.customers.tables import CUSTOMER_KINDS, Address, Customer, CustomerIdentity
from oms_core.kernel import clock
from oms_core.kernel.errors import InvalidInput
from oms_core.kernel.rows import core, next_ids, table_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

_CUSTOMER, _IDENTITY, _ADDRESS = table_of(Customer), table_of(CustomerIdentity), table_of(Address)
_INSERT_CUSTOMER, _INSERT_IDENTITIES, _INSERT_ADDRESS = (sa.insert(t) for t in (_CUSTOMER, _IDENTITY, _ADDRESS))
#: First key of the advisory lock under which a new identity is claimed (PostgreSQL).
_CLAIM = 7001
_FIND = (
    sa.select(_IDENTITY.c.customer_id, _IDENTITY.c.kind, _IDENTITY.c.value)
    .where(
        sa.or_(
            sa.and_(_IDENTITY.c.kind == "email", _IDENTITY.c.source == "", _IDENTITY.c.value == sa.bindparam("email")),
            sa.and_(
                _IDENTITY.c.kind == "external",
                _IDENTITY.c.source == sa.bindparam("source"),
                _IDENTITY.c.value == sa.bindparam("external_id"),
            ),
        )
    )
    # the channel's own id is surer than an e-mail that a family may share
    .order_by(_IDENTITY.c.kind.desc())
)
_PLACE = ("country", "region", "city", "postal_code")
_MOVE = (
    sa.update(_CUSTOMER)
    .where(
        _CUSTOMER.c.id == sa.bindparam("customer"),
        sa.or_(*(_CUSTOMER.c[name] != sa.bindparam(f"new_{name}") for name in _PLACE)),
    )
    .values({name: sa.bindparam(f"new_{name}") for name in _PLACE})
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCustomer:
    """A buyer as a channel names them; at least an e-mail or an external id makes them findable."""

    email: str | None = None
    name: str = ""
    phone: str | None = None
    external_id: str | None = None
    kind: str = "consumer"
    language: str = ""


def find_or_create(
    session: Session, new: NewCustomer, place: Mapping[str, str], *, source: str, simulated: bool = False
) -> int | None:
    """Return the id of the customer with this e-mail or external id, made new if there is none.

    Parameters
    ----------
    place : mapping
        ``country, region, city, postal_code`` (and ``line1, name``) of the order: the customer's
        place fields follow the latest order.
    source : str
        Channel the external id belongs to.

    Returns
    -------
    int or None
        None when neither an e-mail nor an external id was given: a guest.
    """
    email = _email(new.email)
    keys = {"email": email or "", "source": source, "external_id": new.external_id or ""}
    if not email and not new.external_id:
        return None
    if new.kind not in CUSTOMER_KINDS:
        raise InvalidInput("customer kind", new.kind, f"one of {', '.join(CUSTOMER_KINDS)}")
    connection = core(session)
    found = connection.execute(_FIND, keys).all()
    if not found and connection.dialect.name != "sqlite":
        # two first orders of one person at once: the second waits here and then finds them
        claim = sa.func.pg_advisory_xact_lock(_CLAIM, sa.func.hashtext(email or f"{source}/{new.external_id}"))
        connection.execute(sa.select(claim))
        found = connection.execute(_FIND, keys).all()
    customer_id = found[0].customer_id if found else _create(connection, new, email, place, simulated=simulated)
    known = {(row.kind, row.value) for row in found}
    _add_identities(connection, customer_id, known, email=email, external_id=new.external_id, source=source)
    if found:
        connection.execute(_MOVE, {"customer": customer_id} | {f"new_{name}": place.get(name, "") for name in _PLACE})
    return customer_id


def _email(given: str | None) -> str | None:
    if given is None or not given.strip():
        return None
    email = given.strip().lower()
    if email.count("@") != 1 or email.startswith("@") or email.endswith("@") or " " in email:
        raise InvalidInput("email", given, "an address like name@example.com")
    return email


def _create(
    connection: sa.Connection, new: NewCustomer, email: str | None, place: Mapping[str, str], *, simulated: bool
) -> int:
    (key,) = next_ids(connection, "customers")
    where = {name: place.get(name, "") for name in _PLACE}
    connection.execute(
        _INSERT_CUSTOMER,
        {
            "id": key, "number": f"CU-{key:06d}", "kind": new.kind, "name": new.name, "email": email,
            "phone": new.phone, "language": new.language, **where, "is_simulated": simulated,
            "created_at": clock.now(),
        },
    )  # fmt: skip
    if place.get("country"):
        address = {**where, "line1": place.get("line1", ""), "name": place.get("name", "") or new.name}
        connection.execute(_INSERT_ADDRESS, {"customer_id": key, "is_default": True, **address})
    return key


def _add_identities(
    connection: sa.Connection,
    customer_id: int,
    known: set[tuple[str, str]],
    *,
    email: str | None,
    external_id: str | None,
    source: str,
) -> None:
    """Remember every name the order used that is not known yet."""
    wanted = [("email", "", email), ("external", source, external_id)]
    rows = [
        {"customer_id": customer_id, "kind": kind, "source": where, "value": value}
        for kind, where, value in wanted
        if value and (kind, value) not in known
    ]
    if rows:
        connection.execute(_INSERT_IDENTITIES, rows)
