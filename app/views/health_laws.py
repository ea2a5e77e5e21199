"""Checks on the Data health page: what the last one said, all there were, and one at a click."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from analytics.ticks import REASONS
from app import blocks, data, tables
from app import format as fmt
from app.i18n import N_, _, ngettext
from oms_core.kernel.errors import OmsError
from oms_core.reporting import checks

if TYPE_CHECKING:
    from app.data import Place

Findings = Sequence[Mapping[str, Any]]
#: Families of laws by the start of their name, in the order of badges: icon and words.
FAMILIES: dict[str, tuple[tuple[str, ...], str]] = {
    "replica": (("replica.",), N_("Replica = source")),
    "marts": (
        ("numbers.gross", "numbers.returns", "numbers.discounts", "numbers.stock", "numbers.carrier", "numbers.fee",
         "numbers.order_lines", "numbers.sales_events", "numbers.key_of_", "numbers.sums_of_"),
        N_("Marts = ledger"),
    ),
    "sums": (("numbers.sum_over",), N_("Σ dimensions = total")),
    "identities": (("numbers.",), N_("Metric identities")),
    "core": (("",), N_("Laws of the shop")),
}  # fmt: skip
#: Words of the replica's own reasons; the catalogue finds them here.
WHY = (
    N_("There was no replica yet."), N_("Its file was damaged."), N_("It was the replica of another database."),
    N_("It was made by another version, for other tables."),
    N_("It had fallen behind what the change log still holds, or the database was put back from a copy."),
)  # fmt: skip


def family(law: str) -> str:
    """Return which family a law belongs to: the first that names its beginning."""
    return next(name for name, (starts, _words) in FAMILIES.items() if law.startswith(starts))


def badges(found: Findings) -> dict[str, tuple[int, int]]:
    """Return how many laws of each family hold, of how many; pure."""
    told = {name: [0, 0] for name in FAMILIES}
    for one in found:
        holds = told[family(one["law"])]
        holds[0] += not one["broken"]
        holds[1] += 1
    return {name: (holds, all_) for name, (holds, all_) in told.items() if all_}


def lines(found: Findings) -> pl.DataFrame:
    """Return one row a law, broken ones first; pure."""
    rows = [
        {
            "law": one["law"],
            "checked": int(one["checked"]),
            "verdict": [_("Broken") if one["broken"] else _("Holds")],
            "first": one["first_broken"] or "",
        }
        for one in sorted(found, key=lambda one: (not one["broken"], one["law"]))
    ]
    kinds: dict[str, Any] = {"law": pl.String, "checked": pl.Int64, "verdict": pl.List(pl.String), "first": pl.String}
    return pl.DataFrame(rows, schema=kinds)


def answer(found: Findings) -> str:
    """Return the sentence above the table."""
    broken = sum(bool(one["broken"]) for one in found)
    if broken:
        return ngettext("{n} law is broken", "{n} laws are broken", broken).format(n=broken)
    n = sum(int(one["checked"]) for one in found)
    return _("All {laws} laws hold over {n} facts").format(laws=len(found), n=fmt.count(n))


def history_lines(found: Sequence[Mapping[str, Any]], zone: str) -> pl.DataFrame:
    """Return one row a check, newest first; pure."""
    rows = [
        {
            "at": fmt.moment(one["started_at"], zone),
            "who": one["actor"],
            "seconds": round(one["duration_ms"] / 1000, 1),
            "laws": one["laws"],
            "verdict": [_("Not finished") if one["error"] else _("Broken") if one["broken"] else _("Holds")],
            "first": one["error"] or ": ".join(part for part in (one["law"], one["first_broken"]) if part),
        }
        for one in found
    ]
    kinds: dict[str, Any] = {"at": pl.String, "who": pl.String, "seconds": pl.Float64, "laws": pl.Int64}
    return pl.DataFrame(rows, schema={**kinds, "verdict": pl.List(pl.String), "first": pl.String})


def render(place: Place) -> None:
    """Draw the last check, a button for another one, and the history."""
    with data.floor().workspace.reading() as session:
        last, before = checks.last_run(session), checks.history(session)
    said = _("The ledger, the money, the states, the numbers and the replica, checked against each other")
    blocks.section(_("Do the laws hold?"), _told(last, place) if last else said)
    _rebuilt(place)
    if last is None:
        blocks.empty_line("no_data", _("Not checked yet."), _("The worker checks every quarter of an hour."))
    else:
        _badges(last["findings"])
        _table(last["findings"])
    _check_now()
    if before:
        _history(before, place.zone)


def _told(last: Mapping[str, Any], place: Place) -> str:
    at: datetime = last["started_at"]
    took = _("checked {time}, in {n} s").format(
        time=fmt.moment(at, place.zone), n=fmt.number(last["duration_ms"] / 1000, 1)
    )
    return f"{answer(last['findings'])} · {took}"


def _rebuilt(place: Place) -> None:
    """Say that the replica was built again in this process, and why."""
    rebuilt = data.floor().replica.rebuilt
    if rebuilt is not None:
        at = fmt.moment(rebuilt.at, place.zone)
        st.info(
            _("The replica was built again at {time}. {why}").format(time=at, why=_(REASONS[rebuilt.why])),
            icon=":material/restart_alt:",
        )


def _badges(found: Findings) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        for name, (holds, laws) in badges(found).items():
            good = holds == laws
            words = _("{family} {holds}/{all}").format(family=_(FAMILIES[name][1]), holds=holds, all=laws)
            st.badge(words, icon=f":material/{'verified' if good else 'error'}:", color="green" if good else "red")


def _table(found: Findings) -> None:
    columns = {
        "law": tables.text(_("Law"), 190),
        "checked": tables.count(_("Checked"), 80),
        "verdict": tables.badge(_("Verdict"), {_("Holds"): "gray", _("Broken"): "red"}, 84),
        "first": tables.text(_("First broken")),
    }
    blocks.table(lines(found), columns, key="health_laws_table", alt=answer(found), height=9 * 32 + 2)


def _check_now() -> None:
    if not st.button(_("Check the laws now"), icon=":material/fact_check:", key="health_check"):
        return
    from app.actions import ACTOR
    from app.jobs import trust

    with st.spinner(_("Checking every law")):
        try:
            trust.verify(data.floor().workspace, actor=ACTOR)
        except OmsError as error:
            blocks.expected(error)
            return
    st.rerun()


def _history(found: Sequence[Mapping[str, Any]], zone: str) -> None:
    with st.expander(_("Earlier checks"), icon=":material/history:"):
        columns = {
            "at": tables.text(_("Started"), 130),
            "who": tables.text(_("By"), 80),
            "seconds": tables.number(_("Seconds"), 75),
            "laws": tables.count(_("Laws"), 60),
            "verdict": tables.badge(
                _("Verdict"), {_("Holds"): "gray", _("Broken"): "red", _("Not finished"): "orange"}, 110
            ),
            "first": tables.text(_("First broken")),
        }
        blocks.table(history_lines(found, zone), columns, key="health_history", alt=_("Earlier checks"))
