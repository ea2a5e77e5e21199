"""Many orders at once: tag, hold, release, ship, cancel; every row answers for itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from app import actions, blocks, data, desk
from app import format as fmt
from app.fault_words import told
from app.i18n import N_, _, ngettext
from app.views.order_actions import CARRIERS, REASONS
from oms_core.kernel.errors import OmsError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    Command = Callable[[Session, int], object]


@dataclass(frozen=True, slots=True)
class Bulk:
    """One thing done to many orders: its words, icon, and the command its questions lead to."""

    words: str
    icon: str
    ask: Callable[[], Command | None]
    undo: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one order."""

    number: str
    fault: OmsError | None


def run(rows: Sequence[Mapping[str, Any]], command: Command, *, progress: Callable[[int], None]) -> list[Answer]:
    """Run a command for each order in a transaction of its own; one that is refused leaves the others alone."""
    answers, floor = [], data.floor()
    for n, row in enumerate(rows, 1):
        fault: OmsError | None = None
        try:
            with floor.workspace.transaction() as session:
                command(session, int(row["order_id"]))
        except OmsError as error:
            fault = error
        answers.append(Answer(row["number"], fault))
        progress(n)
    floor.tick()
    return answers


def bar(rows: Sequence[Mapping[str, Any]], *, clear: Callable[[], None]) -> None:
    """Draw the bar of what may be done to the selected orders."""
    if not rows:
        return
    currencies = {row["currency"] for row in rows}
    said = ngettext("**{n} selected**", "**{n} selected**", len(rows)).format(n=fmt.count(len(rows)))
    if len(currencies) == 1:
        said += " · " + fmt.money(sum(int(r["total_minor"]) for r in rows), currencies.pop()).replace("$", "\\$")
    with st.bottom, st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.markdown(said, width="content")
        for name, bulk in BULK.items():
            if st.button(_(bulk.words), icon=f":material/{bulk.icon}:", key=f"bulk_{name}"):
                st.session_state.pop("bulk_answers", None)
                _dialog(name, rows)
        st.button(_("Clear selection"), type="tertiary", key="bulk_clear", on_click=clear)


def _dialog(name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    bulk = BULK[name]
    title = ngettext("{what}: {n} order", "{what}: {n} orders", len(rows)).format(what=_(bulk.words), n=len(rows))

    @st.dialog(title, width="medium", on_dismiss="rerun")
    def ask() -> None:
        done: tuple[str, list[Answer]] | None = st.session_state.get("bulk_answers")
        if done is None:
            _ask(name, rows)
        else:
            _told(done[0], done[1], rows)

    ask()


def _ask(name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    with st.form("bulk", border=False):
        command = BULK[name].ask()
        label = ngettext("{what}: {n} order", "{what}: {n} orders", len(rows))
        pressed = st.form_submit_button(
            label.format(what=_(BULK[name].words), n=len(rows)), type="primary", disabled=command is None
        )
    if pressed and command is not None:
        _do(name, rows, command)


def _do(name: str, rows: Sequence[Mapping[str, Any]], command: Command) -> None:
    line = st.progress(0.0)

    def progress(n: int) -> None:
        line.progress(n / len(rows), text=_("{n} of {all}").format(n=n, all=len(rows)))

    with blocks.guard("bulk"):
        st.session_state["bulk_answers"] = (name, run(rows, command, progress=progress))
        st.rerun(scope="fragment")


def _told(name: str, answers: Sequence[Answer], rows: Sequence[Mapping[str, Any]]) -> None:
    """Say what became of each order; those that were refused first, with the reason."""
    refused = [answer for answer in answers if answer.fault is not None]
    n = len(answers) - len(refused)
    st.markdown(ngettext("**{n} order done**", "**{n} orders done**", n).format(n=n))
    if refused:
        word = ngettext(
            "{n} order was refused and is as it was:",
            "{n} orders were refused and are as they were:",
            len(refused),
        )
        st.caption(word.format(n=len(refused)))
        pairs = {f"#{a.number}": " ".join(told(a.fault)) for a in refused if a.fault is not None}
        blocks.facts(pairs)
    undo = UNDO.get(BULK[name].undo)
    with st.container(horizontal=True, gap="xsmall"):
        if undo is not None and n and st.button(_("Undo"), icon=":material/undo:", key="bulk_undo"):
            fine = {a.number for a in answers if a.fault is None}
            run([r for r in rows if r["number"] in fine], undo(), progress=lambda _n: None)
            st.toast(_("Undone"))
            st.rerun()
        if st.button(_("Close"), key="bulk_close"):
            st.rerun()


def _tag_words() -> list[str]:
    text = st.text_input(_("Tags, separated by commas"), key="bulk_tags")
    words = [word for word in (text or "").split(",") if word.strip()]
    st.session_state["bulk_tag_words"] = words
    return words


def _ask_tag() -> Command:
    from oms_core.orders.tags import add_tags

    words = _tag_words()
    return lambda session, key: _single(add_tags(session, [key], words, actor=actions.ACTOR))


def _ask_untag() -> Command:
    from oms_core.orders.tags import remove_tags

    words = _tag_words()
    return lambda session, key: _single(remove_tags(session, [key], words, actor=actions.ACTOR))


def _single(answers: Sequence[object]) -> object:
    """Return the only answer of a command for many, or raise it."""
    (answer,) = answers
    if isinstance(answer, OmsError):
        raise answer
    return answer


def _ask_hold() -> Command:
    from oms_core.fulfilment.holding import hold

    reason = st.text_input(_("Reason"), value=_("to be checked"), key="bulk_reason", max_chars=120)
    owner = st.text_input(_("Who looks after it"), key="bulk_owner", max_chars=120)
    return lambda s, key: hold(s, key, reason=reason, owner=owner, actor=actions.ACTOR)


def _ask_release() -> Command:
    from oms_core.fulfilment.holding import release_order

    st.caption(_("Every active hold of these orders is released; a rule does not hold them again."))
    return lambda session, key: _single(release_order(session, [key], actor=actions.ACTOR))


def _ask_ship() -> Command:
    from oms_core.fulfilment.queries import open_work
    from oms_core.fulfilment.shipping import ship
    from oms_core.kernel.errors import Refused

    st.caption(_("Everything that is allocated leaves, one parcel a warehouse, without tracking numbers."))
    carrier = st.selectbox(_("Carrier"), CARRIERS, key="bulk_carrier")

    def command(session: Session, key: int) -> object:
        work = open_work(session, key)
        if not work:
            raise Refused("shipment.nothing_open", "The order has no open work to ship.", "Allocate it first.")
        return [
            ship(session, fulfillment_order_id=one, carrier=carrier, zone=desk.zone(), actor=actions.ACTOR)
            for one in work
        ]

    return command


def _ask_cancel() -> Command:
    from oms_core.orders.commands import cancel_order

    st.caption(_("Stock is released at once; money that was taken stays until you refund it. This cannot be undone."))
    reason = st.selectbox(_("Reason"), list(REASONS), format_func=lambda code: _(REASONS[code]), key="bulk_why")
    return lambda s, key: cancel_order(s, key, reason=reason, actor=actions.ACTOR, zone=desk.zone())


def _undo_tag() -> Command:
    from oms_core.orders.tags import remove_tags

    words = st.session_state["bulk_tag_words"]
    return lambda session, key: _single(remove_tags(session, [key], words, actor=actions.ACTOR))


def _undo_untag() -> Command:
    from oms_core.orders.tags import add_tags

    words = st.session_state["bulk_tag_words"]
    return lambda session, key: _single(add_tags(session, [key], words, actor=actions.ACTOR))


def _undo_hold() -> Command:
    from oms_core.fulfilment.holding import release_order

    return lambda session, key: _single(release_order(session, [key], actor=actions.ACTOR))


BULK: dict[str, Bulk] = {
    "ship": Bulk(N_("Ship"), "local_shipping", _ask_ship),
    "hold": Bulk(N_("Hold"), "pause_circle", _ask_hold, undo="hold"),
    "release": Bulk(N_("Release"), "play_circle", _ask_release),
    "tag": Bulk(N_("Tag"), "sell", _ask_tag, undo="tag"),
    "untag": Bulk(N_("Untag"), "label_off", _ask_untag, undo="untag"),
    "cancel": Bulk(N_("Cancel orders"), "cancel", _ask_cancel),
}
UNDO: dict[str, Callable[[], Command]] = {"tag": _undo_tag, "untag": _undo_untag, "hold": _undo_hold}
