"""What segments are asked about: customers with their orders and lines, on one day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from oms_core.kernel.money import exponent
from segmentation.rfm import score_customers

#: Columns a frame of stored scores must have.
SCORES = ("p_alive", "p_active_90d", "expected_orders_90d", "expected_value_90d", "clv_12m")

#: Columns of the customers' frame; see `analytics.frames.customer_facts`, whose shape this is.
CUSTOMERS = (
    "customer_id", "number", "name", "email", "phone", "kind", "language", "country", "region", "city",
    "postal_code", "created_at", "first_order_on", "last_order_on", "orders", "units", "gross_minor",
    "discount_minor", "returns_minor", "net_minor", "aov_minor", "first_channel", "last_channel", "channels",
    "email_consent", "sms_consent", "ads_consent", "currency", "is_erased",
)  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """A shop's customers on one day.

    Attributes
    ----------
    customers : polars.DataFrame
        One row a customer: `CUSTOMERS`, ``spent_minor`` (gross − discounts), the RFM columns and, when there are
        scores, `SCORES` (money as integer minor units).
    orders : polars.DataFrame
        ``order_id, customer_id, business_date, channel, country, amount_minor, currency``.
    read_lines : callable
        Gives `lines`, read when first asked: few segments look at products, and lines are many.
    today : date
        In the shop's zone; offsets in expressions count from it.
    currency : str
        The shop's; amounts in another currency are unknown to money attributes, never converted.
    """

    customers: pl.DataFrame
    orders: pl.DataFrame
    read_lines: Callable[[], pl.DataFrame]
    today: date
    currency: str
    zone: str = "UTC"
    country: str = ""

    @cached_property
    def lines(self) -> pl.DataFrame:
        """``customer_id, order_id, business_date, sku, title, category, quantity, gross_minor``."""
        return self.read_lines()

    @property
    def has_scores(self) -> bool:
        """Whether predicted attributes can be asked."""
        return SCORES[0] in self.customers.columns

    @property
    def minor_units(self) -> int:
        """Minor units in one unit of the shop's currency."""
        return int(10 ** exponent(self.currency))


def gather(
    customers: pl.DataFrame,
    orders: pl.DataFrame,
    read_lines: Callable[[], pl.DataFrame],
    *,
    today: date,
    currency: str,
    zone: str = "UTC",
    country: str = "",
    scores: pl.DataFrame | None = None,
) -> Facts:
    """Put the frames together, with RFM scores and, when given, predicted ones.

    Parameters
    ----------
    scores : polars.DataFrame, optional
        ``customer_id`` and `SCORES`.
    """
    spent = customers.with_columns((pl.col("gross_minor") - pl.col("discount_minor")).alias("spent_minor"))
    scored = score_customers(spent, today)
    if scores is not None and scores.height:
        scored = scored.join(scores.select("customer_id", *SCORES), on="customer_id", how="left", maintain_order="left")
    return Facts(scored, orders, read_lines, today, currency, zone, country)
