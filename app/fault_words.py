"""Expected errors in the reader's language: by their stable code, with the facts they carry.

English readers see the error's own sentence. Other languages see the sentence of its code here;
a code without one shows the English sentence.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.i18n import DEFAULT, N_, _, language

if TYPE_CHECKING:
    from oms_core.kernel.errors import OmsError

#: Code (or its first part) to what happened and what to do; facts by name.
SENTENCES: dict[str, tuple[str, str]] = {
    "stock.insufficient": (N_("Not enough stock: {lines}."), N_("Lower the quantities, receive stock, or wait.")),
    "order.not_found": (N_("There is no such order."), N_("Search for it in the list.")),
    "order.shipped": (N_("The order has left in part or whole."), N_("Take the goods back as a return instead.")),
    "order.not_open": (N_("The order is no longer open."), N_("Look at its state and timeline.")),
    "metric.not_found": (N_("There is no such metric."), N_("Search for it in the glossary.")),
    "replica.locked": (
        N_("Another process uses the dashboard's replica."),
        N_("Stop the other dashboard of this shop, then try again."),
    ),
    "database.locked": (
        N_("Another process is writing to the shop's database."), N_("Wait for it to finish, then try again."),
    ),
    "database.no_schema": (
        N_("There is no shop in this folder yet."), N_("In a terminal: ordersight init or ordersight demo."),
    ),
    "database.unreachable": (N_("The database server does not answer."), N_("Check its address and that it runs.")),
    "expression.unknown_attribute": (
        N_("The expression names an attribute that does not exist."), N_("Perhaps you meant: {near}."),
    ),
    "expression": (N_("The expression cannot be read."), N_("Example: total > 500 AND country IN ('DE', 'FR').")),
    "payment": (N_("The payment cannot be booked."), N_("Look at what was paid and given back so far.")),
}  # fmt: skip


def told(error: OmsError) -> tuple[str, str]:
    """Return what happened and what to do, in the reader's language."""
    if language() == DEFAULT:
        return error.message, error.hint
    sentence = SENTENCES.get(error.code) or SENTENCES.get(error.code.split(".", 1)[0])
    if sentence is None:
        return error.message, error.hint
    facts = _facts(error)
    what, todo = (_(part).format(**facts) for part in sentence)
    return what, todo if facts["near"] or "{near}" not in sentence[1] else ""


def _facts(error: OmsError) -> dict[str, str]:
    shortages = error.facts.get("shortages") or ()
    lines = "; ".join(f"{s['sku']}: {s['available']} / {s['wanted']}" for s in shortages)
    near = error.facts.get("near") or re.findall(r"'([^']+)'", error.hint)
    return {"lines": lines, "near": ", ".join(str(n) for n in near)}
