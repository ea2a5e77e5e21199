"""Errors and routing receipts in the reader's language: by code and facts, never English alone."""

from __future__ import annotations

import json

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.fault_words import told
from app.i18n import speaking
from app.routing_words import sentence
from app.routing_words import told as routing_told
from oms_core.kernel.errors import Conflict, InsufficientStock, InvalidInput, NotFound, OmsError, Refused
from oms_core.locations.geography import Point
from oms_core.purchasing.states import PURCHASE_ORDER
from oms_core.routing.receipt import reason, records
from oms_core.routing.rules import Candidate, route


def spoken(error: OmsError) -> tuple[str, str]:
    with speaking("pl"):
        return told(error)


def test_english_readers_see_the_errors_own_words() -> None:
    error = Refused("any.thing", "Something happened.", "Do this.")
    assert told(error) == ("Something happened.", "Do this.")


def test_what_is_not_found_is_named_with_what_was_probably_meant() -> None:
    found = spoken(NotFound("purchase order", "PO-1", ["PO-12"]))
    assert found == ("Nie znaleziono: zamówienie zakupu PO-1.", "Może chodziło o: PO-12.")


def test_a_refused_transition_speaks_of_states_in_words() -> None:
    with pytest.raises(OmsError) as refused:
        PURCHASE_ORDER.check("PO-1", "closed", "draft")
    what, todo = spoken(refused.value)
    assert "zamknięte" in what
    assert "szkic" in what
    assert todo == "Może przejść w: nic: ten stan jest końcowy."


def test_a_shortage_keeps_its_numbers() -> None:
    what, _todo = spoken(InsufficientStock([{"sku": "A", "available": 1, "wanted": 3}]))
    assert "A: 1 / 3" in what


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (InvalidInput("quantity", -1, "zero or more"), "Wartość ma inną postać, niż powinna."),
        (Conflict("invented.conflict", "It changed."), "Ktoś inny to zmienił"),
        (Refused("invented.refusal", "No.", "Ask."), "Nie pozwala na to reguła."),
        (OmsError("invented.fault", "Oh."), "To się nie udało."),
    ],
)
def test_a_code_without_a_sentence_says_its_kind_and_keeps_the_detail(error: OmsError, kind: str) -> None:
    what, todo = spoken(error)
    assert what.startswith(kind)
    assert error.message in todo


SKUS = dict(enumerate("ABCDE"))
POINTS = (None, Point(51.5, -0.1), Point(53.8, -1.5), Point(51.8, 19.5))


@st.composite
def decisions(draw: st.DrawFn) -> tuple[dict[str, str], str]:
    """A decision of the real router as it is stored, and its stored English reason."""
    wanted = draw(st.dictionaries(st.sampled_from(sorted(SKUS)), st.integers(1, 5), min_size=1))
    places = [
        Candidate(
            location_id=key,
            name=f"Place {key}",
            position=draw(st.integers(1, 3)),
            point=draw(st.sampled_from(POINTS)),
            units={v: draw(st.integers(0, 6)) for v in wanted},
        )
        for key in range(1, draw(st.integers(1, 7)) + 1)
    ]
    rules = draw(st.permutations(("fewest_splits", "ranked", "closest")))
    plan = route(wanted, places, rules=rules, to=draw(st.sampled_from(POINTS)))
    assume(plan.rounds and not plan.missing)
    candidates, chosen = records(plan, wanted, places, SKUS)
    kinds = [{"kind": kind} for kind in ("stock", *rules, "location_id")]
    stored = {"rules": kinds, "candidates": candidates, "chosen": chosen}
    return {name: json.dumps(value) for name, value in stored.items()}, reason(plan, wanted, places, SKUS)


@settings(deadline=None, max_examples=300)
@given(decisions())
def test_a_reason_rebuilt_from_the_receipt_is_the_stored_one(decision: tuple[dict[str, str], str]) -> None:
    receipt, said = decision
    with speaking("en"):
        assert sentence({**receipt, "reason": ""}) == said
    with speaking("pl"):
        polish = routing_told({**receipt, "reason": said})
    for word in (" ships ", " lacks ", " ranked ", " away", " lines", " units"):
        assert word not in polish


def test_goods_reserved_before_keep_their_own_sentence() -> None:
    chosen = [{"location_id": 1, "name": "Leeds", "decided_by": "reservation", "units": 2}]
    receipt = {"rules": [{"kind": "reservation"}], "candidates": [], "chosen": chosen, "reason": "Leeds held the goods"}
    with speaking("pl"):
        assert routing_told(receipt) == "Leeds held the goods"
