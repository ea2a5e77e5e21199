"""One purchase order: its path, its lines, the terms, what happened, and what may be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import blocks, data, links, states, tables
from app import format as fmt
from app.i18n import N_, _, ngettext
from app.tiles import Tile
from app.views import purchase_order_actions, purchase_order_arrivals
from oms_core.purchasing.states import INCOMING

if TYPE_CHECKING:
    from app.data import Place

#: The usual path; a state outside it (waiting for approval, cancelled) is shown where it happened.
PATH = ("draft", "approved", "sent", "confirmed", "partially_received", "received", "closed")
EVENTS = {
    "purchase_order.drafted": N_("Drafted"), "purchase_order.changed": N_("Quantity changed"),
    "purchase_order.sent": N_("Sent to the supplier"), "purchase_order.confirmed": N_("Confirmed by the supplier"),
    "purchase_order.received": N_("Goods received"),
    "purchase_order.receipt_posted": N_("Goods received"), "purchase_order.cancelled": N_("Cancelled"),
    "purchase_order.closed": N_("Closed"), "purchase_order.approved": N_("Approved"),
    "purchase_order.submitted": N_("Asked for an approval"), "purchase_order.rejected": N_("Given back"),
    "purchase_order.approval_voided": N_("Changed: the approval is void"),
    "purchase_order.answered": N_("The supplier answered otherwise"),
    "purchase_order.answer_accepted": N_("Supplier’s changes accepted"),
    "purchase_order.answer_refused": N_("Supplier’s changes refused"),
    "purchase_order.rescheduled": N_("The supplier moved the day"),
    "purchase_order.quantity_changed": N_("Quantity changed"),
    "purchase_order.mail_queued": N_("In the post"), "purchase_order.mailed": N_("Mailed to the supplier"),
    "purchase_order.mail_failed": N_("The mail failed"),
}  # fmt: skip
REASON_WIDTH = 60


def render(number: str, place: Place) -> None:
    """Draw the order named by the address; an unknown number is refused with what to do."""
    st.button(_("All purchase orders"), icon=":material/arrow_back:", type="tertiary", key="po_back", on_click=_back)
    order = data.purchase_order(number)
    blocks.section(_("Purchase order {number}").format(number=order["number"]), _summary(order, place))
    _path(order)
    purchase_order_actions.render(order, place)
    blocks.kpi_row(_tiles(order))
    left, right = st.columns([2.05, 1], gap="medium")
    with left:
        _lines(order)
        purchase_order_arrivals.render(order, place)
        _terms(order)
    with right:
        _timeline(order, place)


def _back() -> None:
    links.close_detail("po")


def _summary(order: Mapping[str, Any], place: Place) -> str:
    parts = [order["supplier"]["name"], order["location"]["name"]]
    if order["sent_at"]:
        parts.append(_("sent {when}").format(when=fmt.moment(order["sent_at"], place.zone)))
    if order["expected_on"]:
        parts.append(_("due {day}").format(day=fmt.day(order["expected_on"], weekday=True)))
    return " · ".join(parts)


def _path(order: Mapping[str, Any]) -> None:
    state = order["state"]
    apart = {"approved": order["approvals"], "partially_received": len(order["receipts"]) > 1 or state in INCOMING}
    usual = tuple(one for one in PATH if apart.get(one, True) or state == one)
    path = usual if state in usual else (*usual[:1], state)
    at = path.index(state)
    with st.container(horizontal=True, gap="xsmall"):
        for n, one in enumerate(path):
            if n < at:
                st.badge(states.word(one), icon=":material/check:", color="gray")
            elif n == at:
                icon = ":material/radio_button_checked:"
                st.badge(states.word(one), icon=icon, color="red" if state == "cancelled" else "blue")
            else:
                st.caption(states.word(one), width="content")


def _tiles(order: Mapping[str, Any]) -> tuple[Tile, ...]:
    lines = order["lines"]
    ordered = sum(line["quantity"] - line["cancelled_qty"] for line in lines)
    received = sum(line["received_qty"] for line in lines)
    receipts = len(order["receipts"])
    return (
        Tile(
            _("Order value"),
            fmt.money_round(order["total_minor"], order["currency"]),
            ngettext("{n} line", "{n} lines", len(lines)).format(n=fmt.count(len(lines))),
            note=ngettext("{n} unit", "{n} units", ordered).format(n=fmt.count(ordered)),
        ),
        Tile(
            _("Received"),
            fmt.percent(received / ordered if ordered else 0),
            ngettext("{n} unit", "{n} units", received).format(n=fmt.count(received)),
            note=ngettext("in {n} delivery", "in {n} deliveries", receipts).format(n=fmt.count(receipts)),
        ),
        Tile(
            _("Still to come"),
            fmt.count(ordered - received),
            _("nothing") if ordered == received else _due(order),
        ),
    )


def _due(order: Mapping[str, Any]) -> str:
    return fmt.day(order["expected_on"]) if order["expected_on"] else _("no day known")


def _lines(order: Mapping[str, Any]) -> None:
    blocks.section(_("What has arrived, what has not?"), _("Why each quantity was suggested is kept with the line"))
    currency = order["currency"]
    frame = pl.DataFrame(
        [
            {
                "sku": line["sku"],
                "title": fmt.product(line["title"]),
                "ordered": line["quantity"] - line["cancelled_qty"],
                "received": line["received_qty"],
                "suggested": line["suggested_qty"],
                "cost": line["unit_cost_minor"],
                "landed": _landed(order, line),
                "value": line["value_minor"],
                "why": reason(line),
            }
            for line in order["lines"]
        ],
        schema_overrides={"suggested": pl.Int64, "landed": pl.Int64},
    ).with_columns(
        tables.share(pl.col("received"), pl.col("ordered")).alias("arrived"),
        tables.major(pl.col("cost"), currency).alias("cost"),
        tables.major(pl.col("landed"), currency).alias("landed"),
        tables.major(pl.col("value"), currency).alias("value"),
    )
    blocks.table(
        frame,
        {
            "sku": tables.text(_("SKU"), 76),
            "title": tables.text(_("Product"), 190),
            "suggested": tables.count(_("Suggested"), 82),
            "ordered": tables.count(_("Ordered"), 74),
            "arrived": tables.progress(_("Arrived"), 110),
            "cost": tables.money(_("Cost"), currency, 84),
            **({"landed": tables.money(_("Landed cost"), currency, 128)} if order["landed"]["by_line"] else {}),
            "value": tables.money(_("Value"), currency, 92),
            "why": tables.text(_("Why")),
        },
        key="po_lines",
        alt=_("Lines of the purchase order"),
        phone=("title", "ordered", "arrived"),
    )


def _landed(order: Mapping[str, Any], line: Mapping[str, Any]) -> int | None:
    """Return what one unit cost on our shelf: its price and its share of freight, duty and the like."""
    extra, came = order["landed"]["by_line"].get(line["id"]), line["received_qty"]
    return None if extra is None or not came else round(line["unit_cost_minor"] + extra / came)


def reason(line: Mapping[str, Any]) -> str:
    """Return why a line was suggested, from its stored receipt; empty for lines written by hand."""
    from app.i18n import language

    told = (line["receipt"] or {}).get("reason", "")
    return str(told.get(language(), told.get("en", ""))) if isinstance(told, Mapping) else str(told)


def _terms(order: Mapping[str, Any]) -> None:
    supplier = order["supplier"]
    minimum = supplier["min_order_minor"]
    passed = order["total_minor"] >= minimum
    blocks.section(_("Terms"), small=True)
    blocks.facts(
        {
            _("E-mail"): supplier["email"] or _("–"),
            _("Payment"): ngettext("{n} day", "{n} days", supplier["payment_days"]).format(n=supplier["payment_days"]),
            _("Minimum"): (_("{money} passed") if passed else _("{money} not reached")).format(
                money=fmt.money_round(minimum, order["currency"])
            ),
            _("Usual lead time"): lead_time(order["lead_time"]),
            _("Note"): order["note"] or _("–"),
        }
    )


def lead_time(known: Mapping[str, Any]) -> str:
    """Say the supplier's lead time: what it states, what was seen, what plans go by."""
    stated = fmt.days(round(known["stated_days"]))
    if not known["seen_deliveries"]:
        return stated
    spread = f" ± {fmt.number(known['seen_sd_days'], 1)}" if known["seen_sd_days"] is not None else ""
    n = known["seen_deliveries"]
    return ngettext(
        "{stated} stated, {seen} seen in {n} delivery, {used} used",
        "{stated} stated, {seen} seen in {n} deliveries, {used} used",
        n,
    ).format(
        stated=stated, seen=fmt.number(known["seen_days"], 1) + spread, n=fmt.count(n),
        used=fmt.number(known["lead_time_days"], 1),
    )  # fmt: skip


def _timeline(order: Mapping[str, Any], place: Place) -> None:
    blocks.section(_("What happened?"))
    for event in order["timeline"]:
        said = _(EVENTS.get(event["event"], event["event"].split(".")[-1].replace("_", " ").capitalize()))
        trouble = event["event"].endswith(("cancelled", "rejected", "mail_failed"))
        with st.status(
            f"{fmt.moment(event['at'], place.zone)} · {said}", type="step", state="error" if trouble else "complete"
        ):
            told = event["data"].get("reason") or event["data"].get("again") or event["data"].get("error") or ""
            st.caption(" · ".join(part for part in (_("By {actor}").format(actor=event["actor"]), told) if part))
