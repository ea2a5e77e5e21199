"""The sentences of Today's decision list: why something waits, and the button that names its effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from app import format as fmt
from app.i18n import _, ngettext

Row = Mapping[str, Any]


def why(row: Row, *, today: date) -> str:
    """Return the reason of a decision in one sentence, from its numbers.

    Parameters
    ----------
    row : mapping
        A row of ``today_decisions.sql``.
    """
    return _REASONS[row["kind"]](row, today)


def _late(row: Row, _today: date) -> str:
    untouched = int(row["n_other"] or 0)
    parts = []
    if row["name"]:
        parts.append(_("{n} in {place}").format(n=fmt.count(row["n_name"]), place=row["name"]))
    if untouched:
        parts.append(
            ngettext("{n} was never started", "{n} were never started", untouched).format(n=fmt.count(untouched))
        )
    return "; ".join(parts) or _("They should have left already")


def _sold_out(row: Row, _today: date) -> str:
    names = _with_others(fmt.product(row["name"]), int(row["n"]) - 1)
    if row["due_on"]:
        return _("{names}; next receipt {day}").format(names=names, day=fmt.day(row["due_on"]))
    return _("{names}; nothing on order").format(names=names)


def _last_day(row: Row, _today: date) -> str:
    return _("{name} first; nothing arrives in time").format(name=fmt.product(row["name"]))


def _unpaid(row: Row, _today: date) -> str:
    held = int(row["n_name"] or 0)
    if held:
        return ngettext("{n} is authorised and not captured", "{n} are authorised and not captured", held).format(
            n=held
        )
    return _("Placed more than a day ago, no payment arrived")


def _parcels(row: Row, _today: date) -> str:
    return _("{n} of {all} with {carrier}").format(
        n=fmt.count(row["n_name"]), all=fmt.count(row["n"]), carrier=row["name"]
    )


def _returns(row: Row, _today: date) -> str:
    here, asked = int(row["n_name"] or 0), int(row["n_other"] or 0)
    return _("{here} arrived, {asked} wait for your answer").format(here=fmt.count(here), asked=fmt.count(asked))


def _po_late(row: Row, _today: date) -> str:
    return _("{supplier} was due {day}").format(supplier=row["name"], day=fmt.day(row["due_on"]))


def _supplier(row: Row, _today: date) -> str:
    return _with_others(str(row["name"]), int(row["n"]) - 1)


def _with_others(name: str, others: int) -> str:
    if not others:
        return name
    text = ngettext("{name} and {n} other", "{name} and {n} others", others)
    return text.format(name=name, n=fmt.count(others))


def _rejected(row: Row, _today: date) -> str:
    return _("{file}: correct the rows and import them again").format(file=row["name"])


_REASONS: dict[str, Callable[[Row, date], str]] = {
    "late": _late,
    "sold_out": _sold_out,
    "last_day": _last_day,
    "unpaid": _unpaid,
    "parcels": _parcels,
    "returns": _returns,
    "po_late": _po_late,
    "po_unconfirmed": _supplier,
    "po_draft": _supplier,
    "rejected": _rejected,
}


def button(kind: str, n: int) -> str:
    """Return the words of a decision's button: verb, count, object."""
    texts = {
        "late": lambda: ngettext("Open {n} order", "Open {n} orders", n),
        "sold_out": lambda: ngettext("Resolve {n} SKU", "Resolve {n} SKUs", n),
        "last_day": lambda: ngettext("Order {n} SKU", "Order {n} SKUs", n),
        "unpaid": lambda: ngettext("Check {n} payment", "Check {n} payments", n),
        "parcels": lambda: ngettext("Track {n} parcel", "Track {n} parcels", n),
        "returns": lambda: ngettext("Inspect {n} return", "Inspect {n} returns", n),
        "po_late": lambda: ngettext("Chase {n} supplier", "Chase {n} suppliers", n),
        "po_unconfirmed": lambda: ngettext("Confirm {n} order", "Confirm {n} orders", n),
        "po_draft": lambda: ngettext("Send {n} draft", "Send {n} drafts", n),
        "rejected": lambda: ngettext("Review {n} row", "Review {n} rows", n),
    }
    return texts[kind]().format(n=fmt.count(n))
