"""The crowd of the storm: processes that place, pay, edit, cancel, ship and take back orders of hot SKUs.

Run as ``python stormers.py URL FOLDER PROCESSES STEPS``: one process imports everything and does everything
once (so that statements are built), then forks the crowd. Each writes what it was promised to a file of its
own, a line the moment the answer came: what stands there was acknowledged, whatever happened to its writer
afterwards.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from oms_core.fulfilment.commands import NewParcel, deliver, ship_all
from oms_core.fulfilment.tables import FulfillmentOrder, Shipment
from oms_core.intake.commands import place_alone, place_many, place_many_alone
from oms_core.kernel.database import make_engine, transaction
from oms_core.kernel.errors import Conflict, DataNotReady, OmsError
from oms_core.kernel.settings import Shop
from oms_core.locations.tables import Location
from oms_core.order_changes.commands import confirm, propose
from oms_core.orders.commands import NewAddress, NewCustomer, NewLine, NewOrder, cancel_order
from oms_core.orders.tables import OrderLine
from oms_core.payments.commands import pay
from oms_core.returns.commands import (
    NewReturnLine,
    ReceivedLine,
    approve_return,
    close_return,
    receive_return,
    request_return,
)
from oms_core.returns.tables import ReturnLine

SHOP = Shop(zone="Europe/Warsaw", currency="PLN", country="PL")
HOT, COLD = 8, 60
#: A burst is placed in one transaction, each order answered for itself.
BURST = 6
#: Losing the server is waited out so often; then the crowd has seen enough.
PATIENCE = 200


def sku(n: int) -> str:
    """Return the code of the n-th variant; the first :data:`HOT` are what everybody wants."""
    return f"HOT-{n}" if n < HOT else f"COLD-{n}"


@dataclass
class Stormer:
    """One process of the crowd."""

    name: int
    engine: sa.Engine
    said: int
    chance: random.Random
    mine: list[int] = field(default_factory=list)
    made: int = 0

    def tell(self, **fact: object) -> None:
        """Append one line to the file of what was acknowledged; one write, so that a kill leaves no half line."""
        os.write(self.said, (json.dumps(fact) + "\n").encode())

    def order(self) -> tuple[NewOrder, str]:
        """Return a new order of one to three SKUs, mostly hot ones, and its key."""
        self.made += 1
        n = self.chance.randint(1, 3)
        pool = [self.chance.randrange(HOT if self.chance.random() < 0.7 else COLD) for _ in range(n)]
        lines = [
            NewLine(sku=sku(v), quantity=self.chance.randint(1, 3), unit_price_minor=1999, discount_minor=100)
            for v in dict.fromkeys(pool)
        ]
        name = f"{self.name}-{self.made}"
        buyer = NewCustomer(email=f"buyer{self.chance.randint(1, 40)}@example.com", name="Buyer")
        to = NewAddress(country="PL", postal_code=f"{self.chance.randint(0, 99):02d}-001", city="Miasto")
        new = NewOrder(channel="web", external_id=name, currency="PLN", lines=lines, customer=buyer, address=to)
        return new, f"key-{name}"

    def keep(self, new: NewOrder, answer: Mapping[str, Any] | OmsError) -> None:
        """Note what an order was answered."""
        if isinstance(answer, OmsError):
            self.tell(refused=new.external_id, code=answer.code)
            return
        self.mine.append(answer["id"])
        units = {line.sku: line.quantity for line in new.lines}
        self.tell(placed=new.external_id, id=answer["id"], number=answer["number"], units=units)

    def place_one(self) -> None:
        """Place one order under its key; the same key again after a lost answer."""
        new, key = self.order()
        self.persist(
            lambda: place_alone(self.engine, SHOP, new, idempotency_key=key), lambda answer: self.keep(new, answer)
        )

    def place_burst(self) -> None:
        """Place a burst of orders: in one transaction, or the plain ones of it in one of their own."""
        burst = [self.order() for _ in range(BURST)]
        orders, keys = [new for new, _ in burst], [key for _, key in burst]

        def note(answers: list[Any]) -> None:
            for new, answer in zip(orders, answers, strict=True):
                self.keep(new, answer)

        if self.made % (2 * BURST):
            self.persist(lambda: place_many_alone(self.engine, SHOP, orders, idempotency_keys=keys), note)
        else:
            self.insist(lambda s: place_many(s, SHOP, orders, idempotency_keys=keys), note)

    def insist(self, command: Callable[[Session], Any], note: Callable[[Any], None]) -> None:
        """Persist with a command in a transaction."""

        def whole() -> Any:
            with transaction(self.engine) as session:
                return command(session)

        self.persist(whole, note)

    def persist(self, command: Callable[[], Any], note: Callable[[Any], None]) -> None:
        """Run a command until it is answered or refused; a lost server or a held lock is waited out."""
        for _ in range(PATIENCE):
            try:
                answer = command()
            except (OperationalError, DBAPIError, DataNotReady):
                time.sleep(0.1)
                continue
            except Conflict as conflict:
                if conflict.code != "database.locked":
                    note(conflict)
                    return
                self.tell(locked=str(conflict.__cause__)[:300])
                continue
            except OmsError as refused:
                note(refused)
                return
            note(answer)
            return
        msg = "the server did not come back"
        raise RuntimeError(msg)

    def some(self) -> int | None:
        """Return one of my orders."""
        return self.chance.choice(self.mine) if self.mine else None

    def on_mine(self, what: str, command: Callable[[Session, int], object]) -> None:
        """Do something to one of my orders; being refused is an answer too."""
        order_id = self.some()
        if order_id is None:
            return
        self.insist(
            lambda s: command(s, order_id),
            lambda said: self.tell(did=what, order=order_id, refused=getattr(said, "code", None)),
        )

    def step(self) -> None:
        """Do one thing, as it happens in a shop."""
        draw = self.chance.random()
        if draw < 0.3:
            self.place_one()
        elif draw < 0.45:
            self.place_burst()
        elif draw < 0.6:
            self.on_mine("cancel", lambda s, key: cancel_order(s, key, reason="storm", actor="storm") and None)
        elif draw < 0.75:
            self.on_mine("edit", lambda s, key: edit(s, key, self.chance))
        else:
            self.on_mine("ship", send)
            self.on_mine("return", lambda s, key: take_back(s, key, self.chance))


def edit(session: Session, order_id: int, chance: random.Random) -> None:
    """Change an order: more or fewer units of a line, or one more line."""
    lines = session.scalars(sa.select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.id)).all()
    line = chance.choice(lines)
    more = {"kind": "set_quantity", "line_id": line.id, "quantity": chance.randint(1, 4)}
    extra = {"kind": "add_line", "sku": sku(chance.randrange(HOT)), "quantity": 1, "unit_price_minor": 999}
    action = more if chance.random() < 0.7 else extra
    change = propose(session, order_id, [action], zone=SHOP.zone, actor="storm")
    confirm(session, change.id, zone=SHOP.zone, actor="storm")


def send(session: Session, order_id: int) -> None:
    """Pay an order, ship what is open of it and let it arrive."""
    pay(session, order_id=order_id, kind="capture", amount_minor=500, gateway="card", zone=SHOP.zone, actor="storm")
    work = sa.select(FulfillmentOrder.id).where(
        FulfillmentOrder.order_id == order_id, FulfillmentOrder.state.in_(("open", "in_progress"))
    )
    keys = session.scalars(work.order_by(FulfillmentOrder.id)).all()
    parcels = [NewParcel(fulfillment_order_id=key, carrier="dpd") for key in keys]
    for sent in ship_all(session, parcels, zone=SHOP.zone, actor="storm") if parcels else []:
        if isinstance(sent, OmsError):
            raise sent
        deliver(session, shipment_id=sent, actor="storm")


def take_back(session: Session, order_id: int, chance: random.Random) -> None:
    """Take one unit of a delivered order back, whole or damaged."""
    lines = session.scalars(
        sa.select(OrderLine).where(
            OrderLine.order_id == order_id,
            OrderLine.shipped_qty > OrderLine.returned_qty,
            sa.exists(sa.select(Shipment.id).where(Shipment.order_id == order_id)),
        )
    ).all()
    if not lines:
        return
    back = [NewReturnLine(order_line_id=chance.choice(lines).id, quantity=1)]
    found = request_return(session, order_id=order_id, lines=back, reason="storm", zone=SHOP.zone, actor="storm")
    approve_return(session, return_id=found.id, actor="storm")
    place_id = session.scalars(sa.select(Location.id).order_by(Location.id)).first()
    line_id = session.scalars(sa.select(ReturnLine.id).where(ReturnLine.return_id == found.id)).one()
    state = chance.choice(["restock", "damaged"])
    arrived = [ReceivedLine(line_id=line_id, quantity=1, disposition=state)]
    receive_return(session, return_id=found.id, lines=arrived, location_id=place_id or 1, zone=SHOP.zone, actor="storm")
    close_return(session, return_id=found.id, actor="storm")


def stormer(engine: sa.Engine, folder: Path, name: int) -> Stormer:
    """Return one of the crowd with its file opened."""
    said = os.open(folder / f"{name}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    return Stormer(name, engine, said, random.Random(name))  # noqa: S311 - a storm needs no secrets


def warm(one: Stormer) -> None:
    """Do everything once."""
    one.place_one()
    one.place_burst()
    one.place_one()
    one.on_mine("edit", lambda s, key: edit(s, key, one.chance))
    one.on_mine("cancel", lambda s, key: cancel_order(s, key, reason="storm", actor="storm") and None)
    one.on_mine("ship", send)
    one.on_mine("return", lambda s, key: take_back(s, key, one.chance))


def storm(one: Stormer, steps: int) -> None:
    """Be one of the crowd for so many steps; the connections of the process we came from are not ours."""
    one.engine.dispose(close=False)
    for _ in range(steps):
        one.step()
    one.tell(done=one.made)


def main(url: str, folder: str, processes: str, steps: str) -> None:
    """Fork the crowd, write its process ids, wait for all of them."""
    engine, children = make_engine(url), list[int]()
    warm(stormer(engine, Path(folder), int(processes)))
    engine.dispose()
    for name in range(int(processes)):
        child = os.fork()
        if child == 0:
            try:
                storm(stormer(engine, Path(folder), name), int(steps))
            except BaseException as fault:  # noqa: BLE001 - whatever it is, the test is told
                Path(folder, f"{name}.fault").write_text(repr(fault))
                os._exit(1)
            os._exit(0)
        children.append(child)
    ready = Path(folder, "pids.tmp")
    ready.write_text(json.dumps(children))
    ready.rename(Path(folder, "pids"))
    for child in children:
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
