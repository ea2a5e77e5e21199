"""What every destination is made of: a person to write, columns with a meaning, a normaliser and a writer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from oms_core.kernel.errors import Refused
from oms_core.kernel.money import to_decimal

Cell: TypeAlias = str | int | Decimal | date | None
Row: TypeAlias = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """One member as a destination sees it; texts as they stand in the shop, nothing normalised.

    Attributes
    ----------
    address : str
        What the purpose writes to: e-mail, phone, or for advertising the first of both.
    spent_minor : int
        Goods ordered less discounts, in minor units of `currency`.
    sms_consent : str
        State; a phone number leaves for an e-mail tool only with it.
    consent_at, consent_source
        When and where this purpose was agreed to; None and empty when the shop does not know.
    segment : str
        Name of the segment; empty for an expression without one.
    """

    number: str
    address: str
    name: str = ""
    kind: str = "consumer"
    email: str | None = None
    phone: str | None = None
    language: str = ""
    country: str = ""
    region: str = ""
    city: str = ""
    postal_code: str = ""
    rfm_group: str = ""
    orders: int = 0
    last_order_on: date | None = None
    spent_minor: int = 0
    currency: str = "EUR"
    sms_consent: str | None = None
    consent_at: datetime | None = None
    consent_source: str = ""
    segment: str = ""

    @property
    def spent(self) -> Decimal:
        """Amount spent in major units."""
        return to_decimal(self.spent_minor, self.currency)


#: The fields in their order, with what stands for a missing value.
PERSON = {one.name: None if one.default is MISSING else one.default for one in fields(Person)}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: its header, what stands in it, whether hashed, whether it tells people apart."""

    name: str
    meaning: str
    hashed: bool = False
    identifies: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows ready to be written, already as the destination wants them; `as_of` is the day they are true of."""

    columns: tuple[Column, ...]
    rows: Sequence[Row]
    as_of: date


@dataclass(frozen=True, slots=True)
class Destination:
    """One kind of file.

    Attributes
    ----------
    name, title : str
        As typed, and as shown.
    suffix, media_type : str
        What the file's name should end in, and its type.
    about : mapping of str to str
        What the file will contain, one sentence by language.
    purposes : tuple of str
        Consents it may be made for; the first is the default.
    version : int
        Of the normaliser; a changed rule is a new version.
    row : callable
        The normaliser: a person's cells, or None when the destination takes none of the person's addresses.
    write : callable
        Bytes of a sheet.
    minimum : int
        People below which the platform advises against a list, or refuses it; 0 when none is published.
    sources : tuple of str
        Pages the rules were read from.
    carries : mapping of str to str
        Header of what may be added for each person, by kind: ``offer`` and ``offer_sku`` (with ``{n}``), ``subject,
        text, html``. A kind that is not there cannot go there: platforms of advertising take addresses alone.
    most_bytes : int
        Bytes of an added text, longer ones are cut; 0 when there is no limit.
    """

    name: str
    title: str
    suffix: str
    media_type: str
    about: Mapping[str, str]
    purposes: tuple[str, ...]
    version: int
    columns: tuple[Column, ...]
    row: Callable[[Person], Row | None]
    write: Callable[[Sheet], bytes]
    minimum: int = 0
    sources: tuple[str, ...] = ()
    carries: Mapping[str, str] = field(default_factory=dict)
    most_bytes: int = 0

    @property
    def hashed(self) -> tuple[str, ...]:
        """Names of the columns that are hashed."""
        return tuple(column.name for column in self.columns if column.hashed)

    def columns_for(self, purpose: str) -> tuple[Column, ...]:
        """Return the columns; one called ``address`` is named by what the purpose writes to."""
        named = {"email": "email", "sms": "phone"}.get(purpose, "address")
        return tuple(replace(c, name=named) if c.name == "address" else c for c in self.columns)

    def identity(self, row: Row) -> Row:
        """Return the cells that tell people apart; empty when the file has none."""
        return tuple(cell for cell, column in zip(row, self.columns, strict=True) if column.identifies)

    def purpose(self, wanted: str | None) -> str:
        """Return the purpose of an export to here.

        Raises
        ------
        Refused
            ``export.purpose_not_allowed``: a consent to one thing is not a consent to another.
        """
        purpose = wanted or self.purposes[0]
        if purpose not in self.purposes:
            raise Refused(
                "export.purpose_not_allowed",
                f"A file for {self.title} needs the consent to {' or '.join(self.purposes)}; {purpose!r} is another.",
                f"Leave --purpose away, or give --purpose {self.purposes[0]}.",
            )
        return purpose
