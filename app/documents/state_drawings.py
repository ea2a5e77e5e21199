"""`docs/states.md`: every state machine drawn from its table. ``python -m app.documents.state_drawings FILE``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from oms_core.audit import records
from oms_core.orders.states import DELIVERY, FULFILLMENT, PAYMENT
from oms_core.orders.states import RETURN as RETURN_AXIS

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Every machine, in the order an order meets them: those `ordersight check` watches.
MACHINES = tuple(machine for machine, _ in records.MACHINES)
#: The axes of an order that are derived from facts and never set.
AXES = {"payment": PAYMENT, "fulfilment": FULFILLMENT, "delivery": DELIVERY, "return": RETURN_AXIS}


def drawing() -> str:
    """Return the page as Markdown with Mermaid diagrams."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# States"
    yield ""
    yield "Drawn from the tables in the code (`oms_core/*/states.py`); a test refuses a page that drifted."
    yield "Write it again with `python -m app.documents.state_drawings docs/states.md`."
    for machine in MACHINES:
        yield from ("", f"## {machine.name.replace('_', ' ').capitalize()}", "", "```mermaid")
        yield machine.mermaid()
        yield "```"
    yield from ("", "## Derived axes of an order", "")
    yield "Never set by hand: `orders.status.refresh` derives them from payments, shipments and returns."
    yield ""
    for name, values in AXES.items():
        yield f"- **{name}**: {', '.join(values)}"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(drawing(), encoding="utf-8")
