"""Every law of the shop, in the order they are told; `run` checks them all."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from oms_core.audit import (
    backorders,
    bins,
    cases,
    catalogue,
    counts,
    drafts,
    finance,
    forecasts,
    fulfilment,
    holds,
    invoiced,
    lots,
    merges,
    money,
    order_changes,
    orders,
    payments,
    purchasing,
    records,
    references,
    reporting,
    reservations,
    return_places,
    review,
    segments,
    stock,
    templates,
)
from oms_core.kernel.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from oms_core.audit.law import Law

LAWS: tuple[Law, ...] = (
    *stock.LAWS,
    *reservations.LAWS,
    *lots.LAWS,
    *bins.LAWS,
    *counts.LAWS,
    *backorders.LAWS,
    *orders.LAWS,
    *order_changes.LAWS,
    *drafts.LAWS,
    *fulfilment.LAWS,
    *holds.LAWS,
    *review.LAWS,
    *money.LAWS,
    *payments.LAWS,
    *cases.LAWS,
    *return_places.LAWS,
    *catalogue.LAWS,
    *purchasing.LAWS,
    *finance.LAWS,
    *invoiced.LAWS,
    *forecasts.LAWS,
    *records.LAWS,
    *segments.LAWS,
    *templates.LAWS,
    *merges.LAWS,
    *reporting.LAWS,
    *references.LAWS,
)


def run(session: Session, names: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Check the laws and return what was found, one row a law.

    Parameters
    ----------
    names : sequence of str
        Only these laws; all when empty.

    Returns
    -------
    list of dict
        ``name, checked`` (things looked at), ``broken`` (how many break it), ``first_broken`` (a
        sentence, or None).

    Raises
    ------
    NotFound
        ``law.not_found``, with near matches.
    """
    known = {law.name: law for law in LAWS}
    for name in names:
        if name not in known:
            raise NotFound("law", name, known)
    chosen = [known[name] for name in names] or LAWS
    return [{"name": law.name, **asdict(law.find(session))} for law in chosen]
