"""The first side of an order: its lines, who and where, money, why this warehouse, what happened last."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
import streamlit as st

from app import blocks, data, routing_words, states
from app import format as fmt
from app.i18n import _, ngettext
from app.views import order_timeline
from oms_core.kernel.money import exponent

#: Lines shown before the rest folds.
MOST_LINES = 10


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What the drawer asked for."""

    order: Mapping[str, Any]
    lines: pl.DataFrame
    work: pl.DataFrame
    routing: pl.DataFrame
    timeline: pl.DataFrame


def render(facts: OrderFacts, place: data.Place) -> None:
    """Draw the order's first side."""
    _lines(facts)
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**{_('Facts')}**")
        blocks.facts(fact_pairs(facts, place.now, place.zone))
    with right:
        st.markdown(f"**{_('Money')}**")
        _money(facts.order)
    _routing(facts, place.zone)
    order_timeline.render(facts.timeline, place.now, place.zone, facts.order["currency"])


def is_late(order: Mapping[str, Any], now: datetime) -> bool:
    """Say whether a live order is past its ship-by time."""
    return (
        order["state"] == "placed"
        and not order["is_history"]
        and order["fulfillment_status"] != "fulfilled"
        and order["ship_by_at"] is not None
        and order["ship_by_at"] < now
    )


def _lines(facts: OrderFacts) -> None:
    """Draw the lines, those that are short of stock first; beyond a handful the rest folds."""
    short = pl.col("quantity") - pl.col("cancelled_qty") - pl.col("shipped_qty") - pl.col("allocated_qty") > 0
    ordered = facts.lines.sort(short, "position", descending=[True, False])
    _line_table(ordered.head(MOST_LINES), facts.order)
    if ordered.height > MOST_LINES:
        rest = ordered.height - MOST_LINES
        with st.expander(ngettext("{n} more line", "{n} more lines", rest).format(n=fmt.count(rest))):
            _line_table(ordered.slice(MOST_LINES), facts.order)


def _line_table(lines: pl.DataFrame, order: Mapping[str, Any]) -> None:
    rows = [line_row(r, order) for r in lines.iter_rows(named=True)]
    net = _("Net, {currency}").format(currency=order["currency"])
    names = (_("Line"), _("Units"), _("Price"), net, _("Stock"))
    decimals = _decimal(exponent(order["currency"]))
    whole = pl.DataFrame(rows, schema=list(names), orient="row")
    formats: dict[Any, Any] = {names[2]: decimals, names[3]: decimals, names[1]: fmt.count}
    if blocks.on_phone():  # what stock says goes below the product: five columns would leave it a word a line
        whole = whole.with_columns(pl.concat_str(names[0], names[4], separator=" "))
        whole, formats = whole.drop(names[2], names[4]), {name: formats[name] for name in (names[3], names[1])}
    table = whole.to_pandas()
    st.table(table.style.format(formats).hide(axis="index"), border="horizontal", hide_index=True)


def _decimal(decimals: int) -> Any:
    return lambda value: fmt.number(float(value), decimals)


def line_row(line: Mapping[str, Any], order: Mapping[str, Any]) -> tuple[str, int, float, float, str]:
    """Return one line of the drawer's table; money as decimals for display."""
    scale = 10 ** exponent(order["currency"])
    title = f"{fmt.product(line['title'])} :gray[{line['sku']}]{_mark(line)}"
    return (
        title,
        int(line["quantity"]),
        line["unit_price_minor"] / scale,
        line["net_minor"] / scale,
        _stock_of(line, order),
    )


def _mark(line: Mapping[str, Any]) -> str:
    """Say what a line is besides goods from the shelf: part of a bundle, made to order, a service."""
    if line["bundle_sku"]:
        return f" :violet-badge[{_('bundle {sku}').format(sku=line['bundle_sku'])}]"
    kinds = {"made_to_order": _("made to order"), "service": _("service")}
    return f" :blue-badge[{kinds[line['stock_kind']]}]" if line["stock_kind"] in kinds else ""


def _stock_of(line: Mapping[str, Any], order: Mapping[str, Any]) -> str:
    wanted = int(line["quantity"]) - int(line["cancelled_qty"])
    if wanted <= 0:
        return f":gray-badge[{_('cancelled')}]"
    if int(line["returned_qty"]):
        return f":gray-badge[{_('{n} returned').format(n=line['returned_qty'])}]"
    if int(line["shipped_qty"]) >= wanted or order["is_history"]:
        return f":gray-badge[{_('sent')}]"
    ready = int(line["allocated_qty"]) + int(line["shipped_qty"])
    if ready >= wanted:
        return f":gray-badge[{_('allocated, {place}').format(place=line['place'])}]"
    return f":red-badge[{_('{n} of {all} allocated').format(n=ready, all=wanted)}]"


def fact_pairs(facts: OrderFacts, now: datetime, zone: str) -> dict[str, str]:
    """Return the facts table: customer, address, ship-by, warehouse, carrier."""
    order = facts.order
    who = order["customer"] or _("Guest")
    n = int(order["customer_orders"] or 0)
    if n:
        who += " · " + ngettext("{n} order", "{n} orders", n).format(n=fmt.count(n))
    where = ", ".join(
        x for x in (order["ship_line1"], f"{order['ship_city']} {order['ship_postal_code']}".strip()) if x
    )
    pairs = {_("Customer"): who, _("Ship to"): ", ".join(x for x in (where, data.country(order["ship_country"])) if x)}
    if order["ship_by_at"] is not None:
        due = fmt.moment(order["ship_by_at"], zone)
        pairs[_("Ship by")] = f":red[{due}]" if is_late(order, now) else due
    # work that was moved, split or merged away is cancelled: its place ships nothing of the order
    live = facts.work.filter(pl.col("state") != "cancelled")
    places = (facts.work if live.is_empty() else live)["place"].unique(maintain_order=True).to_list()
    if places:
        pairs[_("Warehouse")] = ", ".join(places)
    for parcel in facts.work.filter(pl.col("shipment_id").is_not_null()).iter_rows(named=True):
        service = " ".join(x for x in (parcel["carrier"], parcel["service"], parcel["tracking_number"]) if x)
        made_up = f" ({_('simulated')})" if parcel["is_simulated"] else ""
        pairs[_("Parcel")] = f"{service}, {states.word(parcel['parcel_state']).lower()}{made_up}"
    if order["cancel_reason"]:
        pairs[_("Cancelled because")] = order["cancel_reason"]
    if order["is_history"]:
        pairs[_("Source")] = _("imported, {id}").format(id=order["external_id"])
    return pairs


def money_rows(order: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return the money table: words and minor units, adding up to the total; then paid and margin."""
    parts = (
        (_("Goods"), order["gross_minor"]),
        (_("Discounts"), -order["discount_minor"]),
        (_("Shipping"), order["shipping_minor"]),
        (_("Tax"), order["tax_minor"]),
        (_("Other"), order["other_minor"]),
    )
    rows = [parts[0], *(p for p in parts[1:] if p[1])]
    rows.append((f"**{_('Total')}**", order["total_minor"]))
    by = f", {order['gateway']}" if order["gateway"] else ""
    rows.append((_("Paid") + by, order["paid_minor"]))
    if order["cost_minor"] is not None and order["state"] != "cancelled":
        net = order["gross_minor"] - order["discount_minor"]
        margin = net - int(order["cost_minor"])
        rows.append((_("Margin, {share}").format(share=fmt.percent(margin / net) if net else _("–")), margin))
    return rows


def _money(order: Mapping[str, Any]) -> None:
    currency = order["currency"]
    scale, digits = 10 ** exponent(currency), exponent(currency)
    rows = [(name, minor / scale) for name, minor in money_rows(order)]
    table = pl.DataFrame(rows, schema=[" ", currency], orient="row").to_pandas()
    styled = table.style.format({currency: _decimal(digits)}).hide(axis="index")
    st.table(styled, border="horizontal", hide_index=True, hide_header=False)


#: What decided, as the receipt names it.
def _rule(name: str) -> str:
    return {
        "stock": _("only it has the stock"),
        "only_candidate": _("only it has the stock"),
        "fewest_splits": _("fewest parcels"),
        "ranked": _("rank of the warehouse"),
        "closest": _("closest to the customer"),
        "location_id": _("first in the list, all else equal"),
    }.get(name, name.replace("_", " "))


def _routing(facts: OrderFacts, zone: str) -> None:
    if facts.routing.is_empty():
        return
    receipt = facts.routing.row(0, named=True)
    candidates, chosen = json.loads(receipt["candidates"]), json.loads(receipt["chosen"])
    names = ", ".join(c["name"] for c in chosen)
    moment = fmt.moment(receipt["decided_at"], zone)
    if not candidates:  # a person chose, or made it there: there was nothing to weigh
        made = receipt["decided_by"] == "made"
        said = _("Made for this order, booked {moment}") if made else _("Chosen by hand {moment}")
        blocks.section(_("Why {place}?").format(place=names), said.format(moment=moment), small=True)
        st.caption(routing_words.told(receipt))
        return
    said = _("Decided {moment} by {rule}; {n} candidates").format(
        moment=moment, rule=_rule(receipt["decided_by"]), n=len(candidates)
    )
    blocks.section(_("Why {place}?").format(place=names), said, small=True)
    rows = [candidate_row(c, {x["location_id"] for x in chosen}, facts.lines.height) for c in candidates]
    header = (_("Warehouse"), _("Lines in stock"), _("Lacks"), _("Km"))
    table = pl.DataFrame(rows, schema=dict.fromkeys(header, pl.String), orient="row")
    st.table(table, border="horizontal", hide_index=True)
    st.caption(routing_words.told(receipt))


def candidate_row(candidate: Mapping[str, Any], chosen: set[int], lines: int) -> tuple[str, str, str, str]:
    """Return one candidate of the routing receipt: name, lines in stock, what it lacks, distance."""
    name = candidate["name"]
    if candidate["location_id"] in chosen:
        name = f"**{name}** :green-badge[{_('chosen')}]"
    lacks = [str(sku) for sku in candidate.get("lacks", ())]
    km = candidate.get("scores", {}).get("closest")
    return (
        name,
        _("{n} of {all}").format(n=candidate["lines"], all=max(lines, candidate["lines"])),
        ", ".join(lacks[:3]) + ("…" if len(lacks) > 3 else "") or _("–"),
        fmt.count(km) if km is not None else _("–"),
    )
