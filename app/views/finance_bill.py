"""One supplier's bill in a drawer: ordered, arrived and billed side by side; approve, dispute, pay, cancel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from app import actions, bills, blocks, desk, links, states
from app import format as fmt
from app.i18n import _, ngettext
from app.views.finance_party import BILL, WIDTH
from app.views.finance_words import difference, plain
from app.views.order_money import amount
from app.views.return_actions import do
from oms_core.finance.states import SUPPLIER_INVOICE

Bill = Mapping[str, Any]


def show(number: str) -> None:
    """Open the drawer of a bill."""

    @st.dialog(_("Bill {number}").format(number=number), position="right", width=WIDTH, on_dismiss=_closed)
    def drawer() -> None:
        with blocks.guard("bill"):
            bill = bills.bill(number)
            _head(bill)
            _differences(bill)
            render(bill)
            _lines(bill)

    drawer()


def _closed() -> None:
    links.close_detail(BILL)


def _head(bill: Bill) -> None:
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.badge(
            states.word(bill["state"]), color=states.colour("supplier_invoice", bill["state"])  # type: ignore[arg-type]
        )  # fmt: skip
        if st.button(bill["purchase_order"], type="tertiary", icon=":material/assignment:", key="bill_order"):
            links.close_detail(BILL)
            links.go("purchase_orders", po=bill["purchase_order"])
        st.caption(f"{bill['supplier']} · {bill['supplier_number']}", width="content")
    currency = bill["currency"]
    pairs = {
        _("Gross"): fmt.money(bill["gross_minor"], currency),
        _("Of it tax"): fmt.money(bill["tax_minor"], currency),
        _("Paid"): fmt.money(bill["paid_minor"], currency) if bill["paid_minor"] else "",
        _("Issued on"): fmt.day(bill["issued_on"], year=True),
        _("Due on"): fmt.day(bill["due_on"], year=True),
        _("Reason"): bill["reason"],
    }
    blocks.facts({name: value for name, value in pairs.items() if value})


def _differences(bill: Bill) -> None:
    if bill["state"] not in bills.WAITING:
        return
    for found in bill["differences"]:
        st.warning(plain(difference(found, bill["currency"])), icon=":material/difference:")
    if not bill["differences"]:
        st.caption(f":material/check: {_('Fits order and receipts')}")


def _lines(bill: Bill) -> None:
    blocks.section(_("Ordered, arrived, billed"), small=True)
    names = [_("Product"), _("Units ordered"), _("Arrived"), _("Billed"), _("Agreed cost"), _("Billed cost")]
    rows = [
        (
            f"{line['sku']} {fmt.product(line['title'])}", line["ordered"], line["received"], line["billed"],
            plain(fmt.money(line["agreed_minor"], bill["currency"])),
            plain(fmt.money(line["cost_minor"], bill["currency"])),
        )
        for line in bill["lines"]
    ]  # fmt: skip
    st.table(pl.DataFrame(rows, schema=names, orient="row"), border="horizontal", hide_index=True)


def render(bill: Bill) -> None:
    """Draw what the state allows; what it does not is not there."""
    may = SUPPLIER_INVOICE.moves[bill["state"]]
    if not may:
        return
    with st.container(border=True, gap="xsmall"):
        if "approved" in may:
            _approve(bill)
        if "paid" in may:
            _pay(bill)
        with st.container(horizontal=True, gap="xsmall"):
            if "disputed" in may:
                _with_reason(bill, "dispute")
            if "cancelled" in may:
                _with_reason(bill, "cancel")


def _approve(bill: Bill) -> None:
    from oms_core.finance.commands import approve_supplier_invoice

    n = len(bill["differences"])
    reason = ""
    if n:
        reason = st.text_input(_("Why the differences are accepted"), key="bill_accept", max_chars=200) or ""
    label = (
        ngettext("Approve with {n} difference", "Approve with {n} differences", n).format(n=n)
        if n else _("Approve the bill")
    )  # fmt: skip
    do(
        label,
        lambda s: approve_supplier_invoice(
            s, supplier_invoice_id=bill["id"], accept=reason, zone=desk.zone(), actor=actions.ACTOR
        ),
        _("Bill {number} is approved").format(number=bill["number"]),
        key="bill_approve",
        disabled=bool(n) and not reason.strip(),
    )


def _pay(bill: Bill) -> None:
    from oms_core.finance.commands import pay_supplier_invoice

    left, right = st.columns(2)
    with left:
        minor = amount(
            _("Amount"), bill["open_minor"], bill["currency"], key=f"bill_amount_{bill['open_minor']}",
            highest=bill["open_minor"],
        )  # fmt: skip
    reference = right.text_input(_("The bank's reference"), key="bill_reference", max_chars=100)
    money = fmt.money(minor, bill["currency"])
    do(
        plain(_("Book {money} paid").format(money=money)),
        lambda s: pay_supplier_invoice(
            s, supplier_invoice_id=bill["id"], amount_minor=minor, reference=reference or "", zone=desk.zone(),
            actor=actions.ACTOR,
        ),
        _("{money} of bill {number} is paid").format(money=money, number=bill["number"]),
        key="bill_pay",
        disabled=not minor,
    )  # fmt: skip


def _with_reason(bill: Bill, act: str) -> None:
    from oms_core.finance.commands import cancel_supplier_invoice, dispute_supplier_invoice

    opens, label, done, command = {
        "dispute": (_("Dispute"), _("Dispute the bill"), _("Bill {number} is disputed"), dispute_supplier_invoice),
        "cancel": (_("Throw away"), _("Throw the bill away"), _("Bill {number} is cancelled"), cancel_supplier_invoice),
    }[act]
    with st.popover(opens, type="tertiary", icon=":material/report:" if act == "dispute" else ":material/delete:"):
        reason = st.text_input(_("Reason"), key=f"bill_{act}_reason", max_chars=200)
        do(
            label, lambda s: command(s, supplier_invoice_id=bill["id"], reason=reason or "", actor=actions.ACTOR),
            done.format(number=bill["number"]), key=f"bill_{act}", disabled=not (reason or "").strip(),
        )  # fmt: skip
