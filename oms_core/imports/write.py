"""Write a plan: a constant number of statements for any number of orders, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import polars as pl
import sqlalchemy as sa

from oms_core.imports.ingest import insert, with_ids
from oms_core.imports.known import TOTALS, Known
from oms_core.imports.master import Keys
from oms_core.imports.plan import Plan
from oms_core.imports.tables import ImportDocument, ImportRun, RejectedRow
from oms_core.kernel import clock
from oms_core.kernel.rows import table_of
from oms_core.orders import status
from oms_core.orders.tables import Order, OrderAdjustment, OrderLine
from oms_core.payments.tables import Charge, Payment
from oms_core.returns.tables import Return, ReturnAdjustment, ReturnLine

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_MONEY = ("gross_minor", "discount_minor", "shipping_minor", "tax_minor", "other_minor", "total_minor")


def write_documents(
    session: Session, plan: Plan, keys: Keys, known: Known, *, progress: Callable[[str, float], None]
) -> None:
    """Write orders, returns and charges that lie in the window; then settle the shop's older orders."""
    connection = session.connection()
    inside = plan.heads.filter("is_inside").select("order", "business_date")
    progress("storing orders", 0.55)
    orders = _orders(connection, plan, keys, known, inside)
    progress("storing order lines", 0.6)
    lines = _lines(connection, plan, keys, orders)
    progress("storing returns and charges", 0.9)
    _returns(connection, plan, keys, known, orders, lines)
    _charges(connection, plan, keys, inside)
    _settle(session, plan)


def _document(frame: pl.DataFrame, keys: Keys) -> pl.DataFrame:
    """Add a document's customer, channel and address under the tables' names."""
    return (
        frame.drop("customer_id", strict=False)
        .join(keys.people, on="order", how="left", maintain_order="left")
        .join(keys.channels, on="channel", how="left", maintain_order="left")
        .rename({
            "name": "ship_name", "street": "ship_line1", "city": "ship_city", "region": "ship_region",
            "postal_code": "ship_postal_code", "country": "ship_country",
        })
        .with_columns(pl.col("^ship_.*$").fill_null(""), is_history=pl.lit(value=True))
    )  # fmt: skip


def _number(source: str, known: Known) -> pl.Expr:
    """Return the document's number: the source's own if it is free, else with the source before it."""
    taken = pl.Series(list(known.numbers), dtype=pl.String).implode()
    own = pl.col("external_id")
    return pl.when(own.is_in(taken)).then(pl.format("{}-{}", pl.lit(source), own)).otherwise(own).alias("number")


def _orders(connection: sa.Connection, plan: Plan, keys: Keys, known: Known, inside: pl.DataFrame) -> pl.DataFrame:
    """Insert new orders, add to the totals of mended ones; return ``order, order_id``."""
    mine = plan.sales.orders.join(inside.select("order"), on="order", how="semi", maintain_order="left")
    new = mine.join(plan.stored, on="order", how="anti", maintain_order="left").with_columns(external_id="order")
    new = _document(new.with_columns(_number(plan.batch.source, known)), keys)
    new = with_ids(connection, Order, new.with_columns(placed_at="at", **_stated(plan)))
    insert(connection, Order, new)
    insert(connection, Payment, _payments(connection, new))
    more = mine.join(plan.stored, on="order", how="inner")
    if more.height:
        table = table_of(Order)
        change = {c: table.c[c] + sa.bindparam(f"more_{c}") for c in _MONEY} | {"version": table.c.version + 1}
        connection.execute(
            sa.update(table).where(table.c.id == sa.bindparam("key")).values(change),
            [{"key": r["order_id"]} | {f"more_{c}": r[c] for c in _MONEY} for r in more.iter_rows(named=True)],
        )
    return pl.concat([new.select("order", pl.col("id").alias("order_id")), more.select("order", "order_id")])


def _stated(plan: Plan) -> dict[str, pl.Expr]:
    """Return the status columns of new orders, equal to what `orders.status` derives from their facts."""
    lost = plan.sales.lines.group_by("order").agg(pl.col("returned_qty").sum(), pl.col("shipped_qty").sum())
    some = pl.Series(lost.filter(pl.col("returned_qty") > 0)["order"]).implode()
    whole = pl.Series(
        lost.filter((pl.col("returned_qty") > 0) & (pl.col("returned_qty") >= pl.col("shipped_qty")))["order"]
    ).implode()
    shipped, order = pl.col("is_shipped"), pl.col("order")
    paid = shipped | pl.col("is_paid") | (pl.col("total_minor") == 0)
    return {
        "payment_status": pl.when(paid).then(pl.lit("paid")).otherwise(pl.lit("none")),
        "fulfillment_status": pl.when(shipped).then(pl.lit("fulfilled")).otherwise(pl.lit("unfulfilled")),
        "delivery_status": pl.when(shipped).then(pl.lit("delivered")).otherwise(pl.lit("pending")),
        "return_status": (
            pl.when(order.is_in(whole)).then(pl.lit("returned"))
            .when(order.is_in(some)).then(pl.lit("partially_returned"))
            .otherwise(pl.lit("none"))
        ),
        "cancelled_at": pl.when(pl.col("state") == "cancelled").then(pl.coalesce("cancelled_at", "at")),
        "closed_at": pl.when(pl.col("state") == "closed").then(pl.col("at")),
    }  # fmt: skip


def _payments(connection: sa.Connection, orders: pl.DataFrame) -> pl.DataFrame:
    """Return the payments the source states: of orders paid and not yet sent."""
    paid = orders.filter(pl.col("is_paid") & (pl.col("total_minor") > 0)).select(
        pl.col("id").alias("order_id"), pl.lit("capture").alias("kind"), pl.col("total_minor").alias("amount_minor"),
        "currency", pl.lit("stated by source").alias("gateway"), "at", "business_date",
    )  # fmt: skip
    return with_ids(connection, Payment, paid)


def _lines(connection: sa.Connection, plan: Plan, keys: Keys, orders: pl.DataFrame) -> pl.DataFrame:
    """Insert lines and adjustments; return ``sequence, order_line_id, order_id``."""
    lines = plan.sales.lines.join(orders, on="order", how="inner", maintain_order="left")
    lines = lines.join(keys.variants, on="sku", how="left", maintain_order="left")
    lines = with_ids(connection, OrderLine, lines.with_columns(pl.col("title").fill_null("")))
    insert(connection, OrderLine, lines)
    beside = plan.sales.adjustments.join(orders, on="order", how="inner", maintain_order="left")
    beside = beside.with_columns(pl.col("title").fill_null(""))
    insert(connection, OrderAdjustment, with_ids(connection, OrderAdjustment, beside))
    return lines.select("sequence", pl.col("id").alias("order_line_id"), "order_id")


def _returns(
    connection: sa.Connection, plan: Plan, keys: Keys, known: Known, orders: pl.DataFrame, lines: pl.DataFrame
) -> None:
    """Insert returns with their goods and corrections; each belongs to the order it reverses."""
    inside = plan.heads.filter("is_inside").select("order")
    back = plan.credits.lines.join(inside, on="order", how="semi", maintain_order="left")
    made = plan.credits.returns.join(inside, on="order", how="semi", maintain_order="left")
    sale = back.filter(pl.col("matched_order").is_not_null()).unique("external_id", keep="first")
    sale = sale.join(orders, left_on="matched_order", right_on="order", how="left")
    sale = sale.select("external_id", pl.coalesce("sold_order_id", "order_id").alias("order_id"), "sold_channel")
    made = made.join(sale, on="external_id", how="left", maintain_order="left")
    made = made.with_columns(channel=pl.coalesce("sold_channel", "channel"))
    made = _document(made, keys).with_columns(
        _number(plan.batch.source, known), state=pl.lit("closed"), requested_at="at", received_at="at", closed_at="at"
    )
    made = with_ids(connection, Return, made)
    insert(connection, Return, made)
    ids = made.select("external_id", pl.col("id").alias("return_id"))
    back = back.join(ids, on="external_id", how="left", maintain_order="left")
    back = back.join(
        lines.select(pl.col("sequence").alias("sold_sequence"), "order_line_id"),
        on="sold_sequence",
        how="left",
        maintain_order="left",
    )
    back = back.join(keys.variants, on="sku", how="left", maintain_order="left").with_columns(
        pl.coalesce("sold_line_id", "order_line_id").alias("order_line_id"),
        pl.col("title").fill_null(""),
        received_qty="quantity",
        disposition=pl.lit("restock"),
    )
    insert(connection, ReturnLine, with_ids(connection, ReturnLine, back))
    beside = plan.credits.adjustments.join(ids, on="external_id", how="inner", maintain_order="left")
    insert(
        connection,
        ReturnAdjustment,
        with_ids(connection, ReturnAdjustment, beside.with_columns(pl.col("title").fill_null(""))),
    )


def _charges(connection: sa.Connection, plan: Plan, keys: Keys, inside: pl.DataFrame) -> None:
    made = plan.charges.join(inside, on="order", how="inner", maintain_order="left")
    made = made.join(keys.people, on="order", how="left", maintain_order="left")
    made = made.join(keys.channels, on="channel", how="left", maintain_order="left")
    stock = pl.col("kind").is_in(["stock_write_off", "stock_found"])
    made = made.with_columns(
        pl.col("title").fill_null(""),
        pl.when(~stock).then("channel_id").alias("channel_id"),
        source=pl.lit(plan.batch.source),
    )
    insert(connection, Charge, with_ids(connection, Charge, made))


def _settle(session: Session, plan: Plan) -> None:
    """Count units that came back on the shop's older lines; derive the status of every order touched."""
    table = table_of(OrderLine)
    if plan.reversed.height:
        session.connection().execute(
            sa.update(table)
            .where(table.c.id == sa.bindparam("key"))
            .values(returned_qty=table.c.returned_qty + sa.bindparam("more")),
            [{"key": r["line_id"], "more": r["quantity"]} for r in plan.reversed.iter_rows(named=True)],
        )
    touched = {*plan.reversed["order_id"], *plan.stored["order_id"]}
    if touched:
        status.refresh(session, sorted(touched))


def write_run(session: Session, plan: Plan, run: ImportRun) -> None:
    """Write the run, the documents it brought and the rows it refused; resolve what was mended."""
    session.add(run)
    session.flush()
    connection = session.connection()
    here = pl.lit(plan.batch.source).alias("source"), pl.lit(run.id, pl.Int64).alias("import_run_id")
    new = plan.documents.join(_appended(plan), on="order", how="anti", maintain_order="left")
    documents = new.with_columns(*here, external_id="order")
    insert(connection, ImportDocument, with_ids(connection, ImportDocument, documents))
    refused = plan.rejected.filter("is_new").unique(["file_name", "row_number", "raw_sha256"], maintain_order=True)
    insert(connection, RejectedRow, with_ids(connection, RejectedRow, refused.with_columns(*here)))
    _resolve(connection, plan)


def _appended(plan: Plan) -> pl.DataFrame:
    return plan.choice.rows.filter("appends").select("order").unique()


def _resolve(connection: sa.Connection, plan: Plan) -> None:
    """Add mended rows to their documents' control totals and mark them as resolved."""
    grown = plan.documents.join(_appended(plan), on="order", how="semi")
    if grown.height:
        table = table_of(ImportDocument)
        change = {c: table.c[c] + sa.bindparam(f"more_{c}") for c in TOTALS}
        where = (table.c.source == plan.batch.source) & (table.c.external_id == sa.bindparam("name"))
        rows = [{"name": r["order"]} | {f"more_{c}": r[c] for c in TOTALS} for r in grown.iter_rows(named=True)]
        connection.execute(sa.update(table).where(where).values(change), rows)
    if plan.mended.height:
        rejected = table_of(RejectedRow)
        mark = sa.update(rejected).where(rejected.c.id == sa.bindparam("key")).values(resolved_at=clock.now())
        connection.execute(mark, [{"key": key} for key in plan.mended["rejected_id"]])
