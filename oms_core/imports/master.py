"""Write channels, products and customers an import needs; return every key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from oms_core.catalog.tables import Product, Variant
from oms_core.customers.tables import Customer, CustomerIdentity
from oms_core.imports.ingest import insert, with_ids
from oms_core.imports.known import Known
from oms_core.imports.plan import Plan
from oms_core.locations.tables import Channel

if TYPE_CHECKING:
    import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class Keys:
    """The ids everything else refers to: ``code -> id``, ``sku -> id``, documents' people."""

    channels: pl.DataFrame
    variants: pl.DataFrame
    people: pl.DataFrame


def write_master(connection: sa.Connection, plan: Plan, known: Known) -> Keys:
    """Write channels, products, variants, customers and their identities; return every key."""
    return Keys(_channels(connection, plan, known), _variants(connection, plan, known), _people(connection, plan))


def _channels(connection: sa.Connection, plan: Plan, known: Known) -> pl.DataFrame:
    used = set(plan.heads["channel"].unique())
    rows = [
        (c.code, c.name, c.kind, i)
        for i, c in enumerate(plan.batch.channels)
        if c.code in used and c.code not in known.channels
    ]
    made = pl.DataFrame(
        rows, schema={"code": pl.String, "name": pl.String, "kind": pl.String, "position": pl.Int64}, orient="row"
    )
    made = with_ids(connection, Channel, made).with_columns(pl.col("position") + len(known.channels))
    insert(connection, Channel, made)
    had = pl.DataFrame(
        {"channel": list(known.channels), "channel_id": list(known.channels.values())},
        schema={"channel": pl.String, "channel_id": pl.Int64},
    )
    return pl.concat([had, made.select(pl.col("code").alias("channel"), pl.col("id").alias("channel_id"))])


def _variants(connection: sa.Connection, plan: Plan, known: Known) -> pl.DataFrame:
    codes = pl.DataFrame(
        {"code": list(known.products), "product_id": list(known.products.values())},
        schema={"code": pl.String, "product_id": pl.Int64},
    )
    fresh = plan.variants.with_columns(code=pl.col("sku"))
    products = with_ids(connection, Product, fresh.join(codes, on="code", how="anti", maintain_order="left"))
    insert(connection, Product, products)
    every = pl.concat([codes, products.select("code", pl.col("id").alias("product_id"))])
    variants = with_ids(connection, Variant, fresh.join(every, on="code", how="left", maintain_order="left"))
    insert(connection, Variant, variants)
    had = pl.DataFrame(
        {"sku": list(known.variants), "variant_id": list(known.variants.values())},
        schema={"sku": pl.String, "variant_id": pl.Int64},
    )
    return pl.concat([had, variants.select("sku", pl.col("id").alias("variant_id"))])


def _people(connection: sa.Connection, plan: Plan) -> pl.DataFrame:
    """Write new customers and names; return ``order, customer_id``."""
    who = plan.people
    new = with_ids(connection, Customer, who.new)
    numbered = new.with_columns(
        pl.coalesce("number", pl.format("CU-{}", pl.col("id").cast(pl.String).str.zfill(6))).alias("number"),
        kind=pl.lit(plan.batch.customer_kind),
    )
    insert(connection, Customer, numbered)
    made = new.select("customer_key", pl.col("id").alias("new_id"))
    found = pl.coalesce("customer_id", "new_id").alias("customer_id")
    names = who.identities.join(made, on="customer_key", how="left", maintain_order="left").with_columns(found)
    source = pl.when(pl.col("kind") == "external").then(pl.lit(plan.batch.source)).otherwise(pl.lit(""))
    insert(connection, CustomerIdentity, with_ids(connection, CustomerIdentity, names.with_columns(source=source)))
    return who.keys.join(made, on="customer_key", how="left", maintain_order="left").select("order", found)
