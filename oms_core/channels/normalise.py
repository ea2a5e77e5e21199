"""From text to values: every row gets its meaning or its reason for rejection."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import polars as pl

from oms_core.channels.columns import Gathered
from oms_core.channels.csv_mapping import Mapping
from oms_core.channels.instants import EARLIEST, LATEST, instants
from oms_core.channels.money_words import currency_code
from oms_core.channels.places import country
from oms_core.channels.values import LARGEST, Unreadable, amount, each, whole

#: Longest text the tables take, by column; longer texts are cut (a title) or refused (a number).
LONGEST = {"order": 110, "sku": 120, "customer": 200, "email": 254, "phone": 40, "channel": 120}
CUT = {"title": 300, "name": 200, "street": 200, "city": 120, "region": 120, "postal_code": 20, "reverses": 120}
AMOUNT_FIELDS = ("unit_price", "line_total", "line_discount", "line_tax", "shipping", "discount", "tax", "fee", "total")


class Reasons:
    """Collects why rows are refused; the first reason of a row stands."""

    def __init__(self, height: int) -> None:
        self._code = pl.Series([None] * height, dtype=pl.String)
        self._reason = pl.Series([None] * height, dtype=pl.String)

    def add(self, code: str, reason: pl.Series) -> None:
        """Refuse the rows that have a reason (non-null)."""
        if reason.null_count() == len(reason):
            return
        new = self._reason.is_null() & reason.is_not_null()
        self._code = pl.select(pl.when(new).then(pl.lit(code)).otherwise(self._code)).to_series()
        self._reason = pl.select(pl.coalesce(self._reason, reason)).to_series()

    def when(self, code: str, refused: pl.Series, text: str) -> None:
        """Refuse the rows where `refused` holds, all with the same words."""
        self.add(code, pl.select(pl.when(refused).then(pl.lit(text))).to_series())

    def columns(self) -> list[pl.Series]:
        """Return the two columns."""
        return [self._code.alias("code"), self._reason.alias("reason")]


def normalise(gathered: Gathered, mapping: Mapping, *, zone: str, currency: str) -> pl.DataFrame:
    """Read every cell.

    Parameters
    ----------
    gathered : Gathered
        Text under our names.
    mapping : Mapping
        Formats and words.
    zone, currency : str
        Of the shop, where the mapping says none.

    Returns
    -------
    polars.DataFrame
        One row a source row: identifiers and texts trimmed, ``quantity`` (units), amounts in micro
        units, ``at`` (UTC), ``country`` (ISO), ``currency`` (ISO), ``status``, ``type``, and
        ``code``/``reason`` where the row is refused.
    """
    text = gathered.rows
    why = Reasons(text.height)
    why.when("order.missing", text["order"].is_null(), "the row has no order number")
    why.when("row.fields", text["__surplus"].is_not_null(), "the row has more fields than the header")
    numbers = _numbers(text, mapping, why)
    if mapping.prices_include_tax:  # then the tax of a line is in its price and adds nothing
        numbers = [n.clear(len(n)) if n.name == "line_tax" else n for n in numbers]
    quantity, price = numbers[0].cast(pl.Float64), numbers[1].cast(pl.Float64)
    why.when("amount.too_large", (quantity * price).abs() > LARGEST, "quantity times price is no amount of money")
    at = _instants(text, mapping, mapping.zone or zone, why)
    words = _words(text, mapping, mapping.currency or currency, why)
    unknown = pl.Series(list(gathered.unknown), dtype=pl.String)
    why.when("order.unknown", text["order"].is_in(unknown.implode()), "its order is in no file of orders")
    for column, longest in LONGEST.items():
        why.when(
            f"{column}.too_long",
            text[column].str.len_chars() > longest,
            f"{column} is longer than {longest} characters",
        )
    keep = ["__table", "__row", "__place", "order", "customer", "email", "phone"]
    keep += [c for c in ("__head", "__head_table") if c in text.columns]
    return text.select(
        *keep,
        pl.col("sku").str.to_uppercase(),
        "__sku",
        pl.col("type").alias("type_written"),
        *(pl.col(c).str.slice(0, length) for c, length in CUT.items() if c != "region"),
        *numbers,
        *at,
        *words,
        *why.columns(),
    )


def _numbers(text: pl.DataFrame, mapping: Mapping, why: Reasons) -> list[pl.Series]:
    dress = {"decimal": mapping.decimal, "thousands": mapping.thousands}
    made = []
    quantity, bad = each(text["quantity"], partial(whole, **dress), pl.Int64)
    why.add("quantity.unreadable", _named(bad, "quantity"))
    made.append(quantity.alias("quantity"))
    for field in AMOUNT_FIELDS:
        values, bad = each(text[field], partial(amount, **dress), pl.Int64)
        why.add(f"{field}.unreadable", _named(bad, field))
        made.append(values.alias(field))
    return made


def _named(reason: pl.Series, field: str) -> pl.Series:
    """Put the field's name before the reason."""
    if reason.null_count() == len(reason):
        return reason
    return pl.select(pl.format("{}: {}", pl.lit(field.replace("_", " ")), reason)).to_series()


def _instants(text: pl.DataFrame, mapping: Mapping, zone: str, why: Reasons) -> list[pl.Series]:
    when = text["placed_at"]
    if text["date"].null_count() < text.height:
        joined = text.select(pl.concat_str("date", pl.col("time"), separator=" ", ignore_nulls=True)).to_series()
        when = pl.select(pl.coalesce(when, joined)).to_series()
    made = []
    for field, texts in (("date", when), ("cancelled_at", text["cancelled_at"]), ("returned_at", text["returned_at"])):
        at, bad = instants(texts, mapping.datetimes, zone)
        why.add(f"{field}.unreadable", bad)
        why.when(f"{field}.out_of_range", ~at.is_between(EARLIEST, LATEST), "the date is not between 1970 and 2100")
        made.append(at.alias("at" if field == "date" else field))
    return made


def _words(text: pl.DataFrame, mapping: Mapping, currency: str, why: Reasons) -> list[pl.Series]:
    codes, bad = each(text["currency"], partial(_currency, words=mapping.values["currency"]), pl.String)
    why.add("currency.unknown", bad)
    status, bad = each(text["status"], partial(_status, mapping=mapping), pl.String)
    why.add("status.unknown", bad)
    kind, bad = each(text["type"], partial(_type, words=mapping.values["type"]), pl.String)
    why.add("type.unknown", bad)
    place = text["country"]
    iso, _ = each(place, lambda name: country(name, mapping.values["country"])[0], pl.String)
    loose, _ = each(place, lambda name: country(name, mapping.values["country"])[1][:120], pl.String)
    region = pl.select(pl.coalesce(text["region"].str.slice(0, 120), loose)).to_series()
    channel, _ = each(text["channel"], lambda name: mapping.values["channel"].get(name.lower(), name), pl.String)
    return [
        _of_order(codes, text["order"]).fill_null(currency).alias("currency"),
        status.alias("status"),
        kind.alias("type"),
        iso.fill_null("").alias("country"),
        region.fill_null("").alias("region"),
        channel.alias("channel"),
    ]


def _of_order(values: pl.Series, order: pl.Series) -> pl.Series:
    """Return values with the empty ones of an order filled by its first: many exports say them on one row only."""
    frame = pl.DataFrame({"value": values, "order": order})
    first = pl.col("value").drop_nulls().first().over("order")
    return frame.select(pl.coalesce("value", pl.when(pl.col("order").is_not_null()).then(first))).to_series()


def _currency(text: str, *, words: dict[str, str]) -> str:
    code = currency_code(text, words)
    if code is None:
        raise Unreadable(f"{text!r} is no currency; say what it is under [values.currency]")
    return code


def _status(text: str, *, mapping: Mapping) -> str:
    words = mapping.values["status"]
    if not words:
        return ""
    known = words.get(text.lower())
    if known is None and mapping.unknown_status == "reject":
        raise Unreadable(f"status {text!r} has no meaning under [values.status]")
    return known or mapping.unknown_status


def _type(text: str, *, words: dict[str, str]) -> str:
    known = words.get(text.lower())
    if known is None:
        raise Unreadable(f"type {text!r} has no meaning under [values.type]")
    return known


Parser = Callable[[str], Any]
