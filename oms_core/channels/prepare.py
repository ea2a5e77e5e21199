"""From files to a batch the loader takes: read, name, understand, classify, set aside what is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from oms_core.channels.classify import channels, classify
from oms_core.channels.columns import Gathered, gather
from oms_core.channels.csv_mapping import Mapping
from oms_core.channels.files import Table, read_tables
from oms_core.channels.normalise import normalise
from oms_core.imports.batch import HEADS, REJECTED, ROWS, Batch, ChannelRow, RawTable
from oms_core.imports.rejects import PLACE

MARKETPLACES = "allegro|amazon|ebay|kaufland|empik|erli|etsy|cdiscount|emag|olx|vinted|temu|zalando|bol"
_KINDS = (
    (MARKETPLACES, "marketplace"),
    ("pos|store|sklep stacjonarny|salon", "store"),
    ("b2b|hurt|wholesale|trade", "wholesale"),
    ("export|eksport", "export"),
    ("phone|telefon|manual|e-?mail", "manual"),
)


def prepare(
    files: Sequence[Path],
    mapping: Mapping,
    *,
    zone: str,
    currency: str,
    progress: Callable[[str, float], None],
) -> Batch:
    """Read files through a mapping; nothing is written anywhere.

    Parameters
    ----------
    files : sequence of Path
        In the order in which they count: of two versions of a document the first is taken.
    mapping : Mapping
        How to read them.
    zone, currency : str
        Of the shop; the mapping's own go first.
    progress : callable
        Receives ``(what, share)``.
    """
    tables: list[Table] = []
    for index, path in enumerate(files):
        progress(f"reading {path.name}", 0.3 * index / len(files))
        tables += read_tables(path, mapping.dialect, sheets=mapping.sheets)
    progress("understanding rows", 0.3)
    gathered = gather(tables, mapping)
    rows = normalise(gathered, mapping, zone=zone, currency=currency)
    rows, facts = _duplicates(rows, gathered, mapping)
    return _batch(rows, gathered, mapping, files, zone=zone, currency=currency, facts=facts)


def _duplicates(rows: pl.DataFrame, gathered: Gathered, mapping: Mapping) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Mark rows that repeat an earlier row of their table cell by cell; count them; drop them if told."""
    marks = []
    for index, table in enumerate(gathered.tables):
        cells = table.frame.select(c for c in table.columns if c != PLACE)
        first = cells.hash_rows(seed=0).is_first_distinct()
        marks.append(
            pl.DataFrame({"__table": pl.Series([index], dtype=pl.Int32), "__again": [~first]})
            .explode("__again")
            .with_columns(table.frame["__row"])
        )
    seen = pl.concat(marks)
    rows = rows.join(seen, on=["__table", "__row"], how="left", maintain_order="left")
    count = int(rows["__again"].sum())
    facts = {"duplicates": count, "collapsed": count if mapping.duplicates == "collapse" else 0}
    facts["codes_as_written"] = rows["__sku"].drop_nulls().n_unique()
    kept = rows.filter(~pl.col("__again")) if mapping.duplicates == "collapse" else rows
    return kept.drop("__again"), facts


def _batch(
    rows: pl.DataFrame,
    gathered: Gathered,
    mapping: Mapping,
    files: Sequence[Path],
    *,
    zone: str,
    currency: str,
    facts: dict[str, Any],
) -> Batch:
    good = rows.filter(pl.col("code").is_null())
    bad = [_refused(rows.filter(pl.col("code").is_not_null()))]
    good = classify(good, mapping)
    good = _checked(good)
    bad.append(_refused(good.filter(pl.col("code").is_not_null())))
    good = good.filter(pl.col("code").is_null())
    facts["ignored"] = good.filter(_ignored()).height
    good = good.filter(~_ignored())
    good = good.with_columns(channel=channels(good, mapping, _slug(mapping.source)))
    heads = _heads(good, mapping)
    rejected = pl.concat([*bad, _orphans(gathered), _broken(gathered)])
    return Batch(
        source=mapping.source,
        files=[path.name for path in files],
        mapping_sha256=mapping.sha256,
        zone=zone,
        currency=mapping.currency or currency,
        customer_kind=mapping.customer_kind,
        title_notes=mapping.title_notes,
        read=sum(t.frame.height + len(t.broken) for t in gathered.tables[: gathered.line_tables]),
        rows=good.select(
            pl.col("__table").alias("table"),
            pl.col("__row").alias("row"),
            pl.col("__place").alias("place"),
            *list(ROWS)[3:],
        ),
        rejected=rejected,
        tables=[RawTable(name=t.name, frame=t.frame, extra=dict(t.broken)) for t in gathered.tables],
        heads=heads,
        channels=_channel_rows(heads, rows, mapping),
        facts=facts,
        joined=_joined(rejected, rows),
        places=_places(rejected, rows),
    )


def _joined(rejected: pl.DataFrame, rows: pl.DataFrame) -> dict[tuple[int, int], tuple[int, int]]:
    """Return where the orders of refused lines stand, if they came in another file."""
    if "__head" not in rows.columns:
        return {}
    here = _of_refused(rejected, rows).filter(pl.col("__head").is_not_null())
    return {(t, r): (ht, h) for t, r, ht, h in here.select("table", "row", "__head_table", "__head").iter_rows()}


def _places(rejected: pl.DataFrame, rows: pl.DataFrame) -> dict[tuple[int, int], str]:
    """Return what refused rows say they mend."""
    here = _of_refused(rejected, rows).filter(pl.col("__place").is_not_null())
    return {(t, r): p for t, r, p in here.select("table", "row", "__place").iter_rows()}


def _of_refused(rejected: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    named = rows.rename({"__table": "table", "__row": "row"})
    return named.join(rejected.select("table", "row"), on=["table", "row"], how="semi")


def _ignored() -> pl.Expr:
    return (pl.col("kind") == "ignore") | (pl.col("status") == "ignore").fill_null(value=False)


def _checked(rows: pl.DataFrame) -> pl.DataFrame:
    """Refuse what has no meaning once the row's kind is known; the first reason stands."""
    product = (pl.col("kind") == "product") & pl.col("flow").is_in(["sale", "return"])
    is_sale = pl.col("flow") == "sale"
    at = pl.col("at").min().over("order")
    money = pl.col("currency").first().over("order")
    too_much = pl.col("line_discount").abs() > pl.col("amount").abs()
    both_negative = product & (pl.col("flow") == "return") & (pl.col("quantity") > 0) & (pl.col("amount") > 0)
    checks = [
        (at.is_null(), "date.missing", "the order has no date"),
        (product & pl.col("sku").is_null(), "sku.missing", "a product's row has no code"),
        (product & pl.col("quantity").is_null(), "quantity.missing", "a product's row has no quantity"),
        (pl.col("quantity") == 0, "quantity.zero", "the quantity is 0"),
        (pl.col("amount").is_null(), "price.missing", "the row has no price"),
        (product & is_sale & (pl.col("quantity") < 0), "quantity.negative", "a sale's quantity is negative"),
        (product & is_sale & (pl.col("amount") < 0), "price.negative", "a product's price is negative"),
        (product & too_much, "discount.too_large", "the discount is more than the line"),
        (both_negative, "price.negative", "units come back at a negative price: which way the money goes is not said"),
        (pl.col("currency") != money, "currency.mixed", "the order's other rows are in another currency"),
    ]  # fmt: skip
    code: pl.Expr = pl.lit(None, pl.String)
    reason: pl.Expr = pl.lit(None, pl.String)
    for holds, name, words in reversed(checks):
        code = pl.when(holds).then(pl.lit(name)).otherwise(code)
        reason = pl.when(holds).then(pl.lit(words)).otherwise(reason)
    return rows.with_columns(code=code, reason=reason)


def _refused(rows: pl.DataFrame) -> pl.DataFrame:
    order = pl.col("order").fill_null("").str.slice(0, 120)
    return rows.select(pl.col("__table").alias("table"), pl.col("__row").alias("row"), order, "code", "reason")


def _orphans(gathered: Gathered) -> pl.DataFrame:
    return _refused(
        gathered.orphans.with_columns(code=pl.lit("order.no_lines"), reason=pl.lit("the order has no line in any file"))
    )


def _broken(gathered: Gathered) -> pl.DataFrame:
    rows = [
        (index, number, "", "row.fields", "the row has more fields than the header")
        for index, table in enumerate(gathered.tables)
        for number, _ in table.broken
    ]
    return pl.DataFrame(rows, schema=REJECTED, orient="row")


def _heads(rows: pl.DataFrame, mapping: Mapping) -> pl.DataFrame:
    """Return one row a document: its first word on everything, its earliest minute."""
    first = [
        c for c in HEADS if c not in {"order", "at", "shipping", "discount", "tax", "fee", "total", "country", "region"}
    ]
    money = ("shipping", "discount", "tax", "fee", "total")
    added = [pl.when(pl.col(c).is_not_null().any()).then(pl.col(c).sum()).alias(c) for c in money]
    amounts = [pl.col(c).drop_nulls().first() for c in money] if mapping.amounts_repeat else added
    places = [pl.col(c).filter(pl.col(c) != "").first().fill_null("") for c in ("country", "region")]
    rows = rows.with_columns(_person(mapping))
    grouped = rows.group_by("order", maintain_order=True).agg(
        pl.col("at").min(), *(pl.col(c).drop_nulls().first() for c in first), *amounts, *places
    )
    return grouped.with_columns(
        tax=pl.lit(None, pl.Int64) if mapping.prices_include_tax else pl.col("tax"),
    ).select(*HEADS)


def _person(mapping: Mapping) -> list[pl.Expr]:
    """Forget customer ids that mean nobody and e-mails that are none ("brak", "-"): they would unite strangers."""
    email = pl.col("email").str.to_lowercase()
    real = pl.when(email.str.contains(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")).then(email)
    somebody = pl.col("customer")
    if mapping.guests:
        somebody = pl.when(~somebody.str.contains(mapping.guests)).then(somebody)
    return [real.alias("email"), somebody.alias("customer")]


def _channel_rows(heads: pl.DataFrame, rows: pl.DataFrame, mapping: Mapping) -> list[ChannelRow]:
    """Return the channels in the order of the rules, then those the data names itself."""
    listed = [
        ChannelRow(code=r.code, name=r.name or r.code, kind=r.kind or guess_kind(r.code)) for r in mapping.channel_rules
    ]
    known = {c.code for c in listed}
    written = {_slug(word): word for word in rows["channel"].drop_nulls().unique().sort()}
    for code in heads["channel"].unique().sort():
        if code not in known:
            name = written.get(code) or (mapping.title or mapping.source)
            listed.append(ChannelRow(code=code, name=name[:120], kind=guess_kind(name)))
    return listed


def guess_kind(name: str) -> str:
    """Return the kind a channel's name suggests; a web shop if it suggests none."""
    import re

    return next((kind for words, kind in _KINDS if re.search(words, name.lower())), "web")


def _slug(text: str) -> str:
    import re

    return re.sub(r"[^\w]+", "-", text.lower()).strip("-") or "shop"
