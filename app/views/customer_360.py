"""One customer: value, growth, what they buy, consents, segments, and everything that happened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from app import blocks, charts, data, links, person, sight, tables
from app import format as fmt
from app.filters import quoted
from app.i18n import N_, _, language, ngettext
from app.tiles import Behind, Tile
from app.views import customer_person
from oms_core.kernel.errors import NotFound, OmsError
from oms_core.kernel.money import exponent
from segmentation.rfm import GROUP_LABELS

if TYPE_CHECKING:
    from app.data import Place

CONSENT_WORDS = {
    "subscribed": N_("subscribed"), "pending": N_("pending"), "unsubscribed": N_("unsubscribed"),
    "not_subscribed": N_("not subscribed"), "invalid": N_("invalid"), "redacted": N_("redacted"),
}  # fmt: skip
CHANNEL_WORDS = {"email": N_("E-mail"), "sms": N_("SMS"), "ads": N_("Advertising")}
WEEKS = 52
MOST_EVENTS = 14


def render(number: str, place: Place) -> None:
    """Draw one customer; an unknown number is refused with near matches."""
    st.button(_("All customers"), icon=":material/arrow_back:", type="tertiary", key="customer_back", on_click=_back)
    customers = data.customers()
    found = customers.filter(pl.col("number") == number)
    if found.is_empty():
        raise NotFound("customer", number, customers["number"].to_list())
    row = found.row(0, named=True)
    known = person.about(row["customer_id"], row["number"])
    blocks.section(f"{row['name'] or _('Customer')} · {row['number']}", _who(row, place))
    _badges(row)
    customer_person.same_person(row, known["merges"], place)
    blocks.kpi_row(_tiles(row, customers, place, known["score"]))
    left, right = st.columns([2.05, 1], gap="medium")
    with left:
        _growth(row, place, known["score"])
        _products(row, place)
    with right:
        customer_person.next_step(row, place)
        _timeline(row, place)
        labels = {segment.name: segment.label(language()) for segment in data.segment_shelf()}
        customer_person.segments_over_time(known["stays"], labels)


def _back() -> None:
    links.close_detail("customer")


def _who(row: Mapping[str, Any], place: Place) -> str:
    where = ", ".join(part for part in (row["city"], data.country(row["country"]) if row["country"] else "") if part)
    parts = (
        [_("Customer since {day}").format(day=fmt.day(row["first_order_on"], year=True))]
        if row["first_order_on"]
        else []
    )
    parts += [place.channels.get(row["last_channel"] or "", row["last_channel"] or ""), where]
    if row["last_order_on"]:
        ago = fmt.days((place.today - row["last_order_on"]).days)
        parts.append(_("last order {day}, {ago} ago").format(day=fmt.day(row["last_order_on"], year=True), ago=ago))
    return " · ".join(part for part in parts if part)


def _badges(row: Mapping[str, Any]) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        st.badge(GROUP_LABELS[language()][row["rfm_group"]], icon=":material/grid_view:", color="blue")
        for channel, word in CHANNEL_WORDS.items():
            state = row[f"{channel}_consent"] or "not_subscribed"
            st.badge(f"{_(word)}: {_(CONSENT_WORDS[state])}", color="gray" if state == "subscribed" else "orange")
        for name in _segments_of(row["customer_id"]):
            st.badge(name, icon=":material/group_work:", color="gray")


def _segments_of(customer_id: int) -> list[str]:
    names = []
    for segment in data.segment_shelf():
        try:
            members = data.segment(segment.name).members
        except OmsError:  # a predicted segment cannot be asked before the first scoring
            continue
        if (members["customer_id"] == customer_id).any():
            names.append(segment.label(language()))
    return names


def _tiles(
    row: Mapping[str, Any], customers: pl.DataFrame, place: Place, score: Mapping[str, Any] | None
) -> tuple[Tile, ...]:
    median = customers.filter(pl.col("orders") > 0)["aov_minor"].median()
    scored = row.get("clv_12m") is not None
    spent = max(int(row["spent_minor"] or 0), 1)
    theirs = f"customer = {quoted(row['name'] or row['email'] or '')}"
    orders = {"view": "all", "period": "all", "q": theirs}
    alike = Behind("segments", _("Customers alike"), {"segment": f"rfm_group = '{row['rfm_group']}'"})
    return (
        Tile(
            _("Ordered in all"), fmt.money_tile(row["spent_minor"], place.currency),
            _ordered(row, place),
            # orders are searched by name: a masked one finds nobody
            behind=Behind("orders", _("Their orders"), orders) if sight.sees_personal() else None,
        ),
        Tile(
            _("Expected, next 12 months"),
            fmt.money_tile(row["clv_12m"], place.currency) if scored else _("–"),
            _in_90_days(row, place, score) if scored else _("not scored yet"),
            behind=alike,
        ),
        Tile(
            _("Still a customer"),
            fmt.percent(row["p_alive"]) if scored else _("–"),
            _("{share} to order in 90 days").format(share=fmt.percent(row["p_active_90d"]))
            if scored
            else _("not scored yet"),
            behind=alike,
        ),
        Tile(
            _("Average order"),
            fmt.money_round(row["aov_minor"], place.currency) if row["aov_minor"] is not None else _("–"),
            _("median of all {money}").format(money=fmt.money_round(round(float(str(median or 0))), place.currency)),
            behind=Behind("orders", _("Largest orders"), {**orders, "sort": "largest"}),
        ),
        Tile(
            _("Returned"),
            fmt.percent(row["returns_minor"] / spent, 1),
            fmt.money_round(row["returns_minor"], place.currency),
            behind=Behind(
                "orders", _("Orders with returns"),
                {**orders, "q": f"{theirs} AND return_status IN ('returned', 'partially_returned')"},
            ),
        ),
    )  # fmt: skip


def _ordered(row: Mapping[str, Any], place: Place) -> str:
    """Return how many orders, and what they left over in a year where costs are known."""
    orders = ngettext("{n} order", "{n} orders", row["orders"]).format(n=fmt.count(row["orders"]))
    margin = row.get("margin_12m_minor")
    if margin is None:
        return orders
    return f"{orders} · " + _("margin {money} a year").format(money=fmt.money_short(margin, place.currency))


def _in_90_days(row: Mapping[str, Any], place: Place, score: Mapping[str, Any] | None) -> str:
    """Return the expected value of 90 days, with its 90 % interval where it is stored."""
    if score is None:
        money = fmt.money_round(row["expected_value_90d"], place.currency)
        return _("{money} in 90 days").format(money=money)
    unit = 10 ** exponent(place.currency)
    low, high = (fmt.money_short(round(score[end] * unit), place.currency) for end in ("value_lo_90", "value_hi_90"))
    return _("{low} to {high} in 90 days").format(low=low, high=high)


def weekly(orders: pl.DataFrame, customer_id: int, today: date) -> pl.DataFrame:
    """Return ``week`` (Monday) and ``amount_minor`` of the last 52 weeks, empty weeks as zero; pure."""
    monday = today - timedelta(days=today.weekday())
    weeks = pl.DataFrame({"week": [monday - timedelta(weeks=n) for n in range(WEEKS - 1, -1, -1)]})
    own = orders.filter(pl.col("customer_id") == customer_id)
    summed = own.group_by(pl.col("business_date").dt.truncate("1w").alias("week")).agg(pl.col("amount_minor").sum())
    return weeks.join(summed, on="week", how="left", maintain_order="left").fill_null(0)


def _growth(row: Mapping[str, Any], place: Place, score: Mapping[str, Any] | None) -> None:
    frame = weekly(data.customer_orders(), row["customer_id"], place.today)
    recent, before = (int(frame["amount_minor"].slice(-n, 13).sum()) for n in (13, 26))
    change = fmt.change(recent / before - 1, 0) if before else _("nothing before")
    answer = _("Last 13 weeks {money}, {change} on the 13 before · ordered by week").format(
        money=fmt.money_short(recent, place.currency), change=change
    )
    blocks.section(_("Is this customer growing?"), answer)
    unit = 10 ** exponent(place.currency)
    highest = int(frame["amount_minor"].max() or 0)  # type: ignore[arg-type]
    values, texts = fmt.money_ticks(max(highest, 1), place.currency)
    series = charts.Series(
        _("Ordered"),
        [v / unit for v in frame["amount_minor"]],
        hover=[fmt.money(v, place.currency) for v in frame["amount_minor"]],
    )
    ticks = ([v / unit for v in values], texts)
    weeks = frame["week"].to_list()
    named = weeks[4 :: 20 if blocks.on_phone() else 12]
    drawing = charts.bars(weeks, [series], ticks=ticks, x_ticks=(named, [fmt.month(w) for w in named]), height=240)
    if score is not None:
        _ahead(drawing, weeks[-1], score)
    blocks.chart(drawing, alt=answer, key="customer_weeks")


def _ahead(drawing: go.Figure, last: date, score: Mapping[str, Any]) -> None:
    """Add what the model expects of a week, with the interval of the whole horizon spread over its weeks."""
    n = max(round(score["horizon_days"] / 7), 1)
    ahead = [last + timedelta(weeks=k) for k in (1, n)]
    low, high, mean = (score[name] / n for name in ("value_lo_90", "value_hi_90", "expected_value"))
    charts.band(drawing, ahead, [low, low], [high, high])
    charts.line(drawing, ahead, charts.Series(_("expected"), [mean, mean]), dash="dash")


def _products(row: Mapping[str, Any], place: Place) -> None:
    own = data.customer_lines().filter(pl.col("customer_id") == row["customer_id"])
    bought = (
        own.group_by("sku")
        .agg(
            pl.col("title").last(), pl.col("gross_minor").sum(), pl.col("quantity").sum(),
            pl.col("order_id").n_unique().alias("orders"), pl.col("business_date").max().alias("last"),
        )
        .sort(["gross_minor", "sku"], descending=[True, False])
        .head(10)
        .with_columns(
            tables.major(pl.col("gross_minor"), place.currency).alias("gross"), tables.product(pl.col("title"))
        )
    )  # fmt: skip
    blocks.section(_("What do they buy?"), _("Largest first, all of time"))
    blocks.table(
        bought,
        {
            "sku": tables.text(_("SKU"), 80),
            "title": tables.text(_("Product"), 240),
            "gross": tables.money(_("Gross sales"), place.currency, 120),
            "quantity": tables.count(_("Units"), 70),
            "orders": tables.count(_("Orders"), 70),
            "last": tables.day(_("Last bought")),
        },
        key="customer_products",
        alt=_("Products of the customer"),
        phone=("title", "gross", "orders"),
    )


def _timeline(row: Mapping[str, Any], place: Place) -> None:
    events = data.customer_timeline(row["customer_id"])
    blocks.section(_("What happened?"), _("Orders, returns and consents, newest first"))
    for event in events.head(MOST_EVENTS).iter_rows(named=True):
        said = _event(event)
        trouble = event["state"] in {"cancelled", "unsubscribed"}
        with st.status(
            f"{fmt.moment(event['happened_at'], place.zone)} · {said}".replace("$", "\\$"), type="step",
            state="error" if trouble else "complete",
        ):  # fmt: skip
            st.caption(event["note"] or _("–"))


def _event(event: Mapping[str, Any]) -> str:
    if event["event"] == "consent":
        word, state = _(CHANNEL_WORDS.get(event["number"], event["number"])), _(CONSENT_WORDS[event["state"]])
        return _("Consent, {channel}: {state}").format(channel=word, state=state)
    money = fmt.money(int(event["minor"]), event["currency"])
    text = _("Order #{number}, {money}") if event["event"] == "order" else _("Return {number}, {money}")
    return text.format(number=event["number"], money=money)
