"""What segments are asked about: customers with their orders and lines, on one day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import polars as pl

from oms_core.kernel.expressions.distance import unit_vector
from oms_core.kernel.money import exponent
from oms_core.locations.geography import locate
from segmentation.rfm import score_customers
from segmentation.tiers import add_tiers

#: Columns a frame of stored scores must have, and those it may have.
SCORES = ("p_alive", "p_active_90d", "expected_orders_90d", "expected_value_90d", "clv_12m")
MORE_SCORES = ("p_active_30d", "next_order_on")
#: What else is known of a customer; missing where a caller has no such frame.
EXTRAS: dict[str, pl.DataType] = {
    "margin_12m_minor": pl.Int64(),
    "store_credit_minor": pl.Int64(),
    "order_tags": pl.List(pl.String()),
}
CREDITS = {"customer_id": pl.Int64, "currency": pl.String, "balance_minor": pl.Int64}

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
    credits: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CREDITS))
    known_places: pl.DataFrame | None = None

    @cached_property
    def places(self) -> pl.DataFrame:
        """``place_x, place_y, place_z`` of every customer on the unit sphere, in their order; missing when unknown."""
        return places_of(self.customers) if self.known_places is None else self.known_places

    @cached_property
    def lines(self) -> pl.DataFrame:
        """``customer_id, order_id, business_date, sku, title, category, quantity, gross_minor``."""
        return self.read_lines()

    @property
    def has_scores(self) -> bool:
        """Whether predicted attributes can be asked; some may need scores of a newer model."""
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
    extras: pl.DataFrame | None = None,
    credits: pl.DataFrame | None = None,  # noqa: A002 - the trade's word
) -> Facts:
    """Put the frames together, with RFM scores and, when given, predicted ones.

    Parameters
    ----------
    scores : polars.DataFrame, optional
        ``customer_id``, `SCORES` and perhaps `MORE_SCORES`.
    extras : polars.DataFrame, optional
        ``customer_id`` and `EXTRAS`.
    credits : polars.DataFrame, optional
        `CREDITS`: what customers may still spend, one row a currency.
    """
    spent = customers.with_columns((pl.col("gross_minor") - pl.col("discount_minor")).alias("spent_minor"))
    scored = score_customers(spent, today)
    if scores is not None and scores.height:
        kept = ["customer_id", *SCORES, *(name for name in MORE_SCORES if name in scores.columns)]
        scored = add_tiers(scored.join(scores.select(kept), on="customer_id", how="left", maintain_order="left"))
    if extras is None:
        scored = scored.with_columns(pl.lit(None, kind).alias(name) for name, kind in EXTRAS.items())
    else:
        more = extras.select("customer_id", *EXTRAS)
        scored = scored.join(more, on="customer_id", how="left", maintain_order="left")
    owed = pl.DataFrame(schema=CREDITS) if credits is None else credits
    return Facts(scored, orders, read_lines, today, currency, zone, country, owed)


def places_of(customers: pl.DataFrame) -> pl.DataFrame:
    """Return the point of each address on the unit sphere: ``place_x, place_y, place_z``.

    Polish postal codes are known one by one, other addresses by the centre of their country (`oms_core.locations`).
    """
    code = pl.when(pl.col("country") == "PL").then(pl.col("postal_code")).otherwise(pl.lit("")).fill_null("")
    keys = customers.select(pl.col("country").fill_null(""), code.alias("code"))
    known = keys.unique()
    points = [locate(country, code) for country, code in known.iter_rows()]
    vectors = [unit_vector(p.latitude, p.longitude) if p else (None, None, None) for p in points]
    found = pl.DataFrame(vectors, schema={f"place_{axis}": pl.Float64 for axis in "xyz"}, orient="row")
    return keys.join(
        pl.concat([known, found], how="horizontal"), on=["country", "code"], how="left", maintain_order="left"
    ).drop("country", "code")
