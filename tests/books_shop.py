"""A shop with money in every state, for the Finance page: late and settled invoices, bills, couriers' lists, credit."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa
from finance_shop import SHOP, ZONE, buy, order_with_tax, ship_all
from small_shop import SmallShop, small_shop
from sqlalchemy.orm import Session

from oms_core.finance import commands
from oms_core.finance.commands import BilledLine, NewValue
from oms_core.kernel import clock
from oms_core.kernel.database import make_engine, transaction
from oms_core.kernel.settings import save_shop
from oms_core.migrations import upgrade
from oms_core.orders.commands import NewPayment
from oms_core.orders.tables import Order
from oms_core.payments import cod
from oms_core.payments.cod import Remitted
from oms_core.payments.commands import pay
from oms_core.payments.credit import issue_credit
from oms_core.payments.rates import NewRate, publish
from oms_core.purchasing import queries as purchase_orders

#: The day everything is looked at.
TODAY = datetime(2026, 6, 1, 10, tzinfo=UTC)


def build_books(home: Path, *, running: bool = False) -> Path:
    """Write the shop into a home; with `running` its clock runs from :data:`TODAY` on."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "oms.db").write_bytes(_database())
    if running:
        engine = make_engine(f"sqlite:///{home / 'oms.db'}")
        with transaction(engine) as session:
            offset = (TODAY - datetime.now(UTC)).total_seconds()
            save_shop(session, replace(SHOP, clock_offset_seconds=offset))
        engine.dispose()
    return home


@functools.cache
def _database() -> bytes:
    """Return the shop's file: written once a process, copied into every home."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "oms.db"
        engine = make_engine(f"sqlite:///{path}")
        upgrade(engine)
        with transaction(engine) as session:
            save_shop(session, SHOP)
            with _at(2, 1):
                shop = small_shop(session)
                publish(session, [NewRate("EUR", "PLN", date(2026, 1, 30), "4.2500")], source="test")
            _bought(session, shop)
            _sold(session)
            _at_the_door(session)
            _uneven(session)
        engine.dispose()  # the last connection writes the log into the file
        return path.read_bytes()


def _at(day: int, month: int) -> AbstractContextManager[None]:
    return clock.frozen(TODAY.replace(day=day, month=month))


def _bought(session: Session, shop: SmallShop) -> None:
    """Two deliveries at two prices; a bill that differs, one that fits and is paid in part."""
    with _at(3, 2):
        first, _receipt = buy(session, shop, MUG=(40, 340), TIN=(30, 700))
    with _at(2, 4):
        second, _receipt = buy(session, shop, MUG=(20, 360))
    with _at(4, 2):
        paid = _bill(session, first.id, "FV 17/02", dearer=0)
        commands.approve_supplier_invoice(session, supplier_invoice_id=paid, zone=ZONE)
        commands.pay_supplier_invoice(session, supplier_invoice_id=paid, amount_minor=10000, zone=ZONE)
    with _at(3, 4):
        _bill(session, second.id, "FV 88/04", dearer=15)


def _bill(session: Session, order_id: int, name: str, *, dearer: int) -> int:
    lines = [
        BilledLine(row["id"], row["quantity"], row["unit_cost_minor"] + dearer)
        for row in purchase_orders.purchase_order_detail(session, order_id)["lines"]
    ]
    made = commands.enter_supplier_invoice(
        session, purchase_order_id=order_id, supplier_number=name,
        issued_on=clock.business_date(clock.now(), ZONE), lines=lines,
    )  # fmt: skip
    return made.id


def _sold(session: Session) -> None:
    """Invoices of every age in złoty, one in euro, one settled, one corrected, one with a part paid."""
    ages = (("anna", 10, 2), ("bartek", 20, 3), ("celina", 5, 4), ("darek", 4, 5), ("ewa", 28, 5))
    for n, (name, day, month) in enumerate(ages, start=1):
        with _at(day, month):
            _invoiced(session, name, MUG=n)
    with _at(6, 5):
        _invoiced(session, "franz", currency="EUR", MUG=2)
        settled = [NewPayment(gateway="card", amount_minor=1230)]
        _invoiced(session, "gosia", payments=settled, MUG=1)
    with _at(10, 5):
        order = _order(session, "celina")
        commands.correct_invoice(
            session, SHOP, invoice_id=_invoice_of(session, order.id), lines={1: NewValue(3, 2700, 621)},
            reason="promised price",
        )  # fmt: skip
        pay(session, order_id=_order(session, "bartek").id, kind="capture", amount_minor=1000, gateway="transfer",
            zone=ZONE)  # fmt: skip
        commands.settle(session)


def _invoiced(
    session: Session, name: str, *, payments: Sequence[NewPayment] = (), currency: str = "PLN", **units: int
) -> None:
    order = order_with_tax(session, name, payments=list(payments), currency=currency, **units)
    ship_all(session, order, tracking=f"S-{name}")
    commands.issue_invoice(session, SHOP, order_id=order.id)


def _invoice_of(session: Session, order_id: int) -> int:
    from oms_core.finance.tables import Invoice

    found = sa.select(Invoice.id).where(Invoice.order_id == order_id, Invoice.kind == "invoice")
    return session.execute(found).scalar_one()


def _order(session: Session, name: str) -> Order:
    return session.execute(sa.select(Order).where(Order.external_id == name)).scalar_one()


def _at_the_door(session: Session) -> None:
    """Three parcels for cash: one paid in full, one too little, one on no list; and one nobody knows."""
    with _at(12, 5):
        for name in ("hania", "igor", "jola"):
            held = NewPayment(gateway="cod", amount_minor=1230, kind="authorize")
            ship_all(session, order_with_tax(session, name, payments=[held], MUG=1), tracking=f"T-{name}")
    with _at(19, 5):
        rows = [Remitted("T-hania", 1230, "PLN"), Remitted("T-igor", 1000, "PLN"), Remitted("T-nobody", 500, "PLN")]
        cod.book_remittance(session, carrier="inpost", reference="2026/05", rows=rows, zone=ZONE)


def _uneven(session: Session) -> None:
    """One order paid too much, one with a small rest; two customers with credit."""
    with _at(20, 5):
        for name, minor in (("kasia", 1500), ("leon", 1200)):
            order = order_with_tax(session, name, MUG=1)
            pay(session, order_id=order.id, kind="capture", amount_minor=minor, gateway="card", zone=ZONE)
        for name, minor in (("kasia", 2500), ("leon", 700)):
            customer = _order(session, name).customer_id or 0
            issue_credit(session, customer_id=customer, amount_minor=minor, currency="PLN", reason="broken mug")
