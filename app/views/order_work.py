"""What an action on an order's work asks before it acts: another place, made goods, the window's end, one parcel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from app import actions, data, desk
from app import format as fmt
from app.i18n import _, ngettext
from app.views.order_actions import CARRIERS, Action, act, unmade

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.dossier import Dossier

ACTOR = actions.ACTOR


def move(order: Dossier, action: Action) -> None:
    """Ask which place ships a fulfilment order instead; promise and stock move with it."""
    from oms_core.fulfilment.rearranging import move as command

    here = next(one for one in order.work if one["id"] == action.target)["location_id"]
    names = dict(data.locations().select("location_id", "name").iter_rows())
    places = [key for key in names if key != here]
    place = st.selectbox(_("Ship from"), places, format_func=names.__getitem__, key="order_move_place")
    reason = st.text_input(_("Reason"), key="order_move_reason", max_chars=200)
    done = _("Order #{number} ships from {place}").format(number=order.head["number"], place=names.get(place, ""))
    act(
        _("Let this place ship it"),
        lambda s: command(s, action.target, int(place or 0), reason=reason or "", zone=desk.zone(), actor=ACTOR),
        done,
        disabled=place is None,
    )


def made(order: Dossier, _action: Action) -> None:
    """Ask how many units of a made-to-order line are made, and where they came in."""
    from oms_core.fulfilment.making import book_made

    lines = {line["id"]: line for line in order.lines if unmade(order, line)}
    names = dict(data.locations().select("location_id", "name").iter_rows())
    key = st.selectbox(_("Line"), list(lines), format_func=lambda one: _named(lines[one]), key="order_made_line")
    left, right = st.columns(2)
    most = unmade(order, lines[key]) if key else 1
    units = int(left.number_input(_("Units made"), 1, most, most, step=1, key=f"order_made_units_{key}"))
    place = right.selectbox(_("Came in at"), list(names), format_func=names.__getitem__, key="order_made_place")
    act(
        ngettext("Book {n} unit as made", "Book {n} units as made", units).format(n=fmt.count(units)),
        lambda s: book_made(
            s, int(key or 0), quantity=units, location_id=int(place or 0), zone=desk.zone(), actor=ACTOR
        ),
        _("What was made for order #{number} is booked").format(number=order.head["number"]),
        disabled=key is None or place is None,
    )


def _named(line: Mapping[str, Any]) -> str:
    return f"{fmt.product(line['title'])} {line['sku']}"


def release_now(order: Dossier, _action: Action) -> None:
    """Ask to end the time in which the customer may still change the order."""
    from oms_core.fulfilment.windows import release_now as command

    until = fmt.moment(order.head["release_at"], desk.zone())
    st.caption(_("Until {until} the customer may still change it; then it goes to the warehouse by itself.").format(
        until=until
    ))  # fmt: skip

    def now(session: Session) -> bool:
        for refused in command(session, [order.head["id"]], actor=ACTOR):
            if refused is not None:
                raise refused
        return True

    act(_("To the warehouse now"), now, _("Order #{number} went to the warehouse").format(number=order.head["number"]))


def together(order: Dossier, action: Action) -> None:
    """Ask which other orders of the buyer ride in the same parcel."""
    from oms_core.review.consolidation import consolidate

    others = {one["id"]: one for one in order.companions if one["own"] == action.target}
    chosen = st.multiselect(
        _("Other orders of this buyer"), list(others), default=list(others), key="order_together",
        format_func=lambda key: f"#{others[key]['order']} · {others[key]['number']}",
    )  # fmt: skip
    left, right = st.columns(2)
    carrier = left.selectbox(_("Carrier"), CARRIERS, key="order_together_carrier", accept_new_options=True)
    tracking = right.text_input(_("Tracking number"), key="order_together_tracking")
    n = len(chosen) + 1
    act(
        ngettext("Ship {n} order as one parcel", "Ship {n} orders as one parcel", n).format(n=fmt.count(n)),
        lambda s: consolidate(
            s, [action.target, *chosen], carrier=carrier or CARRIERS[0],
            tracking_number=(tracking or "").strip() or None, zone=desk.zone(), actor=ACTOR,
        ),
        _("The parcel is on its way"),
        disabled=not chosen,
    )  # fmt: skip


ASKS: dict[str, Callable[[Dossier, Action], None]] = {
    "move": move, "made": made, "release_now": release_now, "together": together,
}  # fmt: skip
