"""Workers' lists: what to carry to pick bins and why, confirmed line by line with what was missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import polars as pl
import sqlalchemy as sa
import streamlit as st

from app import actions, blocks, desk, states
from app import format as fmt
from app.i18n import DEFAULT, N_, _, language, ngettext
from app.views.return_actions import do

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ACTOR = actions.ACTOR
#: Lists shown, open ones first.
MOST = 8
_WHY = {
    "filled_up": N_("filled up to what fits in whole increments"),
    "whole_increments": N_("overstock has no more whole increments"),
    "last_units": N_("the last units of overstock, less than one increment"),
    "overstock_short": N_("overstock does not have them"),
    "increment_too_large": N_("not one increment fits below the maximum"),
}


def load(location_id: int) -> tuple[Any, list[dict[str, Any]]]:
    """Return what a list made now would carry, and the newest lists, open ones first."""
    return desk.read(lambda session: _load(session, location_id))


def _load(session: Session, location_id: int) -> tuple[Any, list[dict[str, Any]]]:
    from oms_core.inventory.bin_queries import list_record
    from oms_core.inventory.bin_replenishing import proposal
    from oms_core.inventory.bin_tables import BinReplenishment

    over = BinReplenishment.state != "open"
    found = session.scalars(
        sa.select(BinReplenishment)
        .where(BinReplenishment.location_id == location_id)
        .order_by(over, BinReplenishment.id.desc())
        .limit(MOST)
    ).all()
    return proposal(session, location_id=location_id, zone=desk.zone()), [list_record(session, one) for one in found]


def told(line: Mapping[str, Any]) -> str:
    """Return a line's receipt in the reader's language; pure."""
    if language() == DEFAULT:
        return str(line["why"])
    facts = line["receipt"]
    coming = _(" and {n} on their way").format(n=facts["coming"]) if facts["coming"] else ""
    said = _(
        "{bin} has {in_bin}{coming}, below {minimum}; {wanted} fit up to {maximum} in steps of {increment};"
        " overstock has {overstock}: {why}."
    ).format(**{**facts, "bin": line["to"], "coming": coming, "why": _(_WHY[facts["why"]])})
    if not facts["expires_on"]:
        return said
    first = _("Lot {lot} expires first ({day}).").format(lot=line["lot"], day=facts["expires_on"])
    return f"{said} {first}"


def unmet(short: Mapping[str, Any]) -> str:
    """Say which pick bin stays short, why, and what could be put away for it; pure."""
    said = _("{bin} stays {n} × {sku} short: {why}.").format(
        bin=short["bin"], n=short["missing"], sku=short["sku"], why=_(_WHY[short["why"]])
    )
    waiting = short["not_put_away"]
    if not waiting:
        return said
    there = ngettext("{n} unit is not put away yet.", "{n} units are not put away yet.", waiting)
    return f"{said} {there.format(n=fmt.count(waiting))}"


def render(location_id: int, zone: str) -> None:
    """Draw what could be carried now, and the lists."""
    from oms_core.inventory.bin_replenishing import open_list

    found, lists = load(location_id)
    units = sum(one.quantity for one in found.carries)
    still = len(found.unmet)
    answer = ngettext("{n} unit can be carried now", "{n} units can be carried now", units).format(n=fmt.count(units))
    unmet = ngettext("{n} pick bin stays short", "{n} pick bins stay short", still).format(n=still) if still else ""
    blocks.section(_("Which pick bins need filling?"), " · ".join(part for part in (answer, unmet) if part))
    if units:
        do(
            _("Make a list for a worker"),
            lambda s: open_list(s, location_id=location_id, zone=desk.zone(), actor=ACTOR),
            _("The list is made"),
            key="bin_list_open",
        )
    for one in lists:
        with blocks.guard("bin_list"):
            _card(one, zone)


def _card(one: Mapping[str, Any], zone: str) -> None:
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            st.markdown(f"**{one['number']}**", width="content")
            colour = states.colour("bin_replenishment", one["state"])
            st.badge(states.word(one["state"]), color=colour)  # type: ignore[arg-type]
            st.caption(f"{fmt.moment(one['created_at'], zone)} · {one['created_by']}", width="content")
        if one["state"] == "open":
            _confirm(one)
        else:
            _done(one)
        for short in one["unmet"]:
            st.caption(unmet(short))


def _done(one: Mapping[str, Any]) -> None:
    rows = [
        (x["sku"], f"{x['from']} → {x['to']}", x["quantity"], x["moved"], x["missing"], x["reason"])
        for x in one["lines"]
    ]
    names = [_("SKU"), _("Way"), _("To carry"), _("Carried"), _("Missing"), _("Reason")]
    st.table(pl.DataFrame(rows, schema=names, orient="row", strict=False), border="horizontal", hide_index=True)


def _confirm(one: Mapping[str, Any]) -> None:
    """Draw the sheet a worker fills in: carried and missing; a missing unit needs a reason."""
    from oms_core.inventory.bin_replenishing import cancel

    lines = [line for line in one["lines"] if line["to_do"]]
    names = (_("SKU"), _("Way"), _("To do"), _("Carried"), _("Missing"))
    frame = pd.DataFrame(
        [
            (f"{x['sku']} {x['lot'] or ''}".strip(), f"{x['from']} → {x['to']}", x["to_do"], x["to_do"], 0)
            for x in lines
        ],
        columns=list(names),
    )
    whole = st.column_config.NumberColumn(min_value=0, step=1, width=90)
    edited = st.data_editor(
        frame, hide_index=True, key=f"bin_sheet_{one['id']}_{one['version']}", disabled=list(names[:3]),
        column_config={names[3]: whole, names[4]: whole, names[2]: st.column_config.NumberColumn(width=70)},
        alt=_("Units to carry; what was carried and what was missing can be filled in"),
    )  # fmt: skip
    with st.expander(_("Why so many, and from there?"), icon=":material/receipt_long:"):
        for line in lines:
            st.caption(f"**{line['sku']}** {told(line)}")
    done = confirmed(lines, edited[names[3]].tolist(), edited[names[4]].tolist())
    odd = any(missing for _key, _moved, missing in done)
    reason = st.text_input(_("Why units are missing"), key=f"bin_reason_{one['id']}", disabled=not odd, max_chars=120)
    n = sum(moved for _key, moved, _missing in done)
    with st.container(horizontal=True, gap="xsmall"):
        do(
            ngettext("Book {n} carried unit", "Book {n} carried units", n).format(n=n),
            lambda s: book(s, one["id"], done, reason or ""),
            _("List {number} is booked").format(number=one["number"]),
            key=f"bin_confirm_{one['id']}", disabled=not done or (odd and not reason),
        )  # fmt: skip
        if st.button(_("Give the list up"), type="tertiary", key=f"bin_cancel_{one['id']}"):
            gone = actions.run(
                lambda s: cancel(s, one["id"], reason=reason or _("given up"), actor=ACTOR),
                done=_("List {number} is given up").format(number=one["number"]),
            )
            if gone is not None:
                st.rerun()


def confirmed(lines: Sequence[Mapping[str, Any]], moved: list[Any], missing: list[Any]) -> list[tuple[int, int, int]]:
    """Return (line, carried, missing) of lines of which something was done; pure."""
    whole = ([0 if pd.isna(n) else int(n) for n in column] for column in (moved, missing))
    return [(line["id"], a, b) for line, a, b in zip(lines, *whole, strict=True) if a or b]


def book(session: Session, list_id: int, done: Sequence[tuple[int, int, int]], reason: str) -> int:
    """Confirm lines, all or none; return how many."""
    from oms_core.inventory.bin_replenishing import confirm

    for key, moved, missing in done:
        confirm(session, list_id, line_id=key, moved=moved, missing=missing, reason=reason, actor=ACTOR)
    return len(done)
