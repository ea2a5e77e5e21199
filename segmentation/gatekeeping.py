"""Who may be written to: consent, erasure, address, duplicates, and the hold-out."""

from __future__ import annotations

import hashlib

import polars as pl

from oms_core.kernel.errors import InvalidInput

#: Purpose of an export: the consent it needs and the addresses it can use.
PURPOSES = {"email": ("email",), "sms": ("phone",), "ads": ("email", "phone")}
EMAIL = r"^[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}$"
PHONE = r"^\+?[0-9][0-9 ()\-.]{5,20}$"
HELD_OUT = "hold_out"
EXPORTED = "exported"
DUPLICATE, UNUSABLE = "duplicate_address", "address_unusable"
INCOMPLETE, TOO_LONG = "message_incomplete", "message_too_long"

#: Why a member is left out of a file, in the order the reasons are looked for.
REASONS = {
    "erased": "The person's data were erased.",
    "pending": "The consent is not confirmed yet.",
    "unsubscribed": "The consent was withdrawn.",
    "not_subscribed": "There is no consent for this purpose.",
    "invalid": "The address was reported as invalid.",
    "redacted": "The consent was redacted.",
    "address_missing": "There is no address for this purpose.",
    "address_invalid": "The address is not a valid one.",
    DUPLICATE: "Another member has the same address.",
    UNUSABLE: "The destination does not take this address.",
    INCOMPLETE: "The message needs something that is not known of the person.",
    TOO_LONG: "The message is too long for a cell.",
    HELD_OUT: "Drawn into the hold-out group, to measure the effect against.",
}


def require_purpose(purpose: str) -> None:
    """Refuse an unknown purpose with code ``export.purpose``."""
    if purpose not in PURPOSES:
        raise InvalidInput("purpose", purpose, f"one of {', '.join(PURPOSES)} was expected", code="export.purpose")


def verdicts(members: pl.DataFrame, purpose: str) -> pl.Series:
    """Return why each member is left out for a purpose; an empty text when not.

    Only the consent state ``subscribed`` lets through. Of members with the same address the first one stays.
    """
    require_purpose(purpose)
    address = address_of(purpose)
    consent = pl.col(f"{purpose}_consent")
    valid = (address.str.contains(EMAIL) | address.str.contains(PHONE)).fill_null(value=False)
    reason = (
        pl.when(pl.col("is_erased"))
        .then(pl.lit("erased"))
        .when(consent != "subscribed")
        .then(consent)
        .when(consent.is_null())
        .then(pl.lit("not_subscribed"))
        .when(address.is_null())
        .then(pl.lit("address_missing"))
        .when(~valid)
        .then(pl.lit("address_invalid"))
        .otherwise(pl.lit(""))
    )
    judged = members.select(reason.alias("reason"), address.str.to_lowercase().alias("address"))
    repeated = (pl.col("reason") == "") & pl.int_range(pl.len()).over("reason", "address").gt(0)
    return judged.select(pl.when(repeated).then(pl.lit(DUPLICATE)).otherwise("reason").alias("reason")).to_series()


def address_of(purpose: str) -> pl.Expr:
    """Return the address a purpose uses, trimmed; null when there is none."""
    columns = [pl.col(c).str.strip_chars() for c in PURPOSES[purpose]]
    return pl.coalesce([pl.when(c != "").then(c).otherwise(None) for c in columns])


def draw_holdout(numbers: pl.Series, *, share: float, seed: int, salt: str) -> pl.Series:
    """Return which of the customers stay out, deterministically.

    Parameters
    ----------
    numbers : polars.Series
        Customer numbers.
    share : float
        Share held out, from 0 to below 1; the count is rounded to the nearest whole.
    seed : int
        Another seed draws another group.
    salt : str
        The segment's definition: two segments draw independently.

    Notes
    -----
    Customers are ranked by a hash of (seed, salt, number); the first ones are held out. The order
    of the frame does not matter, and the same call draws the same group on every machine.
    """
    if not 0 <= share < 1:
        raise InvalidInput("holdout", share, "a share from 0 to below 1 was expected", code="export.holdout")
    ranks = [hashlib.sha256(f"{seed}|{salt}|{number}".encode()).hexdigest() for number in numbers]
    held = set(sorted(ranks)[: round(share * len(ranks))])
    return pl.Series("held", [rank in held for rank in ranks], dtype=pl.Boolean)
