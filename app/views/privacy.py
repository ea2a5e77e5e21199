"""Privacy: what is held about a person, their erasure with a preview, how long things are kept, and who sees whom."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl
import streamlit as st

from app import actions, address, blocks, data, sight, tables
from app import format as fmt
from app.i18n import N_, _, ngettext
from oms_core.privacy import disclosure, erasure
from oms_core.privacy import retention as rules

QUERIES: tuple[str, ...] = ()
VIEWS = {"person": N_("One person"), "retention": N_("How long is it kept?"), "sight": N_("Who sees whom?")}
#: Rules of keeping: title, what they empty.
RULES = {
    "guest_address_days": (N_("Guests' names and streets"), N_("of orders that are closed or cancelled")),
    "answer_days": (N_("Answers of the API"), N_("kept for repeated requests")),
    "rejected_row_days": (N_("Rejected import rows"), N_("that were put right since")),
}
OBSTACLES = {
    "orders not finished": N_("Orders not finished"), "drafts open": N_("Drafts open"),
    "returns open": N_("Returns open"), "store credit left": N_("Store credit left"),
}  # fmt: skip
OUTCOMES = {"exported": N_("In the file"), "hold_out": N_("Held out")}


@dataclass(frozen=True, slots=True)
class ErasureView:
    """What erasing somebody would find, translated."""

    facts: Mapping[str, str]
    obstacles: tuple[str, ...]
    files: pl.DataFrame
    can_erase: bool


def build(found: Mapping[str, Any]) -> ErasureView:
    """Turn a preview of an erasure into facts, obstacles and rows; pure."""
    rows = [
        (row["at"].date(), row["file_name"], _destination(row["destination"]), _outcome(row["outcome"]))
        for row in found["exports"]
    ] + [
        (row["finished_at"].date(), row["file_name"], _("Report"), _("May have held them")) for row in found["reports"]
    ]
    schema = {"day": pl.Date, "file": pl.String, "where": pl.String, "what": pl.String}
    gone = found["erased_at"]
    facts = {
        _("Orders that stay, without a name"): fmt.count(found["orders"]),
        _("Invoices the law keeps as issued"): ", ".join(found["kept_invoices"]) or _("None"),
        _("Files that held the person"): fmt.count(len(rows)),
    }
    if gone is not None:
        facts[_("Erased on")] = fmt.day(gone, year=True)
    obstacles = tuple(_obstacle(one) for one in found["obstacles"])
    return ErasureView(
        facts, obstacles, pl.DataFrame(rows, schema=schema, orient="row"), can_erase=gone is None and not obstacles
    )


def _destination(code: str) -> str:
    from segmentation.destinations import DESTINATIONS

    return DESTINATIONS[code].title if code in DESTINATIONS else code


def _outcome(code: str) -> str:
    return _(OUTCOMES[code]) if code in OUTCOMES else _("Left out")


def _obstacle(text: str) -> str:
    why, _colon, names = text.partition(": ")
    return f"{_(OBSTACLES.get(why, why))}: {names}"


def render() -> None:
    """Draw the chosen side of the page."""
    with address.bound("privacy_view", "person", VIEWS):
        view = st.segmented_control(
            _("View"), list(VIEWS), required=True, format_func=lambda code: _(VIEWS[code]), key="privacy_view",
            label_visibility="collapsed",
        )  # fmt: skip
    {"person": _person, "retention": _retention, "sight": _sight}[str(view)]()


def _person() -> None:
    blocks.section(
        _("What do we hold about a person?"), _("Everything of one customer, and of records merged into them")
    )
    sight.require_personal()
    number = st.text_input(
        _("Customer number"), key="privacy_person", bind="query-params", placeholder="CU-000042",
    ).strip()  # fmt: skip
    if not number:
        blocks.empty_line(
            "filters", _("Nobody chosen"), _("Type a customer's number; it stands on the page of the customer.")
        )
        return
    with data.floor().workspace.reading() as session:
        found = erasure.preview(session, number=number)
    view = build(found)
    left, right = st.columns(2, gap="medium")
    with left:
        _given_out(found["number"])
        _files(view)
    with right:
        _erasing(found["number"], view)


def _given_out(number: str) -> None:
    blocks.section(_("Give it to them"), _("GDPR, articles 15 and 20: as a file for machines and as a text to read"))
    if st.button(_("Collect everything"), icon=":material/folder_open:", key="privacy_collect"):
        found = actions.run(
            lambda session: disclosure.disclose(session, number=number, actor=actions.ACTOR), done=_("Collected")
        )
        if found is not None:
            st.session_state["privacy_found"] = found
    found = st.session_state.get("privacy_found")
    if not found or found["number"] != number:
        return
    rows, kinds = disclosure.rows_of(found), len(found["tables"])
    said = ngettext("{n} row of {tables} tables", "{n} rows of {tables} tables", rows)
    st.caption(said.format(n=fmt.count(rows), tables=fmt.count(kinds)))
    text = json.dumps(
        found, ensure_ascii=False, indent=2, default=lambda v: v.isoformat() if hasattr(v, "isoformat") else str(v)
    )
    with st.container(horizontal=True, gap="xsmall"):
        for label, content, name, kind in (
            (_("As JSON"), text, f"{number}.json", "application/json"),
            (_("As text"), disclosure.in_words(found), f"{number}.txt", "text/plain"),
        ):
            st.download_button(
                label, content, file_name=name, mime=kind, on_click="ignore", icon=":material/download:",
                key=f"privacy_{kind}",
            )  # fmt: skip


def _files(view: ErasureView) -> None:
    blocks.section(_("Which files held them?"), _("They left the house: nobody can take them back from here"))
    if view.files.is_empty():
        blocks.empty_line(
            "done", _("No file held them"), _("No export and no report by customer since their first order.")
        )
        return
    blocks.table(
        view.files,
        {
            "day": tables.day(_("Day"), 110), "file": tables.text(_("File"), 210),
            "where": tables.text(_("Where to"), 130),
            "what": tables.text(_("What became of them")),
        },
        key="privacy_files", alt=_("Files that held the person"),
    )  # fmt: skip


def _erasing(number: str, view: ErasureView) -> None:
    blocks.section(_("Forget them"), _("Names, addresses and words go; orders, money, stock and sums stay"))
    blocks.facts(view.facts)
    for one in view.obstacles:
        st.caption(f":orange[:material/block: {one}]")
    if view.obstacles:
        st.caption(_("Finish or cancel these first."))
    if not view.can_erase:
        return
    typed = st.text_input(_("Type the number once more: it cannot be undone"), key=f"privacy_confirm_{number}")
    if st.button(
        _("Erase for good"), type="primary", icon=":material/person_off:", key="privacy_erase",
        disabled=typed.strip() != number,
    ):  # fmt: skip
        done = actions.run(
            lambda session: erasure.erase(session, number=number, confirmed=number, actor=actions.ACTOR),
            done=_("{number} is forgotten").format(number=number),
        )
        if done is not None:
            st.session_state.pop("privacy_found", None)
            st.rerun()


def _retention() -> None:
    blocks.section(
        _("How long is it kept when nobody asks?"), _("Emptied every night; 0 keeps for good. Orders and sums stay.")
    )
    with data.floor().workspace.reading() as session:
        now = asdict(rules.retention(session))
    given: dict[str, int] = {}
    for column, (name, (title, about)) in zip(st.columns(len(RULES), gap="medium"), RULES.items(), strict=True):
        with column:
            given[name] = int(
                st.number_input(
                    _("{what}, days").format(what=_(title)), min_value=0, max_value=36_500, value=now[name] or 0,
                    key=f"retention_{name}",
                )
            )  # fmt: skip
            least = _("0, or at least {n}").format(n=fmt.count(rules.LEAST[name]))
            st.caption(f"{_(about)} · {least}")
    changed = {name: days for name, days in given.items() if days != (now[name] or 0)}
    with st.container(horizontal=True, gap="xsmall"):
        if st.button(_("Keep these rules"), type="primary", key="retention_save", disabled=not changed):
            actions.run(
                lambda session: rules.set_retention(session, changed, actor=actions.ACTOR), done=_("Rules are kept")
            )
            st.rerun()
        if st.button(_("Empty now"), key="retention_apply", disabled=not any(now.values())):
            done = actions.run(lambda session: rules.apply_retention(session, actor=actions.ACTOR), done=_("Emptied"))
            st.session_state["retention_done"] = done
    for name, n in (st.session_state.get("retention_done") or {}).items():
        st.caption(_("{what}: {n} emptied").format(what=_(RULES[name][0]), n=fmt.count(n)))


def _sight() -> None:
    blocks.section(
        _("Who sees who people are?"), _("Masked: the first letter and the domain of an e-mail, initials, two figures")
    )
    here = _("shown") if sight.sees_personal() else _("masked")
    blocks.facts({
        _("This dashboard"): here,
        _("A dashboard started with {setting}").format(setting=f"{sight.ENVIRONMENT}={sight.MASKED}"): _("masked"),
        _("A token without the scope personal:read"): _("masked"),
        _("A token with it, or with *"): _("shown"),
        _("The command line"): _("shown"),
    })  # fmt: skip
