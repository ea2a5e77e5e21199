"""Counts: open one for some products of a place, write what was counted, post the differences with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
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
MOST = 20


def load() -> list[dict[str, Any]]:
    """Return the newest counts with their lines; of an open blind count nobody sees what is expected."""
    return desk.read(_load)


def _load(session: Session) -> list[dict[str, Any]]:
    from oms_core.catalog.tables import Variant
    from oms_core.inventory.count_posting import count_record
    from oms_core.inventory.count_tables import StockCount

    done = StockCount.state != "open"
    found = session.scalars(sa.select(StockCount).order_by(done, StockCount.id.desc()).limit(MOST)).all()
    records = [count_record(session, one) for one in found]
    skus = {line["sku"] for record in records for line in record["lines"]}
    names = session.execute(sa.select(Variant.sku, Variant.id, Variant.title).where(Variant.sku.in_(skus)))
    known = {row.sku: (row.id, row.title) for row in names}
    for record in records:
        for line in record["lines"]:
            line["variant_id"], line["title"] = known[line["sku"]]
    return records


def render(place: Place) -> None:
    """Draw the form of a new count and the counts."""
    with st.expander(_("New count"), icon=":material/add:"), blocks.guard("count_new"):
        _new()
    found = load()
    if not found:
        with blocks.empty("done", _("Nothing is being counted"), _("Open a count for a few products of a place.")):
            pass
    for one in found:
        with blocks.guard("count"):
            _card(one, place.zone)


def _new() -> None:
    from oms_core.inventory.counts import open_count

    where = location(key="count_place")
    blind = st.checkbox(_("Blind: who counts does not see what is expected"), value=True, key="count_blind")
    note = st.text_input(_("Note"), key="count_note")
    rows = basket.draw(key="count")
    n = len(rows)
    label = ngettext("Open a count of {n} product", "Open a count of {n} products", n).format(n=n)
    if st.button(label, type="primary", key="count_open", disabled=not rows):
        ids = [int(row["id"]) for row in rows]
        made = actions.run(
            lambda s: open_count(s, location_id=where, variant_ids=ids, is_blind=blind, note=note or "", actor=ACTOR),
            done=_("The count is open"),
        )
        if made is not None:
            basket.clear(key="count")
            st.rerun()


def _card(one: Mapping[str, Any], zone: str) -> None:
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            st.markdown(f"**{one['number']}** {one['location']}", width="content")
            st.badge(states.word(one["state"]), color=states.colour("stock_count", one["state"]))  # type: ignore[arg-type]
            said = [fmt.moment(one["created_at"], zone), one["note"], one["reason"]]
            st.caption(" · ".join(part for part in said if part), width="content")
        if one["state"] == "open":
            _enter(one)
            _post(one)
        else:
            _posted(one)


def _posted(one: Mapping[str, Any]) -> None:
    rows = [
        (line["sku"], fmt.product(line["title"]), line["counted"], line["expected"], line["posted"])
        for line in one["lines"]
    ]
    names = [_("SKU"), _("Product"), _("Counted"), _("Expected"), _("Posted")]
    st.table(pl.DataFrame(rows, schema=names, orient="row", strict=False), border="horizontal", hide_index=True)


def _enter(one: Mapping[str, Any]) -> None:
    """Draw the sheet to write on: units on hand, empty where nobody has counted."""
    from oms_core.inventory.counts import enter

    names = (_("SKU"), _("Product"), _("Counted"))
    frame = pd.DataFrame(
        {
            names[0]: [line["sku"] for line in one["lines"]],
            names[1]: [fmt.product(line["title"]) for line in one["lines"]],
            names[2]: pd.array([line["counted"] for line in one["lines"]], dtype="Int64"),
        }
    )
    edited = st.data_editor(
        frame, hide_index=True, key=f"count_sheet_{one['id']}", disabled=list(names[:2]),
        column_config={names[2]: st.column_config.NumberColumn(min_value=0, step=1, width=110)},
        alt=_("Products to count; the number counted can be filled in"),
    )  # fmt: skip
    counted = written(one["lines"], edited[names[2]].tolist())
    n = len(counted)
    do(
        ngettext("Keep {n} counted product", "Keep {n} counted products", n).format(n=n),
        lambda s: enter(s, one["id"], counted=counted, actor=ACTOR),
        _("Counted units of {number} are kept").format(number=one["number"]),
        key=f"count_enter_{one['id']}",
        disabled=not counted,
    )


def written(lines: list[dict[str, Any]], units: list[Any]) -> dict[int, int]:
    """Return what was newly counted, by variant; pure."""
    return {
        line["variant_id"]: int(n)
        for line, n in zip(lines, units, strict=True)
        if not pd.isna(n) and (line["counted"] is None or int(n) != line["counted"])
    }


def _post(one: Mapping[str, Any]) -> None:
    from oms_core.inventory.counts import cancel_count, post_count

    missing = [line for line in one["lines"] if line["counted"] is None]
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    reason = left.text_input(_("Why stock changes"), key=f"count_reason_{one['id']}", max_chars=120)
    skip = bool(missing) and right.checkbox(_("Leave out what is not counted"), key=f"count_skip_{one['id']}")
    with st.container(horizontal=True, gap="xsmall"):
        do(
            _("Post the differences"),
            lambda s: post_count(s, one["id"], reason=reason or "", zone=desk.zone(), skip_uncounted=skip, actor=ACTOR),
            _("Count {number} is posted").format(number=one["number"]),
            key=f"count_post_{one['id']}",
            disabled=not reason or (bool(missing) and not skip),
        )
        if st.button(_("Give the count up"), type="tertiary", key=f"count_cancel_{one['id']}"):
            gone = actions.run(
                lambda s: cancel_count(s, one["id"], reason=reason or _("given up"), actor=ACTOR),
                done=_("Count {number} is given up").format(number=one["number"]),
            )
            if gone is not None:
                st.rerun()
