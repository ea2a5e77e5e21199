"""Today's exceptions: what went differently from plan, and what the system already did about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from app import blocks, links, tables
from app import format as fmt
from app.i18n import N_, _, ngettext

#: Kind to its badge.
KINDS = {
    "stock": N_("Stock"),
    "carrier": N_("Carrier"),
    "routing": N_("Routing"),
    "order": N_("Order"),
    "import": N_("Import"),
}
_PARCEL = {
    "delayed": N_("The carrier reports a delay"),
    "failed": N_("Delivery failed"),
    "return_to_sender": N_("The parcel goes back to us"),
    "lost": N_("The carrier lost the parcel"),
}
#: What carriers of the demo say; a real carrier's words are shown as they are.
CARRIER_SAYS = (
    N_("Nobody at the address"), N_("Held at a depot: snow"), N_("Refused by the recipient"),
    N_("Not found after a search"),
)  # fmt: skip
_DONE = {
    "carrier": N_("Promise marked as broken, order is in the list"),
    "stock": N_("Ledger corrected, availability recalculated"),
    "order": N_("Stock released"),
    "routing": N_("Fulfilment orders opened"),
    "import": N_("Rows kept with their reason"),
}


def lines(events: pl.DataFrame, *, zone: str, currency: str) -> pl.DataFrame:
    """Return the table's rows in words: time, type, what happened, object, what the system did."""
    rows = [
        {
            "at": fmt.moment(r["happened_at"], zone, weekday=False),
            "kind": [_(KINDS[r["kind"]])],
            "what": _what(r, currency),
            "object": r["object"],
            "done": _(_DONE[r["kind"]]),
            "order": r["order_number"],
        }
        for r in events.iter_rows(named=True)
    ]
    schema: dict[str, Any] = {
        "at": pl.String,
        "kind": pl.List(pl.String),
        "what": pl.String,
        "object": pl.String,
        "done": pl.String,
    }
    return pl.DataFrame(rows, schema={**schema, "order": pl.String})


def _what(row: Mapping[str, Any], currency: str) -> str:
    kind, note = row["kind"], row["note"] or ""
    if kind == "carrier":
        said = _(_PARCEL[row["event"]])
        return f"{said}: {_(note)}" if note else said
    if kind == "stock":
        n = int(row["n"])
        text = (
            ngettext("Count in {place} found {n} more: {title}", "Count in {place} found {n} more: {title}", n)
            if n > 0
            else ngettext("Count in {place} found {n} fewer: {title}", "Count in {place} found {n} fewer: {title}", -n)
        )
        return text.format(place=row["name"], n=fmt.count(abs(n)), title=fmt.product(note))
    if kind == "order":
        return _("Cancelled, {money}").format(money=fmt.money(int(row["n"]), currency)) + (f": {note}" if note else "")
    if kind == "routing":
        n = int(row["n"])
        return ngettext("Split into {n} parcel", "Split into {n} parcels", n).format(n=n)
    n = int(row["n"])
    return ngettext("{n} row refused: {why}", "{n} rows refused: {why}", n).format(n=fmt.count(n), why=note)


def render(events: pl.DataFrame, checked_at: str) -> None:
    """Draw the exceptions; a selected row opens its order."""
    if events.is_empty():
        blocks.empty_line("done", _("Everything went to plan."), _("Last checked {time}").format(time=checked_at))
        return
    columns = {
        "at": tables.text(_("Time"), 96),
        "kind": tables.badge(_("Type"), {_(word): "gray" for word in KINDS.values()}, 80),
        "what": tables.text(_("What happened"), 330),
        "object": tables.text(_("Object"), 92),
        "done": tables.text(_("What the system did")),
    }
    for position in blocks.table(
        events, columns, key="today_events", alt=events["what"][0], open_on_click=True, phone=("what", "at")
    ):
        if events["order"][position]:
            links.go("orders", view="all", order=events["order"][position])
