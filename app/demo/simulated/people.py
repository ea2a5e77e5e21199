"""Who stands behind a customer's number: invented names, addresses under ``example.com``, real postal codes."""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.demo.simulated.days import Floats, Ints
from app.demo.simulated.lives import customer_numbers
from app.demo.simulated.places import countries, goods, towns

#: Languages of customers by country; others are written to in English.
LANGUAGES = {"PL": "pl"}


def shares(ids: Ints, seed: int, salt: int) -> Floats:
    """Return a number in [0, 1) for each id, the same for ever (the finaliser of SplitMix64)."""
    with np.errstate(over="ignore"):
        z = ids.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15) * np.uint64(seed * 64 + salt + 1)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return np.asarray((z >> np.uint64(11)).astype(np.float64) * 2.0**-53)


@cache
def _words(kind: str) -> tuple[pl.Series, pl.Series]:
    """Return the words of a kind and how an e-mail address spells them."""
    words = goods()["people"][kind].split()
    plain = [
        unicodedata.normalize("NFKD", w.lower().replace("ł", "l")).encode("ascii", "ignore").decode() for w in words
    ]
    return pl.Series(words), pl.Series(plain)


def _two_words(ids: Ints, seed: int, is_business: NDArray[np.bool_]) -> tuple[pl.Series, pl.Series]:
    """Return the names of people and firms, and what stands before the number in their address."""
    names, slugs = [], []
    for first, second in (("given", "family"), ("first", "second")):
        parts = [
            [series.gather((shares(ids, seed, salt) * len(series)).astype(np.int64)) for series in _words(kind)]
            for salt, kind in ((1, first), (2, second))
        ]
        names.append(parts[0][0] + " " + parts[1][0])
        slugs.append(parts[0][1] + "." + parts[1][1])
    mask = pl.Series(is_business)
    return names[1].zip_with(mask, names[0]), slugs[1].zip_with(mask, slugs[0])


def people(ids: Ints, town: Ints, is_business: NDArray[np.bool_], *, seed: int) -> pl.DataFrame:
    """Return ``number, name, email, phone, country, region, city, postal_code, language`` of customers."""
    name, slug = _two_words(ids, seed, is_business)
    number = customer_numbers(pl.Series(ids))
    places = towns()
    country = pl.Series(list(countries())).gather(places.country[town])
    digits = pl.Series((shares(ids, seed, 3) * 9e6).astype(np.int64)).cast(pl.String).str.zfill(7)
    return pl.DataFrame({
        "number": number,
        "name": name,
        "email": slug + "." + number.str.to_lowercase() + "@example.com",
        "phone": "+4850" + digits,
        "kind": pl.Series(np.where(is_business, "business", "consumer")),
        "language": country.replace_strict(LANGUAGES, default="en", return_dtype=pl.String),
        "country": country,
        "region": places.table["region"].gather(town),
        "city": places.table["city"].gather(town),
        "postal_code": places.table["postal_code"].gather(town),
    })  # fmt: skip
