"""What somebody knows that the model does not: overrides by week, with reason and author."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import acting, actions, blocks, data, tables
from app import format as fmt
from app.i18n import N_, _, ngettext
from oms_core.inventory.queries import variant_of
from oms_core.planning.overrides import override, withdraw

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

QUERIES = ("forecast_overrides",)
#: What the journal calls who writes here, as people read it.
AUTHORS = {actions.ACTOR: N_("dashboard"), "cli": N_("command line")}


def weeks_of(sums: pl.DataFrame, overrides: pl.DataFrame, cutoff: date) -> pl.DataFrame:
    """Return one row a week ahead: what the model says and who said otherwise; pure.

    Parameters
    ----------
    sums : polars.DataFrame
        Rows of ``forecast_sku.sql`` of kind ``sum``, by days.
    overrides : polars.DataFrame
        Rows of ``forecast_overrides.sql``; one stands in the week in which it begins.
    """
    rows, before, total = [], 0, 0.0
    for day, mean in sums.select("day_number", "mean").sort("day_number").iter_rows():
        first, last = cutoff + timedelta(days=before + 1), cutoff + timedelta(days=int(day))
        mine = overrides.filter(pl.col("from_on").is_between(first, last)).head(1)
        said = mine.row(0, named=True) if mine.height else {}
        rows.append(
            {
                "first": first, "last": last, "model": round(mean - total, 1), "override": said.get("units"),
                "reason": said.get("reason", ""), "by": _by(said), "override_id": said.get("override_id"),
            }
        )  # fmt: skip
        before, total = int(day), mean
    types = {
        "first": pl.Date, "last": pl.Date, "model": pl.Float64, "override": pl.Float64, "reason": pl.String,
        "by": pl.String, "override_id": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=types)


def _by(said: dict[str, Any]) -> str:
    if not said:
        return ""
    author = _(AUTHORS[said["author"]]) if said["author"] in AUTHORS else said["author"]
    return f"{author}, {fmt.day(said['made_at'].date())}"


def changes(weeks: pl.DataFrame, edited: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the weeks whose override or reason was edited, as they were and as they are wanted; pure."""
    found = []
    for was, wanted in zip(weeks.iter_rows(named=True), edited.iter_rows(named=True), strict=True):
        reason = (wanted["reason"] or "").strip()
        if wanted["override"] != was["override"] or (was["override"] is not None and reason != was["reason"]):
            found.append({**was, "wanted": wanted["override"], "why": reason})
    return found


def save(session: Session, sku: str, wanted: Sequence[dict[str, Any]]) -> int:
    """Write edited weeks: an override that changed is taken back and made anew; returns how many."""
    variant = variant_of(session, sku).id
    for week in wanted:
        if week["override_id"] is not None:
            withdraw(session, week["override_id"], actor=acting.name())
        if week["wanted"] is not None:
            override(
                session, variant_id=variant, from_on=week["first"], until_on=week["last"], units=week["wanted"],
                reason=week["why"], author=acting.name(),
            )  # fmt: skip
    return len(wanted)


def render(sku: str, sums: pl.DataFrame, cutoff: date) -> None:
    """Draw the weeks ahead with their overrides, to be edited and saved."""
    blocks.section(
        _("What do you know that the model does not?"),
        _("An override keeps its author and reason, changes what is ordered, and is judged against the model's number"),
    )  # fmt: skip
    weeks = weeks_of(sums, data.rows("forecast_overrides", sku=sku), cutoff)
    config = {
        "first": tables.day(_("Week from"), 100),
        "model": tables.number(_("Model"), 80),
        "override": st.column_config.NumberColumn(_("Override"), width=90, min_value=0.0, step=1.0, format="localized"),
        "reason": st.column_config.TextColumn(_("Reason"), max_chars=200),
        "by": tables.text(_("Said by"), 150),
    }
    nonce = st.session_state.get("forecast_known_nonce", 0)
    edited: Any = st.data_editor(
        weeks, key=f"forecast_known_{sku}_{nonce}", hide_index=True, column_config=config, column_order=list(config),
        disabled=["first", "model", "by"], row_height=32, height=(weeks.height + 1) * 32 + 2,
        placeholder=tables.nothing(),
    )  # fmt: skip
    wanted = changes(weeks, edited)
    label = ngettext("Save {n} override", "Save {n} overrides", len(wanted)).format(n=len(wanted))
    if not wanted:
        label = _("Save overrides")
    if st.button(label, type="primary", key="forecast_known_save", disabled=not wanted):
        done = ngettext("{n} override saved", "{n} overrides saved", len(wanted)).format(n=len(wanted))
        if actions.run(lambda session: save(session, sku, wanted), done=done) is not None:
            st.session_state["forecast_known_nonce"] = nonce + 1
            st.rerun()
