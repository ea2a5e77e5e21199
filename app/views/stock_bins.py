"""Bins: what lies where within a place, what pick bins should hold, and the forms that change it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import actions, blocks, desk, exports, tables
from app import format as fmt
from app.i18n import N_, _, ngettext
from app.views import stock_bin_lists
from app.views.return_actions import do, location
from app.views.sku_search import sku_choice

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.data import Place

ACTOR = actions.ACTOR
KINDS = {"pick": N_("Pick bin"), "overstock": N_("Overstock bin"), "default": N_("Not put away")}
#: What may be done with bins: words, and what draws the form.
_FORM = "bin_form"


def load(location_id: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the bins of a place, and what lies in them."""
    return desk.read(lambda session: _load(session, location_id))


def _load(session: Session, location_id: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    from oms_core.inventory.bin_queries import bin_contents, bins_of

    return bins_of(session, location_id), bin_contents(session, location_id=location_id)


def build(held: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """Return what lies in bins as rows; a pick bin below its minimum is marked; pure."""
    units: dict[tuple[str, str], int] = {}
    for row in held:
        units[row["bin"], row["sku"]] = units.get((row["bin"], row["sku"]), 0) + row["units"]
    return pl.DataFrame(
        [
            {
                "bin": row["bin"], "kind": _(KINDS[row["kind"]]), "sku": row["sku"],
                "product": fmt.product(row["title"]), "lot": row["lot"] or "", "expires_on": row["expires_on"],
                "units": row["units"], "minimum": row["minimum"], "maximum": row["maximum"],
                "increment": row["increment"],
                "short": _("below minimum") if units[row["bin"], row["sku"]] < (row["minimum"] or 0) else "",
            }
            for row in held
        ],
        schema={
            "bin": pl.String, "kind": pl.String, "sku": pl.String, "product": pl.String, "lot": pl.String,
            "expires_on": pl.Date, "units": pl.Int64, "minimum": pl.Int64, "maximum": pl.Int64, "increment": pl.Int64,
            "short": pl.String,
        },
    )  # fmt: skip


def render(place: Place) -> None:
    """Draw the worker's lists, what lies where, and the forms."""
    where = location(key="bins_place")
    shelves, held = load(where)
    if not shelves:
        with blocks.empty("done", _("No bins here yet"), _("Name a pick bin and an overstock bin below.")):
            pass
    else:
        with blocks.guard("bin_lists"):
            stock_bin_lists.render(where, place.zone)
        with blocks.guard("bins"):
            _contents(held)
    with st.expander(_("Change bins"), icon=":material/shelves:", expanded=not shelves), blocks.guard("bin_forms"):
        _forms(where, shelves)


def _contents(held: Sequence[dict[str, Any]]) -> None:
    rows = build(held)
    units, short = int(rows["units"].sum()), rows.filter(pl.col("short") != "").height
    said = ngettext("{n} unit lies in bins", "{n} units lie in bins", units).format(n=fmt.count(units))
    warned = ngettext("{n} pick bin is below its minimum", "{n} pick bins are below their minimum", short)
    blocks.section(_("What lies where?"), f"{said} · {warned.format(n=fmt.count(short))}")
    if rows.is_empty():
        blocks.empty_line("no_data", _("Nothing lies in bins yet"), _("Say what a pick bin should hold."))
        return
    lots = {"lot": tables.text(_("Lot"), 90), "expires_on": tables.day(_("Expires"))} if any(rows["lot"]) else {}
    columns = {
        "bin": tables.text(_("Bin"), 90),
        "kind": tables.text(_("Kind"), 110),
        "sku": tables.text(_("SKU"), 90),
        "product": tables.text(_("Product")),
        **lots,
        "units": tables.count(_("Units")),
        "minimum": tables.count(_("Minimum"), 80),
        "maximum": tables.count(_("Maximum"), 85),
        "increment": tables.count(_("Increment"), 85, help=_("Whole multiples of this are carried (a case).")),
        "short": tables.text(_("Note"), 120),
    }
    blocks.table(rows, columns, key="bins_table", alt=_("What lies in which bin"))
    blocks.export(exports.Sheet("bins", rows))


def _forms(where: int, shelves: Sequence[dict[str, Any]]) -> None:
    """Draw the chosen form: name a bin, say what it should hold, carry units, count it, take it away."""
    forms = {
        "define": (_("Name a bin"), _define),
        "rule": (_("What it should hold"), _rule),
        "move": (_("Put away or carry"), _move),
        "count": (_("Count a bin"), _count),
        "retire": (_("Take away"), _take_away),
    }
    picked = st.segmented_control(
        _("What to do"), list(forms), default="define", required=True, key=_FORM, label_visibility="collapsed",
        format_func=lambda name: forms[name][0],
    )  # fmt: skip
    forms[str(picked or "define")][1](where, [one for one in shelves if one["code"]])


def _define(where: int, shelves: Sequence[dict[str, Any]]) -> None:
    from oms_core.inventory.bins import define

    del shelves
    left, middle, right = st.columns(3)
    code = (left.text_input(_("Code"), key="bin_code", max_chars=120) or "").strip()
    kind = middle.selectbox(_("Kind"), ("pick", "overstock"), format_func=lambda k: _(KINDS[k]), key="bin_kind")
    position = int(right.number_input(_("Rank on the way"), min_value=1, value=1, step=1, key="bin_position"))
    do(
        _("Name the bin"),
        lambda s: define(s, location_id=where, code=code, kind=kind, position=position, actor=ACTOR),
        _("Bin {code} is named").format(code=code), key="bin_define", disabled=not code,
    )  # fmt: skip


def _rule(where: int, shelves: Sequence[dict[str, Any]]) -> None:
    from oms_core.inventory.bins import set_rule

    del where
    pick = [one for one in shelves if one["kind"] == "pick"]
    chosen = sku_choice(key="bin_rule")
    if chosen is None or not pick:
        st.caption(_("Find a product; pick bins can be filled up with it."))
        return
    one = _bin(pick, key="bin_rule_bin")
    left, middle, right = st.columns(3)
    low = int(left.number_input(_("Minimum"), min_value=1, value=1, step=1, key="bin_minimum"))
    high = int(middle.number_input(_("Maximum"), min_value=1, value=1, step=1, key="bin_maximum"))
    step = int(right.number_input(_("Increment"), min_value=1, value=1, step=1, key="bin_increment"))
    do(
        _("Keep the rule"),
        lambda s: set_rule(
            s, bin_id=one["id"], variant_id=chosen["id"], minimum=low, maximum=high, increment=step, actor=ACTOR
        ),
        _("Bin {code} holds {low} to {high} of {sku}").format(code=one["code"], low=low, high=high, sku=chosen["sku"]),
        key="bin_rule_keep",
    )


def _move(where: int, shelves: Sequence[dict[str, Any]]) -> None:
    from oms_core.inventory.bin_moving import move

    del where
    chosen = sku_choice(key="bin_move")
    if chosen is None:
        st.caption(_("Find a product; what came lies in the bin {code} until it is put away.").format(code="DEFAULT"))
        return
    left, middle, right = st.columns(3)
    with left:
        one = _bin([x for x in shelves if x["units"]], key="bin_from", label=_("From"))
    with middle:
        other = _bin([x for x in shelves if x["kind"] != "default"], key="bin_to", label=_("To"))
    units = int(right.number_input(_("Units"), min_value=1, value=1, step=1, key="bin_move_units"))
    ready = bool(one and other and one["id"] != other["id"])
    do(
        ngettext("Carry {n} unit", "Carry {n} units", units).format(n=units),
        lambda s: move(
            s, variant_id=chosen["id"], from_bin_id=one["id"], to_bin_id=other["id"], quantity=units, actor=ACTOR
        ),
        _("{n} × {sku} lie in {code}").format(n=units, sku=chosen["sku"], code=other.get("code", "")),
        key="bin_move_do", disabled=not ready,
    )  # fmt: skip


def _count(where: int, shelves: Sequence[dict[str, Any]]) -> None:
    from oms_core.inventory.bin_moving import count

    del where
    chosen = sku_choice(key="bin_count")
    if chosen is None:
        st.caption(_("Find a product; the difference is booked with its reason."))
        return
    left, right = st.columns(2)
    with left:
        one = _bin(shelves, key="bin_count_bin")
    units = int(right.number_input(_("Counted"), min_value=0, value=0, step=1, key="bin_counted"))
    reason = st.text_input(_("Why stock changes"), key="bin_count_reason", max_chars=120)
    do(
        _("Book the count"),
        lambda s: count(
            s, bin_id=one["id"], variant_id=chosen["id"], counted=units, reason=reason or "", zone=desk.zone(),
            actor=ACTOR,
        ),
        _("{n} × {sku} lie in {code}").format(n=units, sku=chosen["sku"], code=one.get("code", "")),
        key="bin_count_do", disabled=not (reason and one),
    )  # fmt: skip


def _take_away(where: int, shelves: Sequence[dict[str, Any]]) -> None:
    """Draw the choice of a bin: its rules are dropped one by one, an empty bin goes."""
    from oms_core.inventory.bin_queries import bin_contents

    del where
    one = _bin([x for x in shelves if x["kind"] != "default"], key="bin_gone")
    if not one:
        st.caption(_("No bin here that could go."))
        return
    for row in desk.read(lambda s: bin_contents(s, bin_id=one["id"])):
        if row["minimum"] is not None:
            do(
                _("Stop filling it up with {sku}").format(sku=row["sku"]),
                partial(_drop, bin_id=one["id"], sku=row["sku"]),
                _("{code} is not filled up with {sku} any more").format(code=one["code"], sku=row["sku"]),
                key=f"bin_rule_drop_{row['sku']}_{row['lot'] or ''}", kind="secondary",
            )  # fmt: skip
    if one["units"]:
        st.caption(_("Carry what lies in it to another bin first; its history stays."))
    do(
        _("Take the bin away"),
        lambda s: _gone(s, one["id"]),
        _("Bin {code} is gone").format(code=one["code"]), key="bin_retire", disabled=bool(one["units"]),
    )  # fmt: skip


def _gone(session: Session, bin_id: int) -> bool:
    from oms_core.inventory.bin_retiring import retire

    retire(session, bin_id, actor=ACTOR)
    return True


def _drop(session: Session, *, bin_id: int, sku: str) -> bool:
    from oms_core.inventory.bins import drop_rule
    from oms_core.inventory.queries import variant_of

    drop_rule(session, bin_id=bin_id, variant_id=variant_of(session, sku).id, actor=ACTOR)
    return True


def _bin(shelves: Sequence[dict[str, Any]], *, key: str, label: str = "") -> dict[str, Any]:
    """Draw a choice of bins; empty when there is none."""
    named = {one["id"]: one for one in shelves}
    picked = st.selectbox(
        label or _("Bin"), list(named), key=key,
        format_func=lambda i: f"{named[i]['code']} · {_(KINDS[named[i]['kind']])}",
    )  # fmt: skip
    return named.get(picked, {})
