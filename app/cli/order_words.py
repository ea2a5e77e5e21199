"""What the order commands share: reading an order file, telling an order as one record."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.orders.new import NewOrder

NumberArgument = Annotated[str, typer.Argument(help="Number of the order, such as OS-000001.")]
ActorOption = Annotated[str, typer.Option("--actor", help="Who does it, for the journal.")]


def read_order(path: Path) -> NewOrder:
    """Read an order document from a file, or from standard input for ``-``."""
    from oms_core.intake.documents import order_from
    from oms_core.kernel.errors import InvalidInput

    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
        return order_from(json.loads(text, parse_float=Decimal))
    except OSError as error:
        raise InvalidInput("file", str(path), f"a readable file ({error.strerror})", code="input.file") from error
    except UnicodeDecodeError as error:
        raise InvalidInput("file", str(path), "UTF-8 text", code="input.file") from error
    except json.JSONDecodeError as error:
        where = f"JSON (line {error.lineno}, column {error.colno}: {error.msg})"
        raise InvalidInput("file", str(path), where, code="input.json") from error


def sku_units(text: str) -> tuple[str, int]:
    """Read ``SKU=UNITS``; a SKU may itself hold an equals sign."""
    from oms_core.kernel.errors import InvalidInput

    sku, _, units = text.rpartition("=")
    if not (sku and units.isdecimal() and int(units)):
        raise InvalidInput("line", text, "SKU=UNITS was expected, with at least one unit", "For example: 22114=3")
    return sku, int(units)


def told(session: Session, number: str) -> dict[str, Any]:
    """Return an order with its promises, work, holds, parcels, payments, receipts, tags and notes."""
    from oms_core.fulfilment.queries import holds_of, shipments_of, work_of
    from oms_core.intake.commands import answer_of
    from oms_core.orders.notes import notes_of
    from oms_core.orders.queries import order_named, order_record
    from oms_core.orders.tags import tags_of
    from oms_core.payments.queries import payments_of
    from oms_core.routing.queries import decisions_of

    order = order_named(session, number)
    return {
        **order_record(session, order),
        "allocations": answer_of(session, order)["allocations"],
        "fulfillment_orders": work_of(session, order.id),
        "shipments": shipments_of(session, order.id),
        "payments": payments_of(session, order.id),
        "routing": decisions_of(session, order.id),
        "holds": holds_of(session, order.id),
        "tags": tags_of(session, [order.id])[order.id],
        "notes": notes_of(session, order.id),
    }
