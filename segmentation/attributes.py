"""What a segment may ask about a customer. Adding an attribute is one line in `_ENTRIES`.

Names follow Shopify's where it has one. A column is a Polars expression over `Facts.customers`; an empty text is a
missing one. Money compares in the shop's currency, and is missing for customers who buy in another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import polars as pl

from oms_core.kernel.expressions import Attribute
from segmentation.facts import Facts
from segmentation.places import EUROPE, EUROPEAN_UNION
from segmentation.rfm import GROUPS
from segmentation.tiers import RISKS, TIERS

CONSENT_STATES = ("SUBSCRIBED", "NOT_SUBSCRIBED", "PENDING", "UNSUBSCRIBED", "INVALID", "REDACTED")
Column: TypeAlias = Callable[[Facts], pl.Expr]


@dataclass(frozen=True, slots=True)
class Entry:
    """An attribute, its column, and the columns of `Facts.customers` it cannot do without (stored scores, clusters)."""

    attribute: Attribute
    column: Column
    needs: str = ""

    @property
    def predicted(self) -> bool:
        """Whether it is a forecast, stored before the fact."""
        return self.needs not in {"", "cluster"}


def _text(name: str) -> Column:
    return lambda _: pl.when(pl.col(name) != "").then(pl.col(name)).otherwise(None)


def _plain(name: str) -> Column:
    return lambda _: pl.col(name)


def _money(name: str) -> Column:
    return lambda facts: pl.when(pl.col("currency") == facts.currency).then(pl.col(name)).otherwise(None)


def _inside(countries: frozenset[str]) -> Column:
    return lambda _: pl.when(pl.col("country") != "").then(pl.col("country").is_in(sorted(countries))).otherwise(None)


def _words(name: str) -> Column:
    return lambda _: pl.when(pl.col(name).list.len() > 0).then(pl.col(name)).otherwise(None)


def _countries(_: Facts) -> pl.Expr:
    return pl.when(pl.col("country") != "").then(pl.concat_list("country")).otherwise(None)


def _regions(_: Facts) -> pl.Expr:
    """Return the region under its own name and as Shopify writes it: ``US-NY``."""
    named = pl.concat_list("region", pl.concat_str("country", "region", separator="-"))
    return pl.when(pl.col("region") != "").then(named).otherwise(None)


def _cities(_: Facts) -> pl.Expr:
    """Return the city under its own name and as Shopify writes it: ``US-NY-NewYorkCity``."""
    close = pl.col("city").str.replace_all(" ", "", literal=True)
    named = pl.concat_list("city", pl.concat_str("country", "region", close, separator="-"))
    return pl.when(pl.col("city") != "").then(named).otherwise(None)


def _return_rate(_: Facts) -> pl.Expr:
    spent = pl.col("spent_minor")
    return pl.when(spent > 0).then(pl.col("returns_minor") / spent).otherwise(None)


def _days_since(facts: Facts) -> pl.Expr:
    return (pl.lit(facts.today) - pl.col("last_order_on")).dt.total_days()


def _days_between(_: Facts) -> pl.Expr:
    span = (pl.col("last_order_on") - pl.col("first_order_on")).dt.total_days()
    return pl.when(pl.col("orders") > 1).then(span / (pl.col("orders") - 1)).otherwise(None)


def _added_on(facts: Facts) -> pl.Expr:
    return pl.col("created_at").dt.convert_time_zone(facts.zone).dt.date()


def _domain(_: Facts) -> pl.Expr:
    return pl.col("email").str.extract(r"@([^@\s]+)$").str.to_lowercase()


def _churn_risk(_: Facts) -> pl.Expr:
    gone = 1 - pl.col("p_alive")
    risk = pl.when(gone < 0.33).then(pl.lit("LOW")).when(gone <= 0.66).then(pl.lit("MEDIUM")).otherwise(pl.lit("HIGH"))
    return pl.when(gone.is_null()).then(None).otherwise(risk)


def _entry(
    name: str, kind: str, en: str, pl_: str, column: Column, *, options: tuple[str, ...] = (), needs: str = ""
) -> Entry:
    return Entry(Attribute(name=name, kind=kind, labels={"en": en, "pl": pl_}, options=options), column, needs)


def _consent(channel: str, en: str, pl_: str) -> Entry:
    return _entry(
        f"{channel}_subscription_status", "choice", en, pl_, lambda _: pl.col(f"{channel}_consent").str.to_uppercase(),
        options=CONSENT_STATES,
    )  # fmt: skip


def _score(name: str, kind: str, en: str, pl_: str, *, column: str = "", money: bool = False) -> Entry:
    column = column or name
    return _entry(name, kind, en, pl_, _money(column) if money else _plain(column), needs=column)


_ENTRIES = (
    _entry("number_of_orders", "number", "number of orders", "liczba zamówień", _plain("orders")),
    _entry("amount_spent", "money", "amount spent", "wydana kwota", _money("spent_minor")),
    _entry("net_spent", "money", "amount spent after returns", "wydana kwota po zwrotach", _money("net_minor")),
    _entry("aov", "money", "average order value", "średnia wartość zamówienia", _money("aov_minor")),
    _entry("margin_12m", "money", "margin of 12 months", "marża z 12 miesięcy", _money("margin_12m_minor")),
    _entry("units_bought", "number", "units bought", "kupione sztuki", _plain("units")),
    _entry("return_rate", "share", "share of value returned", "udział zwrotów w wartości", _return_rate),
    _entry("store_credit", "money", "store credit", "środki na koncie sklepu", _plain("store_credit_minor")),
    _entry("first_order_date", "date", "first order", "pierwsze zamówienie", _plain("first_order_on")),
    _entry("last_order_date", "date", "last order", "ostatnie zamówienie", _plain("last_order_on")),
    _entry("days_since_last_order", "number", "days since the last order", "dni od ostatniego zamówienia", _days_since),
    _entry("avg_days_between_orders", "number", "days between orders", "dni między zamówieniami", _days_between),
    _entry("customer_added_date", "date", "customer since", "klient od", _added_on),
    _entry("country", "text", "country", "kraj", _text("country")),
    _entry("customer_countries", "list", "countries", "kraje", _countries),
    _entry("region", "text", "region", "region", _text("region")),
    _entry("customer_regions", "list", "regions", "regiony", _regions),
    _entry("city", "text", "city", "miasto", _text("city")),
    _entry("customer_cities", "list", "cities", "miasta", _cities),
    _entry("postal_code", "text", "postal code", "kod pocztowy", _text("postal_code")),
    _entry("in_europe", "boolean", "located in Europe", "w Europie", _inside(EUROPE)),
    _entry("in_eu", "boolean", "located in the European Union", "w Unii Europejskiej", _inside(EUROPEAN_UNION)),
    _entry("channel", "list", "channels bought in", "kanały zakupu", _words("channels")),
    _entry("first_channel", "text", "first channel", "pierwszy kanał", _text("first_channel")),
    _entry("last_channel", "text", "last channel", "ostatni kanał", _text("last_channel")),
    _entry("order_tags", "list", "tags of orders", "etykiety zamówień", _words("order_tags")),
    _entry("customer_kind", "choice", "kind of customer", "rodzaj klienta", _text("kind"),
           options=("consumer", "business")),
    _entry("customer_language", "text", "language", "język", _text("language")),
    _entry("customer_email_domain", "text", "e-mail domain", "domena e-mail", _domain),
    _consent("email", "e-mail consent", "zgoda na e-mail"),
    _consent("sms", "SMS consent", "zgoda na SMS"),
    _consent("ads", "advertising consent", "zgoda na reklamy"),
    _entry("rfm_group", "choice", "RFM group", "grupa RFM", _plain("rfm_group"), options=GROUPS),
    _entry("rfm_code", "text", "RFM code", "kod RFM", _plain("rfm_code")),
    _entry("cluster", "text", "cluster", "skupienie", _plain("cluster"), needs="cluster"),
    _score("p_alive", "share", "chance of still being a customer", "szansa, że nadal jest klientem"),
    _score("p_active_30d", "share", "chance of an order in 30 days", "szansa na zamówienie w 30 dni"),
    _score("p_active_90d", "share", "chance of an order in 90 days", "szansa na zamówienie w 90 dni"),
    _score("expected_orders_90d", "number", "expected orders in 90 days", "oczekiwane zamówienia w 90 dni"),
    _score("expected_value_90d", "money", "expected value in 90 days", "oczekiwana wartość w 90 dni", money=True),
    _score("clv_12m", "money", "expected value in 12 months", "oczekiwana wartość w 12 miesięcy", money=True),
    _score("clv_decile", "number", "tenth of expected value", "decyl oczekiwanej wartości"),
    _score("next_order_date", "date", "expected next order", "oczekiwane następne zamówienie", column="next_order_on"),
    _entry("predicted_spend_tier", "choice", "predicted spend", "przewidywane wydatki",
           _plain("predicted_spend_tier"), options=TIERS, needs="predicted_spend_tier"),
    _entry("churn_risk", "choice", "risk of leaving", "ryzyko odejścia", _churn_risk, options=RISKS, needs="p_alive"),
)  # fmt: skip

ENTRIES = {e.attribute.name: e for e in _ENTRIES}
ATTRIBUTES = {name: e.attribute for name, e in ENTRIES.items()}

#: Shopify's filters whose data this shop does not keep, and what to ask instead.
ABSENT = {
    "abandoned_checkout_date": "Checkouts are not kept here, orders are: try last_order_date.",
    "companies": "Write customer_kind = 'business'.",
    "created_by_app_id": "Write first_channel = 'web'.",
    "customer_account_status": "Customers have no accounts here: try number_of_orders.",
    "customer_tags": "Tags stand on orders: write order_tags CONTAINS 'vip'.",
    "product_subscription_status": "Subscriptions to products are not kept here: try products_purchased MATCHES (…).",
    **dict.fromkeys(
        ("storefront_event", "storefront_product_viewed", "storefront_collection_viewed"),
        "Visits are not kept here, orders are: try products_purchased MATCHES (…).",
    ),
    **dict.fromkeys(
        ("shopify_email", "shopify_email_opened", "shopify_email_clicked"),
        "E-mail events stay with the tool that sends: try email_subscription_status.",
    ),
}
