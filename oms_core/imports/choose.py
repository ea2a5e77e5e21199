"""Which documents of a batch are new, which are there already, which differ."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import polars as pl

from oms_core.imports.known import TOTALS


@dataclass(frozen=True, slots=True)
class Choice:
    """The rows to take and the documents not to.

    Attributes
    ----------
    rows : polars.DataFrame
        Rows to store, with ``sequence`` and ``appends`` (the document was taken before: a mended row).
    unchanged, changed : list of str
        Documents found again equal, and found again different (not touched).
    row_counts : dict
        Rows not taken, by reason: unchanged, changed, overlapping.
    """

    rows: pl.DataFrame
    unchanged: list[str]
    changed: list[str]
    row_counts: dict[str, int]


def control_totals(rows: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Return rows, units, exact amount and units weighted by a hash of their code, by document.

    The totals add up: those of a document are the sums of those of its parts.
    """
    codes = rows["sku"].fill_null("").unique()
    hashes = pl.Series([zlib.crc32(code.encode()) for code in codes], dtype=pl.Int64)
    code = pl.col("sku").fill_null("").replace_strict(codes, hashes, default=0, return_dtype=pl.Int64)
    if rows.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(by, pl.String) | dict.fromkeys(TOTALS, pl.Int64))
    quantity = pl.col("quantity").fill_null(1)
    return rows.group_by(*by, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("row_count"),
        quantity.sum().alias("total_qty"),
        pl.col("amount").sum().alias("total_micro"),
        (code * quantity).sum().alias("code_hash"),
    )


def choose(
    rows: pl.DataFrame, channels: pl.DataFrame, known: pl.DataFrame, elsewhere: pl.DataFrame, mends: pl.DataFrame
) -> Choice:
    """Compare a batch with what the shop has.

    Parameters
    ----------
    rows : polars.DataFrame
        ``Batch.rows`` plus ``sequence``.
    channels : polars.DataFrame
        ``order, channel`` of the batch's documents.
    known : polars.DataFrame
        ``order`` and control totals of documents this source brought before.
    elsewhere : polars.DataFrame
        ``order, channel`` of documents that came another way.
    mends : polars.DataFrame
        See :func:`oms_core.imports.rejects.mended`.

    Notes
    -----
    A document that stands twice in one table, whole and equal, with others between (exports pasted below each
    other), counts once. A document in two tables of one import is one document: the first table's rows count; rows of a
    later table are dropped when they are the same (overlapping exports), added when they share no line
    with the first (an export cut in two), and otherwise reported as changed.

    A document taken before is unchanged when its control totals are; a mended row is added to it;
    anything else is reported as changed and not touched.
    """
    rows = rows.join(mends, on=["table", "row"], how="left", maintain_order="left")
    whole = _without_repeats(rows)
    repeats = rows.height - whole.height
    rows, overlapping, torn = _one_table_each(whole)
    again = rows.filter((pl.col("by_name") & ~pl.col("is_open")).fill_null(value=False))
    rows = rows.join(again.select("sequence"), on="sequence", how="anti", maintain_order="left")
    other = channels.join(elsewhere, on=["order", "channel"], how="semi")["order"]
    there = pl.concat([known["order"], other])
    is_there = pl.col("order").is_in(there.implode())
    new = rows.filter(~is_there).with_columns(appends=pl.lit(value=False))
    old = rows.filter(is_there)
    mending = old.filter(pl.col("is_open").fill_null(value=False) & ~pl.col("order").is_in(other.implode()))
    rest = old.join(mending.select("sequence"), on="sequence", how="anti", maintain_order="left")
    totals = control_totals(rest, "order")
    same = totals.join(known, on=["order", *TOTALS], how="semi")["order"].to_list()
    same += totals.join(pl.DataFrame({"order": other}), on="order", how="semi")["order"].to_list()
    different = totals.filter(~pl.col("order").is_in(pl.Series(same, dtype=pl.String).implode()))
    counts = {
        "unchanged": rest.height - int(different["row_count"].sum()) + again.height,
        "changed": int(different["row_count"].sum()) + torn.height,
        "overlapping": overlapping + repeats,
    }
    taken = pl.concat([new, mending.with_columns(appends=pl.lit(value=True))]).sort("sequence")
    changed = list(dict.fromkeys([*different["order"], *torn["order"]]))
    return Choice(taken, list(dict.fromkeys(same)), changed, counts)


def _without_repeats(rows: pl.DataFrame) -> pl.DataFrame:
    """Drop the second half of a document's blocks in a table when it repeats the first half, block by block.

    Only in tables that keep documents together (no more than two blocks a document): in shuffled rows two
    equal lines of one document say nothing.
    """
    begins = (pl.col("order") != pl.col("order").shift(1)) | (pl.col("table") != pl.col("table").shift(1))
    blocks = rows.with_columns(block=begins.fill_null(value=True).cum_sum())
    several = pl.col("block").n_unique().over("table", "order") > 1
    tidy = pl.col("block").n_unique().over("table") <= 2 * pl.col("order").n_unique().over("table")
    doubtful = blocks.filter(several & tidy)
    if doubtful.is_empty():
        return rows
    totals = control_totals(doubtful, "table", "order", "block")
    each, half = ["table", "order"], pl.len().over("table", "order") // 2
    numbered = totals.with_columns(number=pl.int_range(pl.len()).over(each), half=half)
    second = numbered.with_columns(pl.col("number") - pl.col("half"))
    same = second.join(numbered, on=[*each, "number", *TOTALS], how="semi").filter(pl.col("number") >= 0)
    repeated = same.group_by(each).agg(pl.len(), pl.col("half").first()).filter(pl.col("len") == pl.col("half"))
    even = totals.group_by(each).agg(pl.len()).filter(pl.col("len") % 2 == 0)
    gone = second.filter(pl.col("number") >= 0).join(repeated, on=each, how="semi").join(even, on=each, how="semi")
    drop = doubtful.join(gone, on=["table", "order", "block"], how="semi")
    return rows.join(drop.select("sequence"), on="sequence", how="anti", maintain_order="left")


def _one_table_each(rows: pl.DataFrame) -> tuple[pl.DataFrame, int, pl.DataFrame]:
    """Return rows with every document from its first table, how many repeat it, and rows that differ."""
    if rows["table"].n_unique() < 2:
        return rows, 0, rows.clear()
    first = pl.col("table").min().over("order")
    late = rows.filter(pl.col("table") != first)
    if late.is_empty():
        return rows, 0, late
    early = rows.filter((pl.col("table") == first) & pl.col("order").is_in(late["order"].unique().implode()))
    before, after = control_totals(early, "order"), control_totals(late, "order", "table")
    same = after.join(before, on=["order", *TOTALS], how="semi").select("order", "table")
    line = ["order", "sku", "quantity", "amount"]
    shares = late.join(early, on=line, how="semi", nulls_equal=True).select("order", "table").unique()
    repeated = late.join(same, on=["order", "table"], how="semi")
    torn = late.join(same, on=["order", "table"], how="anti").join(shares, on=["order", "table"], how="semi")
    drop = pl.concat([repeated.select("sequence"), torn.select("sequence")])
    return rows.join(drop, on="sequence", how="anti", maintain_order="left"), repeated.height, torn
