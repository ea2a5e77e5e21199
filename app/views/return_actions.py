"""What may be done to a return: answer it, count the goods in, inspect them unit by unit, give the money back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import streamlit as st

from app import actions, data, desk
from app import format as fmt
from app.i18n import N_, _, ngettext
from oms_core.kernel.errors import DataNotReady
from oms_core.returns.states import RETURN

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ACTOR = actions.ACTOR
DISPOSITIONS = {
    "restock": N_("Back on the shelf"), "damaged": N_("Damaged"), "scrap": N_("Scrap"),
    "quality_control": N_("Look again"), "not_received": N_("Not there after all"),
}  # fmt: skip
_WAITING = {"pending": N_("Not here yet"), "counted": N_("To decide"), "quality_control": N_("To decide")}
GRADES = {"": N_("No grade"), "a": N_("A, as new"), "b": N_("B, opened"), "c": N_("C, used"), "d": N_("D, unsellable")}
METHODS = {"original": N_("The way it came"), "store_credit": N_("Store credit")}
#: What a customer wished to the way that stands there first.
METHOD_OF_WISH = {"": "original", "refund": "original", "store_credit": "store_credit"}


def wish(code: str) -> str:
    """Return how the customer would like it settled, in words; empty when nobody asked."""
    return _(METHODS[METHOD_OF_WISH[code]]) if code else ""


def disposition(code: str) -> str:
    """Return what was decided on goods, in words."""
    return _(_WAITING.get(code) or DISPOSITIONS.get(code) or code.replace("_", " "))


def do(
    label: str,
    command: Callable[[Session], object],
    done: str,
    *,
    key: str,
    disabled: bool = False,
    kind: Literal["primary", "secondary"] = "primary",
) -> None:
    """Draw a button that runs a command and shows the new facts."""
    if st.button(label, type=kind, icon=":material/check:", key=key, disabled=disabled):
        answer = actions.run(command, done=done)
        if answer is not None:
            st.rerun()


def render(case: Mapping[str, Any]) -> None:
    """Draw the next step of a return; steps its machine does not allow are not there."""
    if case["is_history"]:
        return
    state = case["state"]
    may = RETURN.moves[state]
    with st.container(border=True, gap="xsmall") if may else st.container():
        if "approved" in may:
            _answer(case)
        if "received" in may or state == "received":
            _count(case)
        if any(unit["disposition"] in {"counted", "quality_control"} for unit in case["goods"]["units"]):
            _inspect(case)
        if case.get("governed"):
            st.caption(_("The money is settled by {number}.").format(number=case["governed"]))
            return
        if state in {"received", "inspected"}:
            _refund(case)
        if "closed" in may:
            _close(case)


def _answer(case: Mapping[str, Any]) -> None:
    from oms_core.returns.commands import approve_return, decline_return

    key, number = case["id"], case["number"]
    do(
        _("Approve the return"), lambda s: approve_return(s, return_id=key, actor=ACTOR),
        _("Return {number} is approved").format(number=number), key="return_approve",
    )  # fmt: skip
    with st.popover(_("Decline"), icon=":material/close:", type="tertiary"):
        reason = st.text_input(_("Reason the customer is told"), key="return_decline_reason")
        do(
            _("Decline the return"), lambda s: decline_return(s, return_id=key, reason=reason or "", actor=ACTOR),
            _("Return {number} is declined").format(number=number), key="return_decline", disabled=not reason,
        )  # fmt: skip


def _count(case: Mapping[str, Any]) -> None:
    """Ask how many units of each line arrived, and where."""
    from oms_core.returns.commands import count_units

    counted: dict[int, int] = {}
    for unit in case["goods"]["units"]:
        if unit["disposition"] != "not_received":
            counted[unit["return_line_id"]] = counted.get(unit["return_line_id"], 0) + 1
    left = {
        line["id"]: line["quantity"] - max(line["received_qty"], counted.get(line["id"], 0))
        for line in case["goods"]["lines"]
    }
    if not any(n > 0 for n in left.values()):
        return
    st.markdown(f"**{_('What arrived?')}**")
    place = location(key="return_place")
    units = {
        line["id"]: int(
            st.number_input(
                f"{fmt.product(line['title'])} {line['sku']}", min_value=0, max_value=left[line["id"]],
                value=left[line["id"]], step=1, key=f"return_count_{line['id']}",
            )
        )
        for line in case["goods"]["lines"]
        if left[line["id"]] > 0
    }  # fmt: skip
    n = sum(units.values())
    do(
        ngettext("Count {n} unit in", "Count {n} units in", n).format(n=n),
        lambda s: count_units(
            s, return_id=case["id"], counts={k: v for k, v in units.items() if v}, location_id=place,
            zone=desk.zone(), actor=ACTOR,
        ),
        _("Goods of return {number} are here").format(number=case["number"]),
        key="return_receive",
        disabled=not n,
    )  # fmt: skip


def location(*, key: str, label: str = "", first: int = 0) -> int:
    """Draw a choice of the active locations and return the id of the chosen one; `first` is which one stands there.

    Raises
    ------
    DataNotReady
        ``location.none``: the shop has none yet.
    """
    places = dict(data.locations().select("location_id", "name").iter_rows())
    if not places:
        raise DataNotReady("location.none", "This shop has no location yet.", "Add one on the page Setup.")
    index = min(first, len(places) - 1)
    return int(st.selectbox(label or _("Where"), list(places), index=index, format_func=places.__getitem__, key=key))


def _inspect(case: Mapping[str, Any]) -> None:
    """Draw each waiting unit with its decision, grade and note to fill in."""
    from oms_core.returns.commands import inspect_units

    lines = {line["id"]: line for line in case["goods"]["lines"]}
    waiting = [unit for unit in case["goods"]["units"] if unit["disposition"] in {"counted", "quality_control"}]
    words = {_(text): code for code, text in DISPOSITIONS.items()}
    grades = {_(text): code for code, text in GRADES.items()}
    names = (_("Unit"), _("Decision"), _("Grade"), _("Note"))
    rows = [
        (f"{lines[u['return_line_id']]['sku']} · {u['position']}", _(DISPOSITIONS["restock"]), _(GRADES["a"]), "")
        for u in waiting
    ]
    st.markdown(f"**{_('Inspect unit by unit')}**")
    edited = st.data_editor(
        pd.DataFrame(rows, columns=list(names)), hide_index=True, key="return_units", disabled=[names[0]],
        column_config={
            names[1]: st.column_config.SelectboxColumn(options=list(words), required=True, width=160),
            names[2]: st.column_config.SelectboxColumn(options=list(grades), required=True, width=110),
        },
        alt=_("Units that came back; decision, grade and note can be filled in"),
    )  # fmt: skip
    decisions = decided(waiting, edited.to_dict("records"), names, words, grades)
    n = len(decisions)
    do(
        ngettext("Decide on {n} unit", "Decide on {n} units", n).format(n=n),
        lambda s: inspect_units(s, return_id=case["id"], decisions=decisions, zone=desk.zone(), actor=ACTOR),
        _("Return {number} is inspected").format(number=case["number"]),
        key="return_inspect",
    )


def decided(
    units: list[dict[str, Any]],
    rows: list[dict[Any, Any]],
    names: tuple[str, str, str, str],
    words: Mapping[str, str],
    grades: Mapping[str, str],
) -> list[Any]:
    """Return the decisions of the form's rows, in the units' order; pure."""
    from oms_core.returns.commands import UnitDecision

    _unit, decision, grade, note = names
    return [
        UnitDecision(unit["id"], words[row[decision]], grade=grades[row[grade]], note=str(row[note] or ""))
        for unit, row in zip(units, rows, strict=True)
    ]


def _refund(case: Mapping[str, Any]) -> None:
    """Draw what the refund would be, line by line with its reason, and pay it."""
    from oms_core.returns.refunds import propose_refund, settle_refund

    if case["goods"]["owed_minor"] <= 0:
        return
    st.markdown(f"**{_('What do we give back?')}**")
    method = st.segmented_control(
        _("Which way"), list(METHODS), required=True, default=METHOD_OF_WISH[case["wish"]], key="return_method",
        format_func=lambda code: _(METHODS[code]),
    )  # fmt: skip
    way = str(method or "original")
    proposal = desk.read(lambda s: propose_refund(s, case["id"], method=way))
    for line in proposal.lines:
        money = fmt.money(line.amount_minor, proposal.currency).replace("$", "\\$")
        st.caption(" · ".join(part for part in (money, line.title, line.why) if part))
    for warning in proposal.warnings:
        st.warning(warning.replace("$", "\\$"))
    money = fmt.money(proposal.total_minor, proposal.currency)
    do(
        _("Give {money} back").format(money=money),
        lambda s: settle_refund(s, return_id=case["id"], method=way, zone=desk.zone(), actor=ACTOR),
        _("{money} of return {number} is given back").format(money=money, number=case["number"]),
        key="return_refund",
        kind="primary" if case["state"] == "inspected" else "secondary",
        disabled=proposal.total_minor <= 0,
    )


def _close(case: Mapping[str, Any]) -> None:
    from oms_core.returns.commands import close_return

    if st.button(_("Close the return"), type="tertiary", key="return_close"):
        answer = actions.run(
            lambda s: close_return(s, return_id=case["id"], actor=ACTOR),
            done=_("Return {number} is closed").format(number=case["number"]),
        )
        if answer is not None:
            st.rerun()
