"""One draft in a drawer: what was offered, and what may be done: send, complete, cancel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import polars as pl
import streamlit as st

from app import actions, blocks, data, desk, links, sight, states
from app import format as fmt
from app.i18n import _
from app.views.order_money import amount
from app.views.return_actions import do
from oms_core.drafts.states import DRAFT
from oms_core.kernel.money import to_minor

KEY = "draft"
ACTOR = actions.ACTOR


def load(number: str) -> dict[str, Any]:
    """Return a draft as a record.

    Raises
    ------
    NotFound
        There is no such draft.
    """
    from oms_core.drafts.queries import draft_named, draft_record

    return desk.read(lambda session: draft_record(session, draft_named(session, number)))


def show(number: str) -> None:
    """Open the drawer of a draft."""

    @st.dialog(number, position="right", width=640, on_dismiss=lambda: links.close_detail(KEY))
    def drawer() -> None:
        with blocks.guard("draft"):
            draft = load(number)
            _head(draft)
            _lines(draft)
            _actions(draft)

    drawer()


def _head(draft: Mapping[str, Any]) -> None:
    zone = desk.zone()
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.badge(states.word(draft["state"]), color=states.colour("draft", draft["state"]))  # type: ignore[arg-type]
        money = fmt.money(to_minor(draft["total"], draft["currency"]), draft["currency"]).replace("$", "\\$")
        st.markdown(f"**{money}**", width="content")
        if draft["order"] and st.button(
            _("Order {number}").format(number=desk.order_name(draft["order"])), type="tertiary", key="draft_order"
        ):
            links.close_detail(KEY)
            links.go("orders", view="all", order=draft["order"])
    pairs = {
        _("E-mail"): sight.told(draft["email"], "email"),
        _("Note"): draft["note"],
        _("Written"): fmt.moment(draft["created_at"], zone),
        _("Expires"): fmt.moment(draft["expires_at"], zone) if draft["expires_at"] else "",
        _("Invoice sent"): fmt.moment(draft["invoice_sent_at"], zone) if draft["invoice_sent_at"] else "",
    }
    blocks.facts({name: value for name, value in pairs.items() if value})


def _lines(draft: Mapping[str, Any]) -> None:
    rows = [
        (line["sku"], int(line["quantity"]), _money(line.get("unit_price") or 0, draft["currency"]))
        for line in draft["document"]["lines"]
    ]
    st.table(
        pl.DataFrame(rows, schema=[_("SKU"), _("Units"), _("Price")], orient="row"), border="horizontal",
        hide_index=True,
    )  # fmt: skip


def _money(value: Any, currency: str) -> str:
    return fmt.money(to_minor(str(value), currency), currency).replace("$", "\\$")


def _actions(draft: Mapping[str, Any]) -> None:
    may = DRAFT.moves[draft["state"]]
    if not may:
        return
    with st.container(border=True, gap="xsmall"):
        if "completed" in may:
            _complete(draft)
        if "invoice_sent" in may or draft["state"] == "invoice_sent":
            _send(draft)
        if "open" in may and draft["state"] == "expired":
            _reopen(draft)
        if "cancelled" in may:
            _cancel(draft)


def _complete(draft: Mapping[str, Any]) -> None:
    from oms_core.drafts.commands import complete

    currency = draft["currency"]
    left, right = st.columns(2)
    gateway = left.selectbox(
        _("Paid through"), ["cash", "card", "transfer", "manual", ""], key="draft_gateway",
        format_func=lambda code: code or _("not paid yet"),
    )  # fmt: skip
    with right:
        owed = to_minor(draft["total"], currency)
        paid = amount(_("Paid"), owed, currency, key=f"draft_paid_{draft['number']}") if gateway else None
    do(
        _("Complete: make it an order"),
        lambda s: complete(
            s, data.shop(), draft["id"], gateway=gateway or None, amount_minor=paid or None, actor=ACTOR
        ),
        _("{number} became an order").format(number=draft["number"]),
        key="draft_complete",
    )


def _send(draft: Mapping[str, Any]) -> None:
    from oms_core.drafts.commands import send_invoice

    label = _("Send the invoice again") if draft["state"] == "invoice_sent" else _("Send the invoice")
    if not draft["email"]:
        st.caption(_("An invoice needs an e-mail address to go to."))
        return
    if st.button(label, icon=":material/mail:", key="draft_send"):
        here = urlsplit(st.context.url or "")
        base = f"{here.scheme}://{here.netloc}" if here.netloc else ""
        answer = actions.run(
            lambda s: send_invoice(s, data.shop(), draft["id"], link_base=base, actor=ACTOR),
            done=_("The invoice waits in the outbox to be sent"),
        )
        if answer is not None:
            st.rerun()


def _reopen(draft: Mapping[str, Any]) -> None:
    from oms_core.drafts.commands import update

    do(
        _("Open it again"),
        lambda s: update(s, draft["id"], actor=ACTOR, expected_version=draft["version"]),
        _("{number} is open again").format(number=draft["number"]),
        key="draft_reopen",
    )


def _cancel(draft: Mapping[str, Any]) -> None:
    from oms_core.drafts.commands import cancel

    if st.button(_("Give the draft up"), type="tertiary", icon=":material/delete:", key="draft_cancel"):
        answer = actions.run(
            lambda s: cancel(s, draft["id"], actor=ACTOR),
            done=_("{number} is given up").format(number=draft["number"]),
        )
        if answer is not None:
            st.rerun()
