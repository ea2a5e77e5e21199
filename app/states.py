"""Words and colours of states: read from the machines of the core, translated where they are shown."""

from __future__ import annotations

from collections.abc import Mapping

from app.i18n import N_, _
from oms_core.drafts.states import DRAFT
from oms_core.finance.states import INVOICE, SUPPLIER_INVOICE
from oms_core.fulfilment.states import FULFILLMENT_ORDER, SHIPMENT
from oms_core.inventory.states import BIN_REPLENISHMENT, STOCK_COUNT, STOCK_STATE, TRANSFER
from oms_core.orders.states import DELIVERY, FULFILLMENT, ORDER, PAYMENT, RETURN
from oms_core.purchasing.states import BUYING_MAIL, PURCHASE_ORDER, SUPPLIER_ANSWER
from oms_core.reporting.states import REPORT_RUN
from oms_core.returns.states import CLAIM, EXCHANGE, WITHDRAWAL
from oms_core.returns.states import RETURN as RETURN_MACHINE

#: Words that are not the state's name with blanks.
_SPECIAL = {
    "none": N_("None"),
    "closed": N_("Closed"),
    "cancelled": N_("Cancelled"),
    "corrected": N_("Has a correction"),
}

#: Words of a state that another axis has too, and that says more of this one.
_OF_AXIS = {("payment", "none"): N_("Unpaid")}

#: Axis of an order or machine to the colour of every state. Done is gray: a healthy list is nearly colourless.
COLOURS: dict[str, Mapping[str, str]] = {
    "order": ORDER.colours,
    "payment": {**PAYMENT, "paid": "gray", "authorized": "blue", "none": "orange", "voided": "orange"},
    "fulfillment": {**FULFILLMENT, "unfulfilled": "blue", "on_hold": "orange"},
    "delivery": {**DELIVERY, "delivered": "gray"},
    "return": RETURN,
    "fulfillment_order": FULFILLMENT_ORDER.colours,
    "shipment": {**SHIPMENT.colours, "delivered": "gray"},
    "return_machine": RETURN_MACHINE.colours,
    "exchange": {**EXCHANGE.colours, "completed": "gray"},
    "claim": {**CLAIM.colours, "resolved": "gray"},
    "withdrawal": {**WITHDRAWAL.colours, "settled": "gray"},
    "draft": {**DRAFT.colours, "completed": "gray"},
    "transfer": TRANSFER.colours,
    "stock_count": STOCK_COUNT.colours,
    "bin_replenishment": {**BIN_REPLENISHMENT.colours, "done": "gray"},
    "stock": STOCK_STATE.colours,
    "purchase_order": PURCHASE_ORDER.colours,
    "supplier_answer": SUPPLIER_ANSWER.colours,
    "buying_mail": BUYING_MAIL.colours,
    "invoice": {**INVOICE.colours, "issued": "gray"},
    "supplier_invoice": SUPPLIER_INVOICE.colours,
    "report_run": REPORT_RUN.colours,
}

#: Every state's English word; the catalogue test asks for a Polish one of each.
WORDS: dict[str, str] = {
    state: _SPECIAL.get(state) or state.replace("_", " ").capitalize()
    for colours in COLOURS.values()
    for state in colours
}


def word(state: str, axis: str = "") -> str:
    """Return a state in the reader's language; of an axis whose words are its own, name the axis."""
    return _(_OF_AXIS.get((axis, state)) or WORDS.get(state, state.replace("_", " ").capitalize()))


def colour(axis: str, state: str) -> str:
    """Return the colour role of a state."""
    return COLOURS[axis].get(state, "gray")


def words(axis: str) -> dict[str, str]:
    """Return every state of an axis with its word."""
    return {state: word(state, axis) for state in COLOURS[axis]}


def badge_colours(axis: str) -> dict[str, str]:
    """Return every word of an axis with its colour, for a badge column."""
    return {word(state, axis): tint for state, tint in COLOURS[axis].items()}
