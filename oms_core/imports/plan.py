"""What an import would store, computed without storing anything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from oms_core.imports.batch import Batch
from oms_core.imports.books import charges
from oms_core.imports.choose import Choice, choose, control_totals
from oms_core.imports.credits import Credits, credit_notes, return_lines
from oms_core.imports.goods import new_variants
from oms_core.imports.known import Known, charge_counts, sold_lines, stored_orders
from oms_core.imports.matching import Returned, SoldLine, match
from oms_core.imports.people import People, people
from oms_core.imports.rejects import mended, rejected_rows
from oms_core.imports.sales import HEAD_AMOUNTS, Sales, sales

if TYPE_CHECKING:
    import sqlalchemy as sa


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Frames by the source's document numbers; `is_inside` of `heads` says what is to be stored.

    ``stored`` has the shop's orders that get mended rows, ``reversed`` the shop's lines that new returns
    reverse (``line_id, order_id, quantity``).
    """

    batch: Batch
    choice: Choice
    heads: pl.DataFrame
    sales: Sales
    credits: Credits
    charges: pl.DataFrame
    people: People
    variants: pl.DataFrame
    stored: pl.DataFrame
    reversed: pl.DataFrame
    documents: pl.DataFrame
    mended: pl.DataFrame
    rejected: pl.DataFrame


def make_plan(
    connection: sa.Connection, batch: Batch, known: Known, *, since: datetime | None, until: datetime | None
) -> Plan:
    """Turn a batch into what has to be written; reads the database, writes nothing."""
    rows = batch.rows.with_row_index("sequence").with_columns(pl.col("sequence").cast(pl.Int64))
    mends = mended(batch, known.rejected)
    choice = choose(rows, batch.heads.select("order", "channel"), known.documents, known.elsewhere, mends)
    who = people(_kept(batch.heads, choice.rows), known.identities, known.customer_numbers, source=batch.source)
    heads = _heads(_kept(batch.heads, choice.rows), who, batch.zone, since, until)
    heads = _unstated(heads, choice.rows)
    taken = choice.rows.join(
        heads.select("order", "currency", "at", "customer_key", "status", "returned_at"),
        on="order",
        how="left",
        maintain_order="left",
    )
    appended = choice.rows.filter("appends")["order"].unique().to_list()
    stored = stored_orders(connection, heads["channel"].unique().to_list(), appended)
    sold = sales(taken, heads, stored)
    taken = _with_returned(taken)
    back = _matched(connection, batch, heads, sold, return_lines(taken))
    inside = heads.filter("is_inside").select("order")
    settled = back.join(inside, on="order", how="semi")
    sold = replace(sold, lines=_returned_qty(sold.lines, settled))
    books = charges(taken, heads, sold=sold.orders, taken=charge_counts(connection, batch.source, appended))
    goods = pl.concat([_goods(sold.lines, heads), _goods(back, heads)])
    return Plan(
        batch=batch,
        choice=choice,
        heads=heads,
        sales=sold,
        credits=credit_notes(taken, heads, back),
        charges=books,
        people=who,
        variants=new_variants(goods, known.variants, batch.title_notes),
        stored=stored,
        reversed=_reversed(settled),
        documents=control_totals(choice.rows.join(inside, on="order", how="semi", maintain_order="left"), "order"),
        mended=choice.rows.filter(pl.col("is_open").fill_null(value=False))
        .join(inside, on="order", how="semi")
        .select("rejected_id"),
        rejected=_new_rejections(rejected_rows(batch), known),
    )


def _kept(heads: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    return heads.join(rows, on="order", how="semi", maintain_order="left")


def _heads(heads: pl.DataFrame, who: People, zone: str, since: datetime | None, until: datetime | None) -> pl.DataFrame:
    """Add the customer, the business day, and whether the document lies in the window."""
    inside = pl.lit(value=True)
    if since is not None:
        inside &= pl.col("at") >= since
    if until is not None:
        inside &= pl.col("at") < until
    day = pl.col("at").dt.convert_time_zone(zone).dt.date()
    return heads.join(who.keys, on="order", how="left", maintain_order="left").with_columns(
        business_date=day, is_inside=inside
    )


def _unstated(heads: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Forget what was stated for whole documents that were taken before: it is counted already."""
    before = rows.filter("appends")["order"].unique().implode()
    amounts = [pl.when(~pl.col("order").is_in(before)).then(c).alias(c) for c in HEAD_AMOUNTS]
    return heads.with_columns(amounts) if rows["appends"].any() else heads


def _with_returned(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the rows that come back of orders whose status says they were returned."""
    whole = rows.filter((pl.col("status") == "returned") & (pl.col("flow") == "sale") & (pl.col("kind") == "product"))
    back = whole.with_columns(
        flow=pl.lit("return"),
        amount=-pl.col("amount"),
        reverses="order",
        at=pl.coalesce("returned_at", "at"),
    )
    return pl.concat([rows, back])


def _matched(
    connection: sa.Connection, batch: Batch, heads: pl.DataFrame, sold: Sales, back: pl.DataFrame
) -> pl.DataFrame:
    """Match returned lines to sales of this import and of the shop."""
    key = heads.select(
        "order",
        "at",
        pl.coalesce(pl.col("customer_id").cast(pl.String), "customer_key").alias("person"),
        "channel",
        "customer_id",
    )
    wanted = back.select("order", "reverses").join(key, on="order", how="left")
    stored = sold_lines(
        connection,
        wanted["customer_id"].drop_nulls().unique().to_list(),
        wanted["reverses"].drop_nulls().unique().to_list(),
        batch.source,
    )
    asked = back.join(key.select("order", "person"), on="order", how="left", maintain_order="left")
    here = _reversible(sold.lines.join(key, on="order", how="left", maintain_order="left"), asked)
    candidates = [
        SoldLine(
            ("stored", r["line_id"]),
            r["order"],
            str(r["customer_id"]),
            r["sku"],
            r["unit_price_minor"],
            r["at"],
            r["left_qty"],
        )
        for r in stored.iter_rows(named=True)
    ] + [
        SoldLine(
            ("new", r["sequence"]), r["order"], r["person"], r["sku"], r["unit_price_minor"], r["at"], r["shipped_qty"]
        )
        for r in here.iter_rows(named=True)
    ]
    candidates.sort(key=lambda line: line.at)
    columns = ("sequence", "order", "person", "sku", "unit_price_minor", "quantity", "at", "reverses")
    returned = [Returned(*row) for row in asked.sort("at", "sequence").select(columns).iter_rows()]
    return _joined(back, match(candidates, returned), stored, key)


def _reversible(lines: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """Keep the new lines that some return could reverse, in time order."""
    shipped = lines.filter(pl.col("shipped_qty") > 0)
    same_person = shipped.join(asked, on=["person", "sku"], how="semi")
    named = asked.select(pl.coalesce("reverses", "order").alias("order"), "sku")
    same_order = shipped.join(named, on=["order", "sku"], how="semi")
    return pl.concat([same_person, same_order]).unique("sequence").sort("at", "sequence")


def _joined(back: pl.DataFrame, hits: dict[int, SoldLine], stored: pl.DataFrame, key: pl.DataFrame) -> pl.DataFrame:
    """Write the matches beside the returned lines."""
    schema = {"sequence": pl.Int64, "matched_order": pl.String, "sold_sequence": pl.Int64, "sold_line_id": pl.Int64}
    rows = [
        (
            sequence,
            hit.order,
            hit.key[1] if hit.key[0] == "new" else None,
            hit.key[1] if hit.key[0] == "stored" else None,
        )
        for sequence, hit in hits.items()
    ]
    found = pl.DataFrame(rows, schema=schema, orient="row")
    sale = stored.select(
        pl.col("line_id").alias("sold_line_id"),
        pl.col("order_id").alias("sold_order_id"),
        pl.col("channel").alias("stored_channel"),
        pl.col("position").alias("sold_position"),
    )
    back = back.join(found, on="sequence", how="left", maintain_order="left")
    back = back.join(sale, on="sold_line_id", how="left", maintain_order="left")
    new_channel = key.select(pl.col("order").alias("matched_order"), pl.col("channel").alias("new_channel"))
    back = back.join(new_channel, on="matched_order", how="left", maintain_order="left")
    sold = pl.coalesce("stored_channel", "new_channel").alias("sold_channel")
    return back.with_columns(sold).drop("stored_channel", "new_channel")


def _reversed(back: pl.DataFrame) -> pl.DataFrame:
    """Sum the units that lines of the shop lose."""
    lost = back.filter(pl.col("sold_line_id").is_not_null())
    line, order = pl.col("sold_line_id").alias("line_id"), pl.col("sold_order_id").alias("order_id")
    return lost.group_by(line, order).agg(pl.col("quantity").sum())


def _returned_qty(lines: pl.DataFrame, back: pl.DataFrame) -> pl.DataFrame:
    """Count the units that came back on each new line."""
    lost = (
        back.filter(pl.col("sold_sequence").is_not_null())
        .group_by(pl.col("sold_sequence").alias("sequence"))
        .agg(pl.col("quantity").sum().alias("returned_qty"))
    )
    lines = lines.join(lost, on="sequence", how="left", maintain_order="left")
    return lines.with_columns(pl.col("returned_qty").fill_null(0))


def _goods(lines: pl.DataFrame, heads: pl.DataFrame) -> pl.DataFrame:
    head = heads.select("order", "currency", "at")
    bare = lines.select("sequence", "order", "sku", "title", "unit_price_minor")
    return bare.join(head, on="order", how="left", maintain_order="left")


def _new_rejections(rejected: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Mark the rejections the shop does not have yet."""
    from oms_core.imports.rejects import place

    have = {(r.file_name, r.row_number, r.raw_sha256) for r in known.rejected}
    names = {place(*key) for key in have}
    keys = rejected.select("file_name", "row_number", "raw_sha256", "place").iter_rows()
    fresh = [(f, n, s) not in have and p not in names for f, n, s, p in keys]
    return rejected.with_columns(pl.Series("is_new", fresh, dtype=pl.Boolean))
