"""What may be done to an exchange, a claim or a withdrawal: only what its machine allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import actions, desk
from app import format as fmt
from app.i18n import N_, _
from app.views.order_money import amount
from app.views.return_actions import do
from app.views.return_actions import render as render_return
from oms_core.returns.states import CLAIM, EXCHANGE, WITHDRAWAL

ACTOR = actions.ACTOR
RESOLUTIONS = {
    "refund": N_("Money back"), "replacement": N_("The same goods again"), "store_credit": N_("Store credit"),
    "none": N_("Nothing but an apology"),
}  # fmt: skip


def render(case: Mapping[str, Any]) -> None:
    """Draw the next steps of a case."""
    drawn = {"exchange": _exchange, "claim": _claim, "withdrawal": _withdrawal}[case["kind_of_case"]]
    drawn(case)


def _exchange(case: Mapping[str, Any]) -> None:
    from oms_core.returns import exchanges

    may, key, number = EXCHANGE.moves[case["state"]], case["id"], case["number"]
    if "approved" in may:
        done = _("Exchange {number} is approved").format(number=number)
        do(
            _("Approve the exchange"), lambda s: exchanges.approve_exchange(s, exchange_id=key, actor=ACTOR), done,
            key="exchange_approve",
        )  # fmt: skip
    goods = case["goods"]
    if goods and goods["state"] in {"approved", "in_transit", "received"}:
        render_return({**goods, "goods": goods, "governed": number})
    if "completed" in may:
        ready = goods is not None and goods["state"] in {"inspected", "closed"}
        do(
            _("Complete the exchange: {what}").format(what=_settles(case)),
            lambda s: exchanges.complete_exchange(s, exchange_id=key, zone=desk.zone(), actor=ACTOR),
            _("Exchange {number} is completed").format(number=number),
            key="exchange_complete",
            disabled=not ready,
        )
        if not ready:
            st.caption(_("The goods have to be here and inspected first."))
    if case["sends_first"] and case["replaced_at"] is None and "cancelled" in may and "approved" not in may:
        do(
            _("Send the replacement now"),
            lambda s: exchanges.send_replacement(s, exchange_id=key, zone=desk.zone(), actor=ACTOR),
            _("The replacement of {number} is on the order").format(number=number), key="exchange_send",
        )  # fmt: skip
    if "cancelled" in may and st.button(_("Call the exchange off"), type="tertiary", key="exchange_cancel"):
        answer = actions.run(
            lambda s: exchanges.cancel_exchange(s, exchange_id=key, zone=desk.zone(), actor=ACTOR),
            done=_("Exchange {number} is called off").format(number=number),
        )
        if answer is not None:
            st.rerun()


def _settles(case: Mapping[str, Any]) -> str:
    gap = fmt.money(abs(case["difference_minor"]), case["currency"]).replace("$", "\\$")
    if case["difference_minor"] > 0:
        return _("{money} to pay").format(money=gap)
    return _("{money} back").format(money=gap) if case["difference_minor"] else _("no difference")


def _claim(case: Mapping[str, Any]) -> None:
    from oms_core.returns.claim_resolving import resolve_claim
    from oms_core.returns.claims import approve_claim, reject_claim

    may, key, number = CLAIM.moves[case["state"]], case["id"], case["number"]
    if "approved" in may:
        keeps = st.checkbox(_("The customer keeps the goods"), value=True, key="claim_keeps")
        note = st.text_input(_("Note"), key="claim_note")
        do(
            _("Approve the claim"),
            lambda s: approve_claim(
                s, claim_id=key, keeps_item=keeps, note=note or "", zone=desk.zone(), actor=ACTOR
            ),
            _("Claim {number} is approved").format(number=number), key="claim_approve",
        )  # fmt: skip
        with st.popover(_("Reject"), icon=":material/close:", type="tertiary"):
            reason = st.text_input(_("Reason the customer is told"), key="claim_reason")
            do(
                _("Reject the claim"), lambda s: reject_claim(s, claim_id=key, reason=reason or "", actor=ACTOR),
                _("Claim {number} is rejected").format(number=number), key="claim_reject", disabled=not reason,
            )  # fmt: skip
    if "resolved" in may:
        how = st.selectbox(
            _("How is it settled"), list(RESOLUTIONS), format_func=lambda code: _(RESOLUTIONS[code]), key="claim_how"
        )
        minor: int | None = None
        if how in {"refund", "store_credit"}:
            minor = amount(_("Amount, zero for what was paid"), 0, case["currency"], key="claim_amount") or None
        do(
            _("Settle the claim"),
            lambda s: resolve_claim(
                s, claim_id=key, resolution=how, amount_minor=minor, zone=desk.zone(), actor=ACTOR
            ),
            _("Claim {number} is settled").format(number=number), key="claim_resolve",
        )  # fmt: skip


def _withdrawal(case: Mapping[str, Any]) -> None:
    from oms_core.returns import withdrawals

    may, key, number = WITHDRAWAL.moves[case["state"]], case["id"], case["number"]
    if "goodwill" in may:
        note = st.text_input(_("Note"), key="withdrawal_note")
        do(
            _("Accept as goodwill"),
            lambda s: withdrawals.accept_as_goodwill(
                s, withdrawal_id=key, note=note or "", zone=desk.zone(), actor=ACTOR
            ),
            _("Withdrawal {number} is accepted").format(number=number), key="withdrawal_accept",
        )  # fmt: skip
    if "refused" in may and case["state"] == "undecided":
        with st.popover(_("Refuse"), icon=":material/close:", type="tertiary"):
            reason = st.text_input(_("Reason the customer is told"), key="withdrawal_reason")
            do(
                _("Refuse the withdrawal"),
                lambda s: withdrawals.refuse_withdrawal(s, withdrawal_id=key, reason=reason or "", actor=ACTOR),
                _("Withdrawal {number} is refused").format(number=number), key="withdrawal_refuse",
                disabled=not reason,
            )  # fmt: skip
    if case["state"] in {"declared", "goodwill"} and case["proof_at"] is None:
        with st.popover(_("Proof of sending"), icon=":material/local_post_office:", type="tertiary"):
            proof = st.text_input(_("What shows that the goods are under way"), key="withdrawal_proof")
            do(
                _("Keep the proof"),
                lambda s: withdrawals.note_proof_of_sending(s, withdrawal_id=key, proof=proof or "", actor=ACTOR),
                _("The proof of {number} is kept").format(number=number), key="withdrawal_keep", disabled=not proof,
            )  # fmt: skip
    goods = case["goods"]
    if goods and goods["state"] in {"approved", "in_transit", "received"}:
        render_return({**goods, "goods": goods, "governed": number})
    if "settled" in may:
        _settle(case)


def _settle(case: Mapping[str, Any]) -> None:
    from oms_core.returns.withdrawal_settling import settle_withdrawal

    do(
        _("Settle the withdrawal"),
        lambda s: settle_withdrawal(s, withdrawal_id=case["id"], zone=desk.zone(), actor=ACTOR),
        _("Withdrawal {number} is settled").format(number=case["number"]), key="withdrawal_settle",
    )  # fmt: skip
