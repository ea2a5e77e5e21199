"""Frames for the rooms that think: customers for segments and values, demand and stock for forecasts.

Each is one SQL file in ``sql/frames`` whose header says grain, key and decisions. Money is integer
minor units, instants are aware UTC, dates are business dates in the shop's zone.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from analytics.warehouse import FOLDER
from oms_core.kernel import clock

if TYPE_CHECKING:
    import polars as pl

    from analytics.replica import Replica


def query(name: str) -> str:
    """Return the text of one query file, by folder and name: ``frames/customer_facts``."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def _frame(replica: Replica, name: str, params: dict[str, Any] | None = None) -> pl.DataFrame:
    return replica.frame(query(f"frames/{name}"), params)


def customer_facts(replica: Replica) -> pl.DataFrame:
    """Return one row a customer: who, where, first and last order, money, channels, consent.

    Columns: ``customer_id, number, name, email, phone, kind, language, country, region, city,
    postal_code, created_at, first_order_on, last_order_on, orders, units, gross_minor,
    discount_minor, returns_minor, net_minor, aov_minor, first_channel, last_channel, channels,
    email_consent, sms_consent, ads_consent, currency, is_erased``.
    """
    import polars as pl

    return _frame(replica, "customer_facts").with_columns(pl.col("created_at").dt.replace_time_zone("UTC"))


def customer_orders(replica: Replica) -> pl.DataFrame:
    """Return orders that stand, of known customers, by customer and date.

    Columns: ``order_id, customer_id, business_date, channel, country, amount_minor`` (gross −
    discounts), ``currency``.
    """
    return _frame(replica, "customer_orders")


def customer_extras(replica: Replica, since: date) -> pl.DataFrame:
    """Return what else is known of customers, in the shop's currency: margin after a day, store credit, tags of orders.

    Columns: ``customer_id, margin_12m_minor, store_credit_minor, order_tags`` (list).
    """
    return _frame(replica, "customer_extras", {"since": since})


def customer_credits(replica: Replica) -> pl.DataFrame:
    """Return store credits. Columns: ``customer_id, currency, balance_minor``."""
    return _frame(replica, "customer_credits")


def campaign_orders(replica: Replica, since: date, until: date) -> pl.DataFrame:
    """Return orders that stand of known customers, in the shop's currency, of some business days, both included.

    Columns: ``order_id, customer_id, placed_at, business_date, revenue_minor`` (gross − discounts),
    ``margin_minor`` (after returns so far; null where no cost is known).
    """
    import polars as pl

    found = _frame(replica, "campaign_orders", {"since": since, "until": until})
    return found.with_columns(pl.col("placed_at").dt.replace_time_zone("UTC"))


def customer_lines(replica: Replica) -> pl.DataFrame:
    """Return product lines that stand, of known customers.

    Columns: ``customer_id, order_id, business_date, sku, title, category, quantity, gross_minor``.
    """
    return _frame(replica, "customer_lines")


def demand_panel(replica: Replica, since: date | None = None) -> pl.DataFrame:
    """Return units ordered per variant and day, dense, with the share of the day it was in stock.

    Parameters
    ----------
    replica : Replica
        Refreshed replica.
    since : date, optional
        First day wanted; a series still begins at its first sale.

    Returns
    -------
    polars.DataFrame
        ``series_id`` (SKU), ``variant_id, day, y`` (units, cancelled ones excluded), ``in_stock`` (0–1),
        sorted by series and day, to the last closed business day.
    """
    return _frame(replica, "demand_panel", {"since": since, "last": last_closed_day(replica)})


def last_closed_day(replica: Replica) -> date:
    """Return yesterday in the shop's zone."""
    zone = replica.frame("SELECT zone FROM raw.shop")["zone"][0]
    return clock.business_date(clock.now(), zone) - timedelta(days=1)


def stock_positions(replica: Replica) -> pl.DataFrame:
    """Return one row an active variant: stock, what is due, prices, and its supplier's terms.

    Columns: ``variant_id, sku, title, category, on_hand, available, committed, incoming,
    next_due_on, late_qty, shelf_life_days, waits, price_minor, cost_minor, currency, supplier_id, supplier,
    pack_qty, moq_qty, unit_cost_minor, supplier_currency, lead_time_days, lead_time_sd_days, review_days, cover_days,
    min_order_minor, fixed_cost_minor, abc, xyz``.
    """
    return _frame(replica, "stock_positions", {"today": last_closed_day(replica) + timedelta(days=1)})


def supplier_lead_times(replica: Replica, since: date) -> pl.DataFrame:
    """Return ``supplier_id, seen_deliveries, seen_days, seen_sd_days`` of the deliveries since a day."""
    return _frame(replica, "supplier_lead_times", {"since": since})


def shelf_sales(replica: Replica, since: date) -> pl.DataFrame:
    """Return ``variant_id, location_id, shipped_units`` (since a day), ``available`` of every shelf."""
    return _frame(replica, "shelf_sales", {"since": since})


def category_seasons(replica: Replica, since: date, until: date) -> pl.DataFrame:
    """Return ``category, month`` (1-12), ``units, days`` of the whole months between two days."""
    return _frame(replica, "category_seasons", {"since": since, "until": until})


def yearly_rates(replica: Replica, since: date, until: date) -> pl.DataFrame:
    """Return ``variant_id, a_day``: units a day of a whole year, of variants sold through it."""
    return _frame(replica, "yearly_rates", {"since": since, "until": until})


def stock_held(replica: Replica, *, since: date, until: date) -> pl.DataFrame:
    """Return ``variant_id, sku, mean_available``: what was there on an average day between two, both included."""
    return _frame(replica, "stock_held", {"since": since, "until": until})


def shelf_positions(replica: Replica, since: date) -> pl.DataFrame:
    """Return ``variant_id, location_id, location, available, incoming, shipped_units`` (since a day) of every shelf."""
    return _frame(replica, "shelf_positions", {"since": since})


def demand_parts(replica: Replica, *, by: str) -> pl.DataFrame:
    """Return ``series_id`` (SKU), ``part, category, day, y`` by channel, country or location; days sold only."""
    return _frame(replica, "demand_parts", {"by": by, "last": last_closed_day(replica)})
