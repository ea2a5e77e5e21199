"""Who bought: customers by the source's id, else by e-mail, else by phone; nobody is a guest."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

_PLACE = ("country", "region", "city", "postal_code")


@dataclass(frozen=True, slots=True)
class People:
    """Customers of an import.

    Attributes
    ----------
    keys : polars.DataFrame
        ``order, customer_key, customer_id`` (id null for a new customer; key null for a guest).
    new : polars.DataFrame
        New customers by ``customer_key``: number, name, e-mail, phone, place, created_at.
    identities : polars.DataFrame
        ``customer_key, customer_id, kind, value`` not known yet.
    """

    keys: pl.DataFrame
    new: pl.DataFrame
    identities: pl.DataFrame


def people(heads: pl.DataFrame, known: pl.DataFrame, numbers: frozenset[str], *, source: str) -> People:
    """Find or invent the customer of every document.

    Parameters
    ----------
    heads : polars.DataFrame
        ``Batch.heads``.
    known : polars.DataFrame
        ``kind, value, customer_id`` of the shop's identities (this source's ids, all e-mails and phones).
    numbers : frozenset of str
        Customer numbers in use.
    """
    named = _keyed(heads)
    found = {(k, v): i for k, v, i in known.iter_rows()}
    by_key: dict[str, int] = {}
    for key, customer, email, phone in (
        named.select("customer_key", "customer", "email", "phone").unique(maintain_order=True).iter_rows()
    ):
        names = (("external", customer), ("email", email), ("phone", phone if not customer and not email else None))
        hit = next((found[name] for name in names if name in found), None)
        if hit is not None:
            by_key.setdefault(key, hit)
    ids = pl.DataFrame(
        {"customer_key": list(by_key), "customer_id": list(by_key.values())},
        schema={"customer_key": pl.String, "customer_id": pl.Int64},
    )
    named = named.join(ids, on="customer_key", how="left", maintain_order="left")
    keys = heads.select("order").join(
        named.select("order", "customer_key", "customer_id"), on="order", how="left", maintain_order="left"
    )
    return People(keys, _new(named, numbers, source), _identities(named, found))


def _keyed(heads: pl.DataFrame) -> pl.DataFrame:
    """Return documents that name somebody, with the key of that somebody.

    An e-mail that also stands beside a customer id belongs to that id.
    """
    named = heads.filter(
        pl.col("customer").is_not_null() | pl.col("email").is_not_null() | pl.col("phone").is_not_null()
    )
    owner = (
        named.filter(pl.col("customer").is_not_null() & pl.col("email").is_not_null())
        .unique("email", keep="first", maintain_order=True)
        .select("email", pl.col("customer").alias("owner"))
    )
    named = named.join(owner, on="email", how="left", maintain_order="left")
    known_as = pl.coalesce("customer", "owner")
    key = (
        pl.when(known_as.is_not_null()).then(pl.format("id:{}", known_as))
        .when(pl.col("email").is_not_null()).then(pl.format("email:{}", "email"))
        .otherwise(pl.format("phone:{}", "phone"))
    )  # fmt: skip
    return named.with_columns(customer_key=key)


def _new(named: pl.DataFrame, numbers: frozenset[str], source: str) -> pl.DataFrame:
    """Return new customers; place and name are those of their latest document."""
    latest = [pl.col(c).sort_by("at").drop_nulls().last() for c in ("name", "email", "phone")]
    places = [pl.col(c).sort_by("at").last().fill_null("") for c in _PLACE]
    made = (
        named.filter(pl.col("customer_id").is_null())
        .group_by("customer_key", maintain_order=True)
        .agg(pl.col("at").min().alias("created_at"), pl.col("customer").first(), *latest, *places)
    )
    taken = pl.Series(list(numbers), dtype=pl.String).implode()
    number = (
        pl.when(pl.col("customer").is_null()).then(None)
        .when(pl.col("customer").str.len_chars() > 60).then(None)
        .when(pl.col("customer").is_in(taken)).then(pl.format("{}-{}", pl.lit(source), "customer"))
        .otherwise("customer")
    )  # fmt: skip
    return made.with_columns(pl.col("name").fill_null(""), number=number).drop("customer")


def _identities(named: pl.DataFrame, found: dict[tuple[str, str], int]) -> pl.DataFrame:
    """Return names not known yet; of two customers with one e-mail the first keeps it."""
    parts = [
        named.filter(pl.col(column).is_not_null()).select(
            "customer_key", "customer_id", pl.lit(kind).alias("kind"), pl.col(column).alias("value")
        )
        for kind, column in (("external", "customer"), ("email", "email"), ("phone", "phone"))
    ]
    every = pl.concat(parts).unique(["kind", "value"], keep="first", maintain_order=True)
    known = pl.DataFrame(list(found), schema={"kind": pl.String, "value": pl.String}, orient="row")
    return every.join(known, on=["kind", "value"], how="anti", maintain_order="left")
