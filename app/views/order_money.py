"""An order's money: what was paid and how, what is due, what can be given back; and the acts on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import actions, data, desk
from app import format as fmt
from app.i18n import N_, _
from app.views.order_actions import Action, act
from oms_core.kernel.money import exponent, to_decimal, to_minor

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.dossier import Dossier
    from oms_core.finance.invoicing import Part

ACTOR = actions.ACTOR
KINDS = {
    "authorize": N_("Authorised"), "capture": N_("Captured"), "void": N_("Voided"), "refund": N_("Refunded"),
    "write_off": N_("Forgiven"),
}  # fmt: skip
STORE_CREDIT = "store_credit"


def amount(label: str, minor: int, currency: str, *, key: str, highest: int | None = None) -> int:
    """Draw a field for money and return minor units; decimals in, never binary fractions in the books."""
    digits = exponent(currency)
    value = st.number_input(
        f"{label}, {currency}", min_value=0.0, value=float(to_decimal(minor, currency)), step=float(10**-digits),
        max_value=float(to_decimal(highest, currency)) if highest is not None else None, format=f"%.{digits}f", key=key,
    )  # fmt: skip
    return to_minor(Decimal(f"{value:.{digits}f}"), currency)


def tab(order: Dossier, zone: str) -> None:
    """Draw the balance and every movement of money."""
    balance, currency = order.balance, order.head["currency"]
    with st.container(horizontal=True, gap="medium"):
        for label, minor in (
            (_("Total"), balance.total_minor), (_("Captured"), balance.captured_minor),
            (_("Refunded"), balance.refunded_minor), (_("Due"), balance.due_minor),
            (_("Can be given back"), balance.refundable_minor),
        ):  # fmt: skip
            st.markdown(f":small[:gray[{label}]]  \n**{fmt.money(minor, currency)}**".replace("$", "\\$"))
    if balance.overpaid_minor:
        st.warning(_("{money} more than the total was paid.").format(money=fmt.money(balance.overpaid_minor, currency)))
    _invoices(order)
    if not order.payments:
        st.caption(_("No money has moved yet."))
        return
    rows = [_payment(row, zone) for row in order.payments]
    names = [_("When"), _("What"), _("Through"), _("Reference"), _("Amount")]
    st.table(pl.DataFrame(rows, schema=names, orient="row"), border="horizontal", hide_index=True)


def _invoices(order: Dossier) -> None:
    """Say what is invoiced, invoice by invoice, and what is left."""
    for one in order.invoicing.get("invoices", ()):
        worth = fmt.money(one["gross_minor"], order.head["currency"])
        st.caption(f"{_('Invoice {number}').format(number=one['number'])}: {worth}".replace("$", "\\$"))
    if order.invoice and order.invoicing["left_minor"]:
        left = fmt.money(order.invoicing["left_minor"], order.head["currency"])
        st.caption(_("{money} is left to invoice").format(money=left).replace("$", "\\$"))


def _payment(row: dict[str, Any], zone: str) -> tuple[str, str, str, str, str]:
    return (
        fmt.moment(row["at"], zone),
        _(KINDS.get(row["kind"], row["kind"])),
        row["gateway"],
        row["external_id"] or "",
        fmt.money(row["amount_minor"], row["currency"]).replace("$", "\\$"),
    )


def pay(order: Dossier, action: Action) -> None:
    """Ask how much was paid and through what; a part is fine."""
    from oms_core.payments.commands import pay as command
    from oms_core.payments.settling import spend_credit

    currency = order.head["currency"]
    left, right = st.columns(2)
    with left:
        minor = amount(_("Amount"), action.target, currency, key="order_pay_amount")
    ways = ["manual", "card", "transfer", "cash", STORE_CREDIT]
    gateway = right.selectbox(_("Paid through"), ways, key="order_gateway", accept_new_options=True) or "manual"

    def done(session: Session) -> object:
        if gateway == STORE_CREDIT:
            return spend_credit(session, order_id=order.head["id"], amount_minor=minor, zone=desk.zone(), actor=ACTOR)
        return command(
            session, order_id=order.head["id"], kind="capture", amount_minor=minor, gateway=gateway,
            zone=desk.zone(), actor=ACTOR,
        )  # fmt: skip

    label = _("Book {money} paid").format(money=fmt.money(minor, currency))
    act(label, done, _("Payment of order #{number} is booked").format(number=order.head["number"]), disabled=not minor)


def refund(order: Dossier, _action: Action) -> None:
    """Ask how much goes back and which way: the way it came, or store credit."""
    from oms_core.payments.commands import pay as command

    balance, currency = order.balance, order.head["currency"]
    st.caption(_("A refund here is goodwill; goods that come back are refunded by their return."))
    left, right = st.columns(2)
    with left:
        most = balance.refundable_minor
        minor = amount(_("Amount"), balance.overpaid_minor or 0, currency, key="order_back_amount", highest=most)
    came = list(dict.fromkeys(p["gateway"] for p in order.payments if p["kind"] == "capture"))
    if order.head["customer_id"] is not None and STORE_CREDIT not in came:
        came.append(STORE_CREDIT)
    way = right.selectbox(_("Which way"), came, key="order_back_way") or came[0]
    label = _("Give {money} back").format(money=fmt.money(minor, currency))
    act(
        label,
        lambda s: command(
            s, order_id=order.head["id"], kind="refund", amount_minor=minor, gateway=way, zone=desk.zone(), actor=ACTOR
        ),
        _("{money} of order #{number} is given back").format(
            money=fmt.money(minor, currency), number=order.head["number"]
        ),
        danger=True,
        disabled=not minor,
    )


def invoice(order: Dossier, _action: Action) -> None:
    """Ask whom the invoice is for; empty fields take the order's address."""
    from oms_core.finance.commands import issue_invoice
    from oms_core.finance.parties import Buyer

    st.caption(_("The invoice gets the next number and cannot be changed afterwards, only corrected."))
    left, right = st.columns(2)
    name = left.text_input(_("Buyer's name"), value=order.head["ship_name"], key="order_buyer")
    tax_id = right.text_input(_("Tax number"), key="order_tax_id")
    buyer = Buyer(name=name or "", tax_id=tax_id or "")
    part, ready = invoiced_part(order.invoicing["lines"], key="order_invoice")
    act(
        _("Issue the invoice"),
        lambda s: issue_invoice(s, data.shop(), order_id=order.head["id"], buyer=buyer, part_of=part, actor=ACTOR),
        _("Order #{number} is invoiced").format(number=order.head["number"]),
        disabled=not ready,
    )


def invoiced_part(lines: Sequence[Mapping[str, Any]], *, key: str) -> tuple[Part | None, bool]:
    """Ask for which part of an order the invoice is; return it (None: all that is left), and whether it is anything."""
    from oms_core.finance.invoicing import Part

    sent = any(line["shipped"] - (line["ordered"] - line["left"]) > 0 and line["left"] for line in lines)
    ways = {"all": _("All that is left"), **({"shipped": _("What was shipped")} if sent else {}), "units": _("Units")}
    way = st.segmented_control(
        _("Of what?"), list(ways), default="all", required=True, format_func=ways.__getitem__, key=f"{key}_way"
    )
    if way == "shipped":
        return Part(shipped=True), True
    if way != "units":
        return None, True
    units = {
        line["order_line_id"]: int(
            st.number_input(
                f"{fmt.product(line['title'])} {line['sku']}", min_value=0, max_value=line["left"], value=0, step=1,
                key=f"{key}_units_{line['order_line_id']}",
            )
        )
        for line in lines
        if line["left"]
    }  # fmt: skip
    return Part(units), any(units.values())


ASKS: dict[str, Callable[[Dossier, Action], None]] = {"pay": pay, "refund": refund, "invoice": invoice}
