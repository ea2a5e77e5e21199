"""Alerts on the board and on Today, and the thresholds that raise them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from analytics.board import MEASURES, measure_named
from app import actions, blocks, data, links
from app import format as fmt
from app.i18n import N_, _
from oms_core.kernel.errors import NotFound
from oms_core.reporting import alerts

if TYPE_CHECKING:
    from app.data import Place

UNITS = {"count": N_("{n}"), "minutes": N_("{n} min"), "per_hour": N_("{n} an hour")}
DIRECTIONS = {"above": N_("above"), "below": N_("below")}
#: Ended alerts told below the open ones.
MOST_ENDED = 5


def sentence(alert: Mapping[str, Any]) -> str:
    """Say what crossed what: ``Late orders, LEEDS: 12, above 10``."""
    where = f", {alert['place']}" if alert["place"] else ""
    return _("{what}{where}: {value}, {direction} {threshold}").format(
        what=_label(alert["measure"]), where=where, value=_number(alert["measure"], alert["value"]),
        direction=_(DIRECTIONS[alert["direction"]]), threshold=_number(alert["measure"], alert["threshold"]),
    )  # fmt: skip


def _label(name: str) -> str:
    try:
        return _(measure_named(name).label)
    except NotFound:
        return name


def _number(name: str, value: float) -> str:
    unit = next((one.unit for one in MEASURES if one.name == name), "count")
    said = fmt.count(value) if float(value).is_integer() else fmt.number(value, 1)
    return _(UNITS[unit]).format(n=said)


def strip(place: Place, *, acknowledge: bool = False) -> None:
    """Draw the open alerts as lines above the page; on the board with a button that says who has seen them."""
    with data.floor().workspace.reading() as session:
        found = alerts.alerts(session, open_only=True)
    for alert in found:
        seen = alert["acknowledged_by"]
        at = fmt.moment(alert["crossed_at"], place.zone)
        note = _("since {time}").format(time=at) + (f" · {_('seen by {who}').format(who=seen)}" if seen else "")
        colour, icon = ("gray", "notifications_paused") if seen else ("red", "notification_important")
        with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f":{colour}[:material/{icon}:] **{sentence(alert)}** :small[:gray[{note}]]", width="stretch")
            if acknowledge and not seen:
                st.button(
                    _("I have seen it"), icon=":material/visibility:", key=f"alert_seen_{alert['id']}",
                    on_click=_acknowledge, args=(alert["id"],),
                )  # fmt: skip
            elif not acknowledge:
                st.page_link("app_pages/board.py", label=_("Board"), query_params=links.query())


def _acknowledge(alert_id: int) -> None:
    with data.floor().workspace.transaction() as session:
        alerts.acknowledge(session, alert_id, actor=actions.ACTOR)


def thresholds(place: Place) -> None:
    """Draw the thresholds that are set, how to set one, and the alerts that ended."""
    with data.floor().workspace.reading() as session:
        rules, told = alerts.thresholds(session), alerts.alerts(session, limit=50)
    blocks.section(
        _("When do you want to be told?"),
        _("The worker looks every two seconds and tells a crossing once, until the number comes back."),
    )
    for rule in rules:
        _rule(rule)
    with st.popover(_("Set a threshold"), icon=":material/add_alert:"), st.form("alert_new", border=False):
        _form()
    ended = [alert for alert in told if alert["ended_at"] is not None][:MOST_ENDED]
    for alert in ended:
        span = f"{fmt.moment(alert['crossed_at'], place.zone)} – {fmt.clock_time(alert['ended_at'], place.zone)}"
        seen = (
            _("seen by {who}").format(who=alert["acknowledged_by"]) if alert["acknowledged_by"] else _("nobody saw it")
        )
        st.caption(f":material/history: {sentence(alert)} · {span} · {seen}")


def _rule(rule: Mapping[str, Any]) -> None:
    where = rule["place"] or _("all places")
    limit = _number(rule["measure"], rule["threshold"])
    said = f"**{_label(rule['measure'])}** {_(DIRECTIONS[rule['direction']])} {limit}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"{said} :small[:gray[{where} · {_('set by {who}').format(who=rule['set_by'])}]]", width="content")
        if st.button(_("Take back"), icon=":material/delete:", type="tertiary", key=f"alert_drop_{rule['id']}"):
            key = rule["id"]
            if actions.run(lambda s: _dropped(s, key), done=_("The threshold is taken back")):
                st.rerun()


def _dropped(session: Any, rule_id: int) -> int:
    alerts.drop_threshold(session, rule_id, actor=actions.ACTOR)
    return rule_id


def _form() -> None:
    known = {one.name: one for one in MEASURES}
    name = st.selectbox(_("What"), list(known), format_func=lambda n: _(known[n].label), key="alert_measure")
    places = {"": _("all places"), **dict(data.rows("places").iter_rows())}
    where = st.selectbox(_("Place"), list(places), format_func=places.__getitem__, key="alert_place")
    direction = st.segmented_control(
        _("Tell me when it is"), list(DIRECTIONS), default="above", required=True, key="alert_direction",
        format_func=lambda code: _(DIRECTIONS[code]),
    )  # fmt: skip
    number = st.number_input(_("Number (minutes for ages)"), min_value=0.0, value=10.0, step=1.0, key="alert_number")
    if st.form_submit_button(_("Set threshold"), icon=":material/add_alert:", type="primary"):
        done = actions.run(
            lambda s: alerts.set_threshold(
                s, measure=name, threshold=float(number), direction=str(direction), place=where, actor=actions.ACTOR
            ),
            done=_("The threshold is set"),
        )
        if done:
            st.rerun()
