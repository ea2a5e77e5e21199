"""Before a purchase order is sent: its quantities; while it is on its way: the day it comes; and a new one by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import acting, actions, blocks, data, desk, links
from app import format as fmt
from app.i18n import _, ngettext
from app.views import basket
from oms_core.backorders.commands import repromise
from oms_core.purchasing import commands, names
from oms_core.purchasing.drafting import EDITABLE
from oms_core.purchasing.queries import suppliers
from oms_core.purchasing.states import INCOMING

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.data import Place

Order = Mapping[str, Any]
NEW = "po_new"


def changes(lines: Sequence[Mapping[str, Any]], edited: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Return the new units of the lines that were edited, by line; an emptied cell takes the line out; pure."""
    found = {}
    for line, row in zip(lines, edited, strict=True):
        units = int(row["units"] or 0)
        if units != line["quantity"]:
            found[int(line["id"])] = units
    return found


def render(order: Order, place: Place) -> None:
    """Draw what may be changed in the order's state."""
    if order["state"] in EDITABLE and st.button(_("Change quantities"), icon=":material/edit:", key="po_edit"):
        _quantities(order)
    if order["state"] in INCOMING and order["state"] != "sent":
        _day(order, place)


def _quantities(order: Order) -> None:
    """Open the lines to be edited; whatever was approved has to be approved again."""

    @st.dialog(_("Quantities of {number}").format(number=order["number"]), position="right", width=640)
    def drawer() -> None:
        with blocks.guard("po_edit"):
            lines = order["lines"]
            rows = pl.DataFrame(
                [
                    {
                        "sku": line["sku"], "title": fmt.product(line["title"]), "suggested": line["suggested_qty"],
                        "units": line["quantity"],
                    }
                    for line in lines
                ],
                schema_overrides={"suggested": pl.Int64, "units": pl.Int64},
            )  # fmt: skip
            column = st.column_config
            edited: Any = st.data_editor(
                rows, hide_index=True, key=f"po_edit_{order['number']}_{order['version']}",
                disabled=("sku", "title", "suggested"),
                column_config={
                    "sku": column.TextColumn(_("SKU"), width=80),
                    "title": column.TextColumn(_("Product"), width=260),
                    "suggested": column.NumberColumn(_("Suggested"), width=90),
                    "units": column.NumberColumn(_("Units"), min_value=0, step=1, width=90),
                },
            )  # fmt: skip
            changed = changes(lines, edited.to_dicts())
            st.caption(_("Zero takes a line out. An approval of the old quantities is void."))
            label = ngettext("Change {n} line", "Change {n} lines", len(changed)).format(n=fmt.count(len(changed)))
            if st.button(label, type="primary", icon=":material/check:", key="po_edit_save", disabled=not changed):
                done = _("{number} is changed").format(number=order["number"])
                if actions.run(lambda s: write(s, order, changed), done=done):
                    st.rerun()

    drawer()


def write(session: Session, order: Order, changed: Mapping[int, int]) -> bool:
    """Change quantities, larger ones first, so that the last line is not taken out before another came in."""
    for line, units in sorted(changed.items(), key=lambda one: -one[1]):
        commands.change_quantity(
            session, purchase_order_id=order["id"], line_id=line, quantity=units, actor=acting.name()
        )
    return True


def _day(order: Order, place: Place) -> None:
    """Draw the form for another day of delivery; what was promised from the goods moves with it."""
    with st.popover(_("Another day"), icon=":material/event_repeat:"):
        now = order["expected_on"] or place.today
        wanted = st.date_input(_("Now promised for"), value=now, format="DD.MM.YYYY", key="po_day")
        reason = st.text_input(_("Why the day moves"), key="po_day_reason", max_chars=200)
        day = wanted if isinstance(wanted, date) else None
        if st.button(
            _("Move the day"), icon=":material/check:", key="po_day_save",
            disabled=day is None or day == order["expected_on"] or not (reason or "").strip(),
        ):  # fmt: skip
            done = _("{number} is expected {day}").format(number=order["number"], day=fmt.day(day or now))
            if actions.run(lambda s: _move(s, order, day or now, reason or ""), done=done):
                st.rerun()


def _move(session: Session, order: Order, day: date, reason: str) -> bool:
    commands.reschedule(session, purchase_order_id=order["id"], expected_on=day, reason=reason, actor=acting.name())
    repromise(session, zone=desk.zone(), actor=acting.name())
    return True


def new() -> None:
    """Draw the button that opens an empty order, for what no suggestion knows of."""
    if st.button(_("New purchase order"), icon=":material/add:", key="po_new_open"):
        _new()


def _new() -> None:
    @st.dialog(_("New purchase order"), position="right", width=640)
    def drawer() -> None:
        with blocks.guard(NEW):
            known = {row["code"]: row["name"] for row in desk.read(suppliers)}
            if not known:
                blocks.empty_line("no_data", _("No supplier yet"), _("Enter one on the page Setup."))
                return
            places = {row["code"]: row["name"] for row in data.locations().iter_rows(named=True)}
            left, right = st.columns(2)
            supplier = left.selectbox(_("Supplier"), list(known), format_func=known.__getitem__, key=f"{NEW}_supplier")
            place = right.selectbox(_("Deliver to"), list(places), format_func=places.__getitem__, key=f"{NEW}_place")
            rows = basket.draw(key=NEW)
            note = st.text_input(_("Note for the supplier"), max_chars=200, key=f"{NEW}_note")
            label = ngettext("Draft {n} line", "Draft {n} lines", len(rows)).format(n=fmt.count(len(rows)))
            if st.button(label, type="primary", icon=":material/check:", key=f"{NEW}_save", disabled=not rows):
                made = actions.run(
                    lambda s: _draft(s, str(supplier), str(place), rows, note or ""), done=_("The draft is written")
                )
                if made:
                    basket.clear(key=NEW)
                    links.open_detail("po", made)
                    st.rerun()

    drawer()


def _draft(session: Session, supplier: str, place: str, rows: Sequence[Mapping[str, Any]], note: str) -> str:
    """Write the draft at the supplier's prices; return its number."""
    key = names.supplier_id(session, supplier)
    wishes = [(str(row["sku"]), int(row["units"]), None) for row in rows]
    return commands.draft_purchase_order(
        session, supplier_id=key, location_id=names.location_id(session, place),
        lines=names.new_lines(session, key, wishes), note=note, actor=acting.name(),
    ).number  # fmt: skip
