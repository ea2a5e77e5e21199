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

CONSENT_STATES = ("SUBSCRIBED", "NOT_SUBSCRIBED", "PENDING", "UNSUBSCRIBED", "INVALID", "REDACTED")
Column: TypeAlias = Callable[[Facts], pl.Expr]


@dataclass(frozen=True, slots=True)
class Entry:
    """An attribute, its column, and whether it needs stored scores."""

    attribute: Attribute
    column: Column
    predicted: bool = False


def _text(name: str) -> Column:
    return lambda _: pl.when(pl.col(name) != "").then(pl.col(name)).otherwise(None)


def _plain(name: str) -> Column:
    return lambda _: pl.col(name)


def _money(name: str) -> Column:
    return lambda facts: pl.when(pl.col("currency") == facts.currency).then(pl.col(name)).otherwise(None)


def _inside(countries: frozenset[str]) -> Column:
    return lambda _: pl.when(pl.col("country") != "").then(pl.col("country").is_in(sorted(countries))).otherwise(None)


def _countries(_: Facts) -> pl.Expr:
    return pl.when(pl.col("country") != "").then(pl.concat_list("country")).otherwise(None)


def _channels(_: Facts) -> pl.Expr:
    return pl.when(pl.col("channels").list.len() > 0).then(pl.col("channels")).otherwise(None)


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
    name: str, kind: str, en: str, pl_: str, column: Column, *, options: tuple[str, ...] = (), predicted: bool = False
) -> Entry:
    return Entry(Attribute(name=name, kind=kind, labels={"en": en, "pl": pl_}, options=options), column, predicted)


def _consent(channel: str, en: str, pl_: str) -> Entry:
    return _entry(
        f"{channel}_subscription_status", "choice", en, pl_, _plain(f"{channel}_consent"), options=CONSENT_STATES
    )


_ENTRIES = (
    _entry("number_of_orders", "number", "number of orders", "liczba zamówień", _plain("orders")),
    _entry("amount_spent", "money", "amount spent", "wydana kwota", _money("spent_minor")),
    _entry("net_spent", "money", "amount spent after returns", "wydana kwota po zwrotach", _money("net_minor")),
    _entry("aov", "money", "average order value", "średnia wartość zamówienia", _money("aov_minor")),
    _entry("units_bought", "number", "units bought", "kupione sztuki", _plain("units")),
    _entry("return_rate", "share", "share of value returned", "udział zwrotów w wartości", _return_rate),
    _entry("first_order_date", "date", "first order", "pierwsze zamówienie", _plain("first_order_on")),
    _entry("last_order_date", "date", "last order", "ostatnie zamówienie", _plain("last_order_on")),
    _entry("days_since_last_order", "number", "days since the last order", "dni od ostatniego zamówienia", _days_since),
    _entry("avg_days_between_orders", "number", "days between orders", "dni między zamówieniami", _days_between),
    _entry("customer_added_date", "date", "customer since", "klient od", _added_on),
    _entry("country", "text", "country", "kraj", _text("country")),
    _entry("customer_countries", "list", "countries", "kraje", _countries),
    _entry("region", "text", "region", "region", _text("region")),
    _entry("city", "text", "city", "miasto", _text("city")),
    _entry("postal_code", "text", "postal code", "kod pocztowy", _text("postal_code")),
    _entry("in_europe", "boolean", "located in Europe", "w Europie", _inside(EUROPE)),
    _entry("in_eu", "boolean", "located in the European Union", "w Unii Europejskiej", _inside(EUROPEAN_UNION)),
    _entry("channel", "list", "channels bought in", "kanały zakupu", _channels),
    _entry("first_channel", "text", "first channel", "pierwszy kanał", _text("first_channel")),
    _entry("last_channel", "text", "last channel", "ostatni kanał", _text("last_channel")),
    _entry("customer_kind", "choice", "kind of customer", "rodzaj klienta", _text("kind"),
           options=("consumer", "business")),
    _entry("customer_language", "text", "language", "język", _text("language")),
    _entry("customer_email_domain", "text", "e-mail domain", "domena e-mail", _domain),
    _consent("email", "e-mail consent", "zgoda na e-mail"),
    _consent("sms", "SMS consent", "zgoda na SMS"),
    _consent("ads", "advertising consent", "zgoda na reklamy"),
    _entry("rfm_group", "choice", "RFM group", "grupa RFM", _plain("rfm_group"), options=GROUPS),
    _entry("rfm_code", "text", "RFM code", "kod RFM", _plain("rfm_code")),
    _entry("p_alive", "share", "chance of still being a customer", "szansa, że nadal jest klientem",
           _plain("p_alive"), predicted=True),
    _entry("p_active_90d", "share", "chance of an order in 90 days", "szansa na zamówienie w 90 dni",
           _plain("p_active_90d"), predicted=True),
    _entry("expected_orders_90d", "number", "expected orders in 90 days", "oczekiwane zamówienia w 90 dni",
           _plain("expected_orders_90d"), predicted=True),
    _entry("expected_value_90d", "money", "expected value in 90 days", "oczekiwana wartość w 90 dni",
           _money("expected_value_90d"), predicted=True),
    _entry("clv_12m", "money", "expected value in 12 months", "oczekiwana wartość w 12 miesięcy",
           _money("clv_12m"), predicted=True),
    _entry("churn_risk", "choice", "risk of leaving", "ryzyko odejścia", _churn_risk,
           options=("LOW", "MEDIUM", "HIGH"), predicted=True),
)  # fmt: skip

ENTRIES = {e.attribute.name: e for e in _ENTRIES}
ATTRIBUTES = {name: e.attribute for name, e in ENTRIES.items()}
