"""Transfers: draft, send, receive with what is missing or too many; one card a transfer that is under way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
import sqlalchemy as sa
import streamlit as st

from app import actions, blocks, desk, states
from app import format as fmt
from app.i18n import _, ngettext
from app.views import basket
from app.views.return_actions import do, location

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.data import Place

ACTOR = actions.ACTOR
#: Transfers shown, newest first.
MOST = 30


def load() -> list[dict[str, Any]]:
    """Return the newest transfers, those under way first."""
    return desk.read(_load)


def _load(session: Session) -> list[dict[str, Any]]:
    from oms_core.catalog.tables import Variant
    from oms_core.inventory.tables import Transfer, TransferLine
    from oms_core.locations.tables import Location

    names = {row[0]: row[1] for row in session.execute(sa.select(Location.id, Location.name))}
    over = Transfer.state.in_(("received", "cancelled"))
    found = session.scalars(sa.select(Transfer).order_by(over, Transfer.id.desc()).limit(MOST)).all()
    lines = session.execute(
        sa.select(TransferLine, Variant.sku, Variant.title)
        .join(Variant, Variant.id == TransferLine.variant_id)
        .where(TransferLine.transfer_id.in_([one.id for one in found]))
        .order_by(TransferLine.id)
    ).all()
    return [
        {
            "id": one.id, "number": one.number, "state": one.state, "from": names[one.from_location_id],
            "to": names[one.to_location_id], "created_at": one.created_at, "shipped_at": one.shipped_at,
            "received_at": one.received_at,
            "lines": [_line(line, sku, title) for line, sku, title in lines if line.transfer_id == one.id],
        }
        for one in found
    ]  # fmt: skip


def _line(line: Any, sku: str, title: str) -> dict[str, Any]:
    return {
        "id": line.id, "sku": sku, "title": title, "quantity": line.quantity, "received": line.received_qty,
        "lost": line.lost_qty, "found": line.found_qty, "over": line.over_qty,
        "left": line.quantity - line.received_qty - line.lost_qty,
    }  # fmt: skip


def render(place: Place) -> None:
    """Draw the form of a new transfer and the transfers."""
    with st.expander(_("New transfer"), icon=":material/add:"), blocks.guard("transfer_new"):
        _new()
    found = load()
    if not found:
        with blocks.empty("done", _("No transfers yet"), _("Send stock from one warehouse to another.")):
            pass
    for one in found:
        with blocks.guard("transfer"):
            _card(one, place.zone)


def _new() -> None:
    from oms_core.inventory.commands import draft_transfer

    left, right = st.columns(2)
    with left:
        origin = location(key="transfer_from", label=_("From"))
    with right:
        target = location(key="transfer_to", label=_("To"), first=1)
    if origin == target:
        st.caption(_("Choose two different places."))
    rows = basket.draw(key="transfer")
    units = sum(row["units"] for row in rows)
    label = ngettext("Draft a transfer of {n} unit", "Draft a transfer of {n} units", units).format(n=units)
    if st.button(label, type="primary", key="transfer_draft", disabled=not rows or origin == target):
        lines = {int(row["id"]): int(row["units"]) for row in rows}
        made = actions.run(
            lambda s: draft_transfer(s, from_location_id=origin, to_location_id=target, lines=lines, actor=ACTOR),
            done=_("The transfer is drafted"),
        )
        if made is not None:
            basket.clear(key="transfer")
            st.rerun()


def _lines(lines: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Return a transfer's lines; what was lost, found or too many only where something was."""
    told = {"quantity": _("Units sent"), "received": _("Arrived")}
    rare = {"lost": _("Lost"), "found": _("Found"), "over": _("Too many")}
    kept = {**told, **{name: word for name, word in rare.items() if any(x[name] for x in lines)}}
    titles = [f"{fmt.product(x['title'])} :gray[{x['sku']}]" for x in lines]
    return pl.DataFrame({_("Line"): titles, **{word: [x[name] for x in lines] for name, word in kept.items()}})


def _card(one: Mapping[str, Any], zone: str) -> None:
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            st.markdown(f"**{one['number']}** {one['from']} → {one['to']}", width="content")
            st.badge(states.word(one["state"]), color=states.colour("transfer", one["state"]))  # type: ignore[arg-type]
            st.caption(_when(one, zone), width="content")
        st.table(_lines(one["lines"]), border="horizontal", hide_index=True)
        if one["state"] == "draft":
            _send(one)
        elif one["state"] in {"in_transit", "partially_received"}:
            with st.expander(_("Receive"), icon=":material/inventory:"):
                _receive(one)
        elif any(x["lost"] > x["found"] for x in one["lines"]):
            with st.popover(_("Lost units turned up"), icon=":material/search_check:", type="tertiary"):
                _found(one)


def _when(one: Mapping[str, Any], zone: str) -> str:
    if one["received_at"]:
        return _("received {moment}").format(moment=fmt.moment(one["received_at"], zone))
    if one["shipped_at"]:
        return _("sent {moment}").format(moment=fmt.moment(one["shipped_at"], zone))
    return _("drafted {moment}").format(moment=fmt.moment(one["created_at"], zone))


def _send(one: Mapping[str, Any]) -> None:
    from oms_core.inventory.commands import ship_transfer
    from oms_core.inventory.transfers import cancel_transfer

    key, number = one["id"], one["number"]
    with st.container(horizontal=True, gap="xsmall"):
        do(
            _("Send it off"), lambda s: ship_transfer(s, key, zone=desk.zone(), actor=ACTOR),
            _("Transfer {number} is on its way").format(number=number), key=f"transfer_send_{key}",
        )  # fmt: skip
        if st.button(_("Give it up"), type="tertiary", key=f"transfer_cancel_{key}"):
            gone = actions.run(
                lambda s: cancel_transfer(s, key, actor=ACTOR),
                done=_("Transfer {number} is given up").format(number=number),
            )
            if gone is not None:
                st.rerun()


def _receive(one: Mapping[str, Any]) -> None:
    """Ask what arrived, what never will and what was too many; a discrepancy needs a reason."""
    from oms_core.inventory.commands import receive_transfer

    arrived, lost, over = dict[int, int](), dict[int, int](), dict[int, int]()
    for line in (x for x in one["lines"] if x["left"] > 0):
        key = line["id"]
        st.markdown(f"{fmt.product(line['title'])} :gray[{line['sku']}]")
        columns = st.columns(3)
        arrived[key] = _units(columns[0], _("Arrived"), line["left"], line["left"], f"transfer_in_{key}")
        lost[key] = _units(columns[1], _("Lost"), 0, line["left"], f"transfer_lost_{key}")
        over[key] = _units(columns[2], _("Too many"), 0, None, f"transfer_over_{key}")
    odd = any(lost.values()) or any(over.values())
    reason = st.text_input(
        _("Why units are lost or too many"), key=f"transfer_reason_{one['id']}", disabled=not odd, max_chars=120
    )
    units = sum(arrived.values())
    do(
        ngettext("Receive {n} unit", "Receive {n} units", units).format(n=units),
        lambda s: receive_transfer(
            s, one["id"], received=_some(arrived), lost=_some(lost), over=_some(over), reason=reason or "",
            zone=desk.zone(), actor=ACTOR,
        ),
        _("Transfer {number} is received").format(number=one["number"]),
        key=f"transfer_receive_{one['id']}",
        disabled=odd and not reason,
    )  # fmt: skip


def _units(column: Any, label: str, value: int, most: int | None, key: str) -> int:
    return int(column.number_input(label, min_value=0, max_value=most, value=value, step=1, key=key))


def _some(units: Mapping[int, int]) -> dict[int, int]:
    return {key: n for key, n in units.items() if n}


def _found(one: Mapping[str, Any]) -> None:
    from oms_core.inventory.transfers import book_found_units

    found = {
        line["id"]: _units(st, line["sku"], 0, line["lost"] - line["found"], f"transfer_found_{line['id']}")
        for line in one["lines"]
        if line["lost"] > line["found"]
    }
    reason = st.text_input(_("Where they turned up"), key=f"transfer_found_reason_{one['id']}", max_chars=120)
    do(
        _("Book them as found"),
        lambda s: book_found_units(
            s, one["id"], found=_some(found), reason=reason or "", zone=desk.zone(), actor=ACTOR
        ),
        _("Found units of {number} are in stock").format(number=one["number"]),
        key=f"transfer_found_{one['id']}",
        disabled=not (any(found.values()) and reason),
    )
