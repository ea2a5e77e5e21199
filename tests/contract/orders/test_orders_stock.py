"""Moving, counting and transferring stock: commands keep their word on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from order_shop import ZONE, OrderShop, assert_ledger_whole, count
from sqlalchemy.orm import Session

from oms_core.inventory.commands import (
    Move,
    adjust,
    cancel_transfer,
    draft_transfer,
    post,
    receive_transfer,
    ship_transfer,
)
from oms_core.inventory.queries import levels_of, movements_of, transfer_record, transfer_units
from oms_core.inventory.tables import StockMovement, TransferLine
from oms_core.kernel.errors import (
    InsufficientStock,
    InvalidInput,
    NotFound,
    OmsError,
    TransitionRefused,
)


def test_every_shortage_is_named_at_once_and_nothing_is_written(session: Session, shop: OrderShop) -> None:
    leeds, before = shop.places["Leeds"], count(session, StockMovement)
    moves = [
        Move(shop.variants[sku], 9, "adjusted", leeds, state, None, "loss")
        for sku, state in (("MUG", "available"), ("TIN", "damaged"))
    ]
    with pytest.raises(InsufficientStock) as short:
        post(session, moves, zone=ZONE)
    found = [(s["sku"], s["location"], s["state"], s["wanted"], s["available"]) for s in short.value.facts["shortages"]]
    assert found == [("MUG", "LDS", "available", 9, 5), ("TIN", "LDS", "damaged", 9, 0)]
    assert count(session, StockMovement) == before


@pytest.mark.parametrize(
    "move",
    [
        Move(1, 0, "adjusted", None, "loss", 1, "available"),
        Move(1, 1, "borrowed", None, "loss", 1, "available"),
        Move(1, 1, "adjusted", None, "available", 1, "available"),
        Move(1, 1, "adjusted", 1, "loss", 1, "available"),
    ],
)
def test_a_move_that_is_none_is_refused(session: Session, move: Move) -> None:
    with pytest.raises(InvalidInput):
        post(session, [move], zone=ZONE)


def test_counting_corrects_a_level_and_says_why(session: Session, shop: OrderShop) -> None:
    mug, leeds = shop.variants["MUG"], shop.places["Leeds"]
    given = {"variant_id": mug, "location_id": leeds, "zone": ZONE}
    adjust(session, delta_qty=-2, reason="broken", **given)
    adjust(session, delta_qty=3, reason="found", state="damaged", **given)
    session.expire_all()
    (level, _) = levels_of(session, mug)
    assert (level["on_hand"], level["available"], level["damaged"]) == (6, 3, 3)
    told = [(m["kind"], m["change"], m["on_hand"], m["cause"]) for m in movements_of(session, mug, location_id=leeds)]
    assert told == [("adjusted", 3, 6, "found"), ("adjusted", -2, 3, "broken"), ("opening", 5, 5, "")]
    for change, code in (
        ({"delta_qty": 0, "reason": "x"}, "stock.no_difference"),
        ({"delta_qty": 1, "reason": " "}, "stock.no_reason"),
        ({"delta_qty": 1, "reason": "x", "state": "lost"}, "input.state"),
        ({"delta_qty": -99, "reason": "x"}, "stock.insufficient"),
        ({"delta_qty": 1, "reason": "x", "variant_id": 999}, "variant.not_found"),
        ({"delta_qty": 1, "reason": "x", "location_id": 999}, "location.not_found"),
    ):
        with pytest.raises(OmsError) as refused:
            adjust(session, **(given | change))
        assert refused.value.code == code


def test_a_transfer_arrives_in_parts_and_the_rest_is_lost(session: Session, shop: OrderShop) -> None:
    mug, leeds, bristol = shop.variants["MUG"], shop.places["Leeds"], shop.places["Bristol"]
    sent = draft_transfer(session, from_location_id=leeds, to_location_id=bristol, lines={mug: 4})
    assert shop.units(session, "MUG", "Leeds") == 5
    ship_transfer(session, sent.id, zone=ZONE)
    assert (shop.units(session, "MUG", "Leeds"), shop.units(session, "MUG", "Bristol")) == (1, 0)
    (line,) = session.scalars(sa.select(TransferLine))
    assert transfer_units(session, sent, [("MUG", 2), ("MUG", 1)]) == {line.id: 3}
    for _ in range(2):
        assert receive_transfer(session, sent.id, received={line.id: 1}, zone=ZONE).state == "partially_received"
    with pytest.raises(InvalidInput, match="at most the 2 units"):
        receive_transfer(session, sent.id, received={line.id: 3}, zone=ZONE)
    with pytest.raises(InvalidInput, match="at least one unit"):
        receive_transfer(session, sent.id, received={}, zone=ZONE)
    with pytest.raises(NotFound):
        receive_transfer(session, sent.id, received={999: 1}, zone=ZONE)
    assert (
        receive_transfer(
            session, sent.id, received={line.id: 1}, lost={line.id: 1}, reason="box missing", zone=ZONE
        ).state
        == "received"
    )
    assert shop.units(session, "MUG", "Bristol") == 3
    told = {"sku": "MUG", "quantity": 4, "received_qty": 3, "lost_qty": 1, "found_qty": 0, "over_qty": 0}
    assert transfer_record(session, sent)["lines"] == [told]
    with pytest.raises(TransitionRefused):
        ship_transfer(session, sent.id, zone=ZONE)
    assert_ledger_whole(session)


def test_transfers_that_cannot_be(session: Session, shop: OrderShop) -> None:
    mug, leeds, bristol = shop.variants["MUG"], shop.places["Leeds"], shop.places["Bristol"]
    for given, code in (
        ({"to_location_id": leeds, "lines": {mug: 1}}, "input.to_location_id"),
        ({"to_location_id": bristol, "lines": {}}, "transfer.empty"),
        ({"to_location_id": bristol, "lines": {mug: 0}}, "input.quantity"),
        ({"to_location_id": bristol, "lines": {999: 1}}, "variant.not_found"),
    ):
        with pytest.raises(OmsError) as refused:
            draft_transfer(session, from_location_id=leeds, **given)
        assert refused.value.code == code
    big = draft_transfer(session, from_location_id=leeds, to_location_id=bristol, lines={mug: 99})
    with pytest.raises(InsufficientStock):
        ship_transfer(session, big.id, zone=ZONE)
    assert cancel_transfer(session, big.id).state == "cancelled"
    with pytest.raises(NotFound):
        cancel_transfer(session, 999)
