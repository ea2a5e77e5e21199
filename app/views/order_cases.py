"""Goods that come back and complaints: asking for a return, an exchange, a claim; and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from app import actions, desk, links, states
from app import format as fmt
from app.i18n import N_, _, language
from app.views.order_actions import Action, act
from app.views.sku_search import sku_search

if TYPE_CHECKING:
    from app.dossier import Dossier

ACTOR = actions.ACTOR
CLAIMS = {
    "damaged": N_("Arrived damaged"), "missing": N_("Missing"), "wrong": N_("Wrong goods"), "late": N_("Came late"),
}  # fmt: skip


def units(order: Dossier, *, key: str) -> dict[int, int]:
    """Draw a quantity for each line with units that left; return units by line, nothing where zero."""
    found = {}
    for line in order.sent:
        most = line["shipped_qty"] - line["returned_qty"]
        label = f"{fmt.product(line['title'])} {line['sku']}"
        found[line["id"]] = st.number_input(
            label, min_value=0, max_value=most, value=0, step=1, key=f"{key}_{line['id']}",
            help=_("{n} with the customer").format(n=most),
        )  # fmt: skip
    return {line: int(n) for line, n in found.items() if n}


def reason(*, key: str) -> str:
    """Draw the shop's catalogue of reasons and return the chosen code."""
    from oms_core.returns.reasons import reasons

    known = desk.read(reasons)
    names = {code: one.label_pl if language() == "pl" else one.label_en for code, one in known.items()}
    return st.selectbox(_("Reason"), list(names), format_func=names.__getitem__, key=key) or ""


def although_late(*, key: str) -> str:
    """Draw whether a person allows what the policy's days no longer do; the journal keeps who did."""
    allowed = st.checkbox(
        _("Allow it after the policy's days"), key=key,
        help=_("A favour of the shop: your name is kept with it. The right of withdrawal has a form of its own."),
    )  # fmt: skip
    return "allow" if allowed else "refuse"


def ask_return(order: Dossier, _action: Action) -> None:
    """Ask which units come back and why."""
    from oms_core.returns.commands import NewReturnLine, request_return

    chosen, why = units(order, key="order_return"), reason(key="order_return_reason")
    lines = [NewReturnLine(order_line_id=line, quantity=n) for line, n in chosen.items()]
    late = although_late(key="order_return_late")
    act(
        _("Request the return of {n} units").format(n=sum(chosen.values())),
        lambda s: request_return(
            s, order_id=order.head["id"], lines=lines, reason=why, zone=desk.zone(), actor=ACTOR, late=late
        ),
        _("The return of order #{number} is requested").format(number=order.head["number"]),
        disabled=not chosen,
    )


def ask_exchange(order: Dossier, _action: Action) -> None:
    """Ask what comes back and what goes out instead."""
    from oms_core.returns.commands import NewReturnLine
    from oms_core.returns.exchanges import NewExchangeLine, request_exchange

    st.markdown(f":small[:gray[{_('Comes back')}]]")
    chosen = units(order, key="order_exchange")
    st.markdown(f":small[:gray[{_('Goes out instead')}]]")
    new = sku_search(key="order_exchange_new", currency=order.head["currency"])
    first = st.checkbox(_("Send it before the goods are back"), key="order_exchange_first")
    late = although_late(key="order_exchange_late")
    lines = [NewReturnLine(order_line_id=line, quantity=n) for line, n in chosen.items()]
    goods = [NewExchangeLine(sku=new[0], quantity=new[1], unit_price_minor=new[2])] if new else []
    act(
        _("Request the exchange"),
        lambda s: request_exchange(
            s,
            order_id=order.head["id"],
            back=lines,
            new=goods,
            sends_first=first,
            zone=desk.zone(),
            actor=ACTOR,
            late=late,
        ),
        _("The exchange of order #{number} is requested").format(number=order.head["number"]),
        disabled=not (chosen and goods),
    )


def ask_claim(order: Dossier, _action: Action) -> None:
    """Ask what is wrong with which units."""
    from oms_core.returns.claims import NewClaimLine, open_claim

    kind = st.selectbox(
        _("What happened"), list(CLAIMS), format_func=lambda code: _(CLAIMS[code]), key="order_claim_kind"
    )
    chosen = units(order, key="order_claim")
    words = st.text_area(_("In the customer's words"), key="order_claim_words", max_chars=2000)
    lines = [NewClaimLine(order_line_id=line, quantity=n) for line, n in chosen.items()]
    act(
        _("Open the claim"),
        lambda s: open_claim(
            s, order_id=order.head["id"], kind=kind, lines=lines, description=words or "", actor=ACTOR
        ),
        _("The claim of order #{number} is open").format(number=order.head["number"]),
        disabled=not chosen,
    )


ASKS: dict[str, Callable[[Dossier, Action], None]] = {
    "return": ask_return,
    "exchange": ask_exchange,
    "claim": ask_claim,
}


def tab(order: Dossier, zone: str) -> None:
    """Draw the returns, exchanges, claims and withdrawals of an order, each with the way to its desk."""
    rows = [
        *(("return", one, one["total_minor"]) for one in order.returns),
        *(("exchange", one, one["difference_minor"]) for one in order.exchanges),
        *(("claim", one, one["amount_minor"]) for one in order.claims),
        *(("withdrawal", one, one["refunded_minor"]) for one in order.withdrawals),
    ]
    if not rows:
        st.caption(_("Nothing came back and nobody complained."))
    for kind, one, minor in rows:
        _case(kind, one, minor, zone)


def _case(kind: str, one: Mapping[str, Any], minor: int, zone: str) -> None:
    words = {
        "return": _("Return {number}"), "exchange": _("Exchange {number}"), "claim": _("Claim {number}"),
        "withdrawal": _("Withdrawal {number}"),
    }  # fmt: skip
    axis = {"return": "return_machine"}.get(kind, kind)
    at = one.get("requested_at") or one.get("opened_at") or one.get("declared_at")
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{words[kind].format(number=one['number'])}**", width="content")
        st.badge(states.word(one["state"]), color=states.colour(axis, one["state"]))  # type: ignore[arg-type]
        said = [fmt.moment(at, zone) if at else "", fmt.money(minor, one["currency"]) if minor else ""]
        st.caption(" · ".join(part for part in said if part).replace("$", "\\$"), width="content")
        if st.button(_("Open"), key=f"case_{kind}_{one['number']}", type="tertiary"):
            links.close_detail("order")
            links.go("returns", case=f"{kind}:{one['number']}")
