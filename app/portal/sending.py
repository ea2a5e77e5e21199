"""What a customer does about a return that was approved: tells that it is on its way, calls it off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from app.portal.status import return_of
from oms_core.returns.case_tables import Withdrawal
from oms_core.returns.commands import cancel_return, note_in_transit
from oms_core.returns.records import refuse_governed
from oms_core.returns.withdrawals import note_proof_of_sending

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.portal.visit import Visit

ACTOR = "customer"


def sent(visit: Visit, form: Mapping[str, str], *, number: str) -> str:
    """Note that the parcel is on its way; a tracking number is proof of sending for its withdrawal.

    Raises
    ------
    TransitionRefused
        It is on its way already, or here, or not approved.
    """
    found = return_of(visit, number)
    proof = form.get("tracking", "")[:100]
    note_in_transit(visit.session, return_id=found.id, tracking=proof, actor=ACTOR)
    open_ones = ("declared", "goodwill")
    mine = sa.select(Withdrawal).where(Withdrawal.return_id == found.id, Withdrawal.state.in_(open_ones))
    withdrawn = visit.session.scalar(mine)
    if withdrawn is not None and withdrawn.proof_at is None and proof:
        note_proof_of_sending(visit.session, withdrawal_id=withdrawn.id, proof=proof, actor=ACTOR)
    return visit.at("returns", found.number)


def call_off(visit: Visit, _form: Mapping[str, str], *, number: str) -> str:
    """Call a return off before anything arrived.

    Raises
    ------
    Refused
        ``return.governed``: a withdrawal, an exchange or a claim settles it.
    """
    found = return_of(visit, number)
    refuse_governed(visit.session, found)
    cancel_return(visit.session, return_id=found.id, reason="", actor=ACTOR)
    return visit.at("returns", found.number)
