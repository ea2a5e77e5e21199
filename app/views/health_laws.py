"""The laws of the shop on the Data health page: what `ordersight check` says, at a click."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from app import blocks, data, tables
from app import format as fmt
from app.i18n import _, ngettext
from oms_core.kernel import clock

Laws = Sequence[Mapping[str, Any]]


def check() -> Laws:
    """Check every law of the core and of the numbers, and the replica against its source."""
    from analytics import checks
    from oms_core.audit import laws

    floor = data.floor()
    with floor.workspace.reading() as session:
        found = laws.run(session)
    return [*found, *checks.prove(floor.replica)]


def lines(found: Laws) -> pl.DataFrame:
    """Return one row a law, broken ones first; pure."""
    rows = [
        {
            "law": law["name"],
            "checked": int(law["checked"]),
            "verdict": [_("Broken") if law["broken"] else _("Holds")],
            "first": law["first_broken"] or "",
        }
        for law in sorted(found, key=lambda law: (not law["broken"], law["name"]))
    ]
    kinds: dict[str, Any] = {"law": pl.String, "checked": pl.Int64, "verdict": pl.List(pl.String), "first": pl.String}
    return pl.DataFrame(rows, schema=kinds)


def answer(found: Laws) -> str:
    """Return the sentence above the table."""
    broken = sum(bool(law["broken"]) for law in found)
    if broken:
        return ngettext("{n} law is broken", "{n} laws are broken", broken).format(n=broken)
    n = sum(int(law["checked"]) for law in found)
    return _("All {laws} laws hold over {n} facts").format(laws=len(found), n=fmt.count(n))


def render() -> None:
    """Draw the laws: a button, then what was found."""
    found, at = st.session_state.get("health_laws", ((), None))
    said = _("The ledger, the money, the states and the replica, checked against each other")
    blocks.section(_("Do the laws hold?"), answer(found) if found else said)
    if found:
        columns = {
            "law": tables.text(_("Law"), 190),
            "checked": tables.count(_("Checked"), 80),
            "verdict": tables.badge(_("Verdict"), {_("Holds"): "gray", _("Broken"): "red"}, 84),
            "first": tables.text(_("First broken")),
        }
        blocks.table(lines(found), columns, key="health_laws_table", alt=answer(found), height=11 * 32 + 2)
        st.caption(_("Last checked {time}").format(time=at))
    else:
        blocks.empty_line("no_data", _("Not checked in this session."), _("It takes a few seconds."))
    if st.button(_("Check the laws now"), icon=":material/fact_check:", key="health_check"):
        with st.spinner(_("Checking every law")):
            laws = check()
        now = fmt.clock_time(clock.now(), data.shop().zone, seconds=True)
        st.session_state["health_laws"] = (laws, now)
        st.rerun()
