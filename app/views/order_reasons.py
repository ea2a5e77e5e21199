"""Why an order is stuck: one short reason from its facts, the most pressing first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app import format as fmt
from app import states
from app.i18n import N_, _

Row = Mapping[str, Any]

#: Test of a row and what it says; the first that holds is shown.
REASONS: tuple[tuple[Callable[[Row], bool], str], ...] = (
    (lambda r: r["return_state"] == "received", N_("Return waits for inspection")),
    (lambda r: r["return_state"] == "requested", N_("Return waits for your answer")),
    (lambda r: r["parcel"] in {"delayed", "failed", "lost", "return_to_sender"}, "parcel"),
    (lambda r: bool(r["broken"]), N_("Carrier missed its promise")),
    (lambda r: not r["is_open"], ""),
    (lambda r: bool(r["is_unpaid"]), N_("No money yet")),
    (lambda r: bool(r["on_hold"]), N_("On hold")),
    (lambda r: bool(r["unallocated"]) and bool(r["short_title"]), "short"),
    (lambda r: bool(r["in_progress"]), N_("Being packed")),
    (lambda r: bool(r["is_late"]), N_("Never picked")),
)


def why(row: Row) -> str:
    """Return the reason, at most a few words; empty when nothing is wrong."""
    for holds, said in REASONS:
        if holds(row):
            if said == "parcel":
                return _("{carrier}: {state}").format(carrier=row["carrier"], state=states.word(row["parcel"]).lower())
            if said == "short":
                return _("Not allocated: {product}").format(product=fmt.product(row["short_title"]))
            return _(said)
    return ""


#: What a queue says of an order, by its beginning; the rest of the sentence is a fact (a state, a person, a note).
QUEUED: tuple[tuple[str, str], ...] = (
    ("payment: ", N_("Payment: {rest}")),
    ("to pack", N_("To pack")),
    ("partly shipped", N_("Partly shipped")),
    ("cancelled, and still ", N_("Cancelled, and still: {rest}")),
    ("paid more than is owed", N_("Paid more than is owed")),
    ("the customer may still change it", N_("The customer may still change it")),
    ("high risk, score ", N_("High risk, score {rest}")),
    ("medium risk, score ", N_("Medium risk, score {rest}")),
    ("low risk, score ", N_("Low risk, score {rest}")),
)


def queued(sentence: str) -> str:
    """Return why an order is in a work queue, in the reader's language; what people wrote stays as it is."""
    for begins, said in QUEUED:
        if sentence.startswith(begins):
            rest = sentence.removeprefix(begins).replace(" ", "_")
            return _(said).format(rest=states.word(rest).lower() if rest in states.WORDS else rest)
    carrier, says, state = sentence.partition(" says: ")
    if says:
        return _("{carrier}: {state}").format(carrier=carrier, state=states.word(state.replace(" ", "_")).lower())
    return sentence
