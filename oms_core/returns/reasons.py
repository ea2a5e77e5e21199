"""Why goods come back: one catalogue of codes with English and Polish labels, and whose fault each is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Supplier, SupplierItem
from oms_core.kernel.errors import InvalidInput
from oms_core.returns.policy_tables import FAULTS, ReturnReason
from oms_core.returns.records import VOID
from oms_core.returns.tables import Return, ReturnLine

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; `fault` says who has to do better: customer, shop, supplier or carrier."""

    code: str
    label_en: str
    label_pl: str
    fault: str


BUILT_IN = (
    Reason("withdrawal", "Withdrawal from the contract", "Odstąpienie od umowy", "customer"),
    Reason("changed_mind", "Changed mind", "Zmiana decyzji", "customer"),
    Reason("too_small", "Too small", "Za małe", "customer"),
    Reason("too_big", "Too big", "Za duże", "customer"),
    Reason("ordered_twice", "Ordered twice or by mistake", "Zamówione dwa razy lub pomyłkowo", "customer"),
    Reason("not_as_described", "Not as described", "Niezgodne z opisem", "shop"),
    Reason("wrong_item", "Wrong item sent", "Wysłano inny towar", "shop"),
    Reason("defective", "Defective", "Wada produktu", "supplier"),
    Reason("poor_quality", "Poor quality", "Słaba jakość", "supplier"),
    Reason("damaged", "Damaged on the way", "Uszkodzone w transporcie", "carrier"),
    Reason("missing", "Missing from the parcel", "Brak w przesyłce", "carrier"),
    Reason("late", "Arrived too late", "Dotarło za późno", "carrier"),
    Reason("exchange", "Exchanged for something else", "Wymiana na inny towar", "customer"),
)
#: What a return line tells when its reason is in no catalogue.
OTHER = Reason("other", "Other", "Inny powód", "customer")


def reasons(session: Session) -> dict[str, Reason]:
    """Return the catalogue by code: the shop's own reasons, then the built-in ones it did not replace."""
    rows = session.scalars(sa.select(ReturnReason).order_by(ReturnReason.position, ReturnReason.id)).all()
    own = {r.code: Reason(r.code, r.label_en, r.label_pl, r.fault) for r in rows if r.is_active}
    off = {r.code for r in rows if not r.is_active}
    return own | {r.code: r for r in BUILT_IN if r.code not in own and r.code not in off}


def save_reason(
    session: Session, *, code: str, label_en: str, label_pl: str, fault: str = "customer", is_active: bool = True
) -> ReturnReason:
    """Add a reason to the catalogue, change one, or (inactive) take one out, built-in ones too.

    Raises
    ------
    InvalidInput
        A code that is no word, an empty label, an unknown fault.
    """
    if not code.replace("_", "").isalnum() or code != code.lower():
        raise InvalidInput("code", code, "small letters, digits and _ were expected")
    if not (label_en.strip() and label_pl.strip()):
        raise InvalidInput("label", "", "a label in English and one in Polish were expected")
    if fault not in FAULTS:
        raise InvalidInput("fault", fault, f"one of {', '.join(FAULTS)}")
    found = session.scalar(sa.select(ReturnReason).where(ReturnReason.code == code)) or ReturnReason(code=code)
    found.label_en, found.label_pl, found.fault, found.is_active = label_en, label_pl, fault, is_active
    session.add(found)
    session.flush()
    return found


def why_returned(
    session: Session, *, by: str = "sku", since: date | None = None, until: date | None = None
) -> list[dict[str, Any]]:
    """Count returned units by reason and SKU or supplier, most first.

    Parameters
    ----------
    by : str
        ``sku``, or ``supplier`` (the preferred one of the SKU).
    since, until : date, optional
        Business dates of the returns, both included.

    Returns
    -------
    list of dict
        `by`, ``reason, label_en, label_pl, fault, currency, units, goods_minor`` (value of the goods).
    """
    key = _KEYS.get(by)
    if key is None:
        raise InvalidInput("by", by, "sku or supplier was expected")
    catalogue = reasons(session)
    why = sa.func.coalesce(sa.func.nullif(ReturnLine.reason, ""), Return.reason).label("reason")
    statement = (
        sa.select(
            key.label("key"), why, Return.currency, sa.func.sum(ReturnLine.received_qty).label("units"),
            sa.func.sum(ReturnLine.amount_minor).label("goods_minor"),
        )
        .join(Return, Return.id == ReturnLine.return_id)
        .where(Return.state.not_in(VOID), ReturnLine.received_qty > 0)
        .group_by(key, why, Return.currency)
    )  # fmt: skip
    if by == "supplier":
        statement = statement.outerjoin(
            SupplierItem, sa.and_(SupplierItem.variant_id == ReturnLine.variant_id, SupplierItem.is_preferred)
        ).outerjoin(Supplier, Supplier.id == SupplierItem.supplier_id)
    if since is not None:
        statement = statement.where(Return.business_date >= since)
    if until is not None:
        statement = statement.where(Return.business_date <= until)
    rows = [_told(by, row, catalogue.get(row.reason, OTHER)) for row in session.execute(statement)]
    return sorted(rows, key=lambda row: (-row["units"], str(row[by]), row["reason"]))


_KEYS: dict[str, Any] = {"sku": ReturnLine.sku, "supplier": sa.func.coalesce(Supplier.name, "")}


def _told(by: str, row: sa.Row[Any], reason: Reason) -> dict[str, Any]:
    return {
        by: row.key, "reason": row.reason, "label_en": reason.label_en, "label_pl": reason.label_pl,
        "fault": reason.fault, "currency": row.currency, "units": int(row.units), "goods_minor": int(row.goods_minor),
    }  # fmt: skip
