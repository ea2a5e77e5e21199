"""Below how many units a shelf is low, place by place, and who is told by mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import acting, blocks, data, desk, tables
from app import format as fmt
from app.exports import Sheet
from app.i18n import N_, _, ngettext
from app.jobs import low_stock as job
from app.views import edited
from app.views.return_actions import do
from app.views.sku_search import sku_choice
from oms_core.inventory import low_stock

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Point = Mapping[str, Any]
SOURCES = {"person": N_("a person"), "forecast": N_("the forecast")}
#: Pixels of the search for a product.
SEARCH_WIDTH = 520


def render() -> Sheet | None:
    """Draw who is told, the points of a product, and the points people have set."""
    counts = desk.read(low_stock.count_points)
    blocks.section(_("Below how many units is a shelf low?"), said(counts))
    with st.container(width=SEARCH_WIDTH):
        chosen = sku_choice(key="point", label=_("Product whose points you want to see or set"))
    if chosen is not None:
        with blocks.guard("points_of"):
            _points_of(chosen)
    _told()
    found = desk.read(lambda s: low_stock.points(s, source="person"))
    if not found:
        return None
    rows = frame(found, names=_names(), zone=data.shop().zone)
    answer = ngettext("{n} point", "{n} points", len(found)).format(n=fmt.count(len(found)))
    blocks.section(_("Which points were set by people?"), answer)
    columns = {
        "sku": tables.text(_("SKU"), 100), "place": tables.text(_("Place"), 180),
        "units": tables.count(_("Low below"), 100), "set_by": tables.text(_("Set by"), 200),
        "set_at": tables.text(_("Since"), 160),
    }  # fmt: skip
    blocks.table(rows, columns, key="points_table", alt=answer)
    return Sheet("low_stock_points", rows)


def said(counts: Mapping[str, int]) -> str:
    """Return who set how many points; pure."""
    people, model = counts["person"], counts["forecast"]
    if not people + model:
        return _("No point yet. The forecast sets them at night: what sells until an order of today could arrive.")
    return _("{model} set by the forecast each night, {people} by people; those stay.").format(
        model=fmt.count(model), people=fmt.count(people)
    )


def frame(found: Sequence[Point], *, names: Mapping[str, str], zone: str) -> pl.DataFrame:
    """Turn points into rows, with the names of places and moments of the shop's zone; pure."""
    rows = [
        {
            "sku": p["sku"], "place": names.get(p["location"], p["location"]), "units": p["units"],
            "set_by": p["set_by"], "set_at": fmt.moment(p["set_at"], zone),
        }
        for p in found
    ]  # fmt: skip
    return pl.DataFrame(rows)


def _names() -> dict[str, str]:
    rows = data.locations().iter_rows(named=True)
    return {row["code"]: row["name"] for row in rows}


def wanted(before: Mapping[int, Point], written: Sequence[Mapping[str, Any]]) -> dict[int, int | None]:
    """Return the points that were edited by location; None takes one away; pure."""
    found = dict[int, int | None]()
    for (place, point), row in zip(before.items(), written, strict=True):
        units = row["units"]
        if units != point.get("units"):
            found[place] = None if units is None else int(units)
    return found


def _points_of(chosen: Mapping[str, Any]) -> None:
    """Draw a product's points at every active location to be edited; an empty cell is no point."""
    places = data.locations()
    known = {p["location"]: p for p in desk.read(lambda s: low_stock.points(s, sku=chosen["sku"]))}
    before = {row["location_id"]: known.get(row["code"], {}) for row in places.iter_rows(named=True)}
    rows = pl.DataFrame(
        {
            "place": places["name"],
            "units": pl.Series([p.get("units") for p in before.values()], dtype=pl.Int64),
            "source": [_(SOURCES[p["source"]]) if p else "" for p in before.values()],
        }
    )
    written: Any = st.data_editor(
        rows, hide_index=True, key=f"points_of_{chosen['sku']}_{edited.turn('points')}", disabled=("place", "source"),
        column_config={
            "place": st.column_config.TextColumn(_("Place"), width=240),
            "units": st.column_config.NumberColumn(_("Low below"), min_value=0, step=1, width=140),
            "source": st.column_config.TextColumn(_("Set by"), width=180),
        },
    )  # fmt: skip
    changed = wanted(before, written.to_dicts())
    label = ngettext("Save {n} point", "Save {n} points", len(changed)).format(n=fmt.count(len(changed)))
    edited.save(
        label, lambda s: _write(s, int(chosen["id"]), changed), _("The points are set"),
        table="points", may=bool(changed),
    )  # fmt: skip


def _write(session: Session, variant_id: int, changed: Mapping[int, int | None]) -> int:
    for place, units in changed.items():
        if units is None:
            low_stock.drop_point(session, variant_id=variant_id, location_id=place, actor=acting.name())
        else:
            low_stock.set_point(session, variant_id=variant_id, location_id=place, units=units, actor=acting.name())
    return len(changed)


def _told() -> None:
    """Draw who gets the news of low shelves by mail."""
    to = desk.read(job.recipients)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        typed = st.text_input(
            _("Who is told by mail"), value=", ".join(to), key="points_mail", width=520, max_chars=2000,
            placeholder="buyer@shop.example",
            help=_("Addresses with commas between them; nobody when empty. One mail a look, and only for new ones."),
        )  # fmt: skip
        given = [part for part in (p.strip() for p in (typed or "").split(",")) if part]
        do(
            _("Save who is told"),
            lambda s: job.set_recipients(s, given, actor=acting.name()) or True,
            _("Noted who is told"), key="points_mail_save", disabled=given == to, kind="secondary",
        )  # fmt: skip
