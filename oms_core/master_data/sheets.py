"""The sheets of master data: one entry a noun; the command line, the API and the dashboard know them from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from oms_core.catalog.tables import Supplier, SupplierItem, Variant
from oms_core.kernel.database import Base
from oms_core.locations.tables import CHANNEL_KINDS, LOCATION_KINDS, Channel, Location
from oms_core.master_data.cells import AMOUNT, COUNTRY, CURRENCY, FLAG, Kind, choice, number, text, whole


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet.

    Attributes
    ----------
    name : str
        As in a file.
    field : str
        Column of the table; empty when it belongs to another one (see `grouping`).
    default : object
        Of a new row when the cell is empty; required rows have none.
    points_to : type, optional
        Table the cell names a row of by its code, SKU or such; `by` is that column.
    """

    name: str
    kind: Kind
    field: str
    example: str = ""
    is_required: bool = False
    default: Any = None
    may_be_empty: bool = False
    points_to: type[Base] | None = None
    by: str = "code"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A noun of master data.

    Attributes
    ----------
    name : str
        In commands and addresses, plural.
    noun : str
        Of its journal entries.
    key : tuple of str
        Columns that name a row.
    currency : str
        Column the amounts of a row are in; the shop's currency when its cell is empty.
    located : bool
        Whether latitude and longitude follow country and postal code.
    unique : tuple of str
        Other columns of which a value may belong to one row only.
    """

    name: str
    noun: str
    table: type[Base]
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    currency: str = ""
    is_located: bool = False
    unique: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """Return a column by its name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in their order."""
        return tuple(column.name for column in self.columns)


def _column(
    name: str, kind: Kind, example: str, default: Any = None, *, field: str | None = None, **more: Any
) -> Column:
    return Column(name, kind, name if field is None else field, example, default=default, **more)


def _code(name: str, example: str, **more: Any) -> Column:
    return _column(name, text(120), example, is_required=True, **more)


LOCATIONS = Sheet(
    "locations", "location", Location, ("code",),
    (
        _code("code", "WAW"),
        _code("name", "Warszawa"),
        _column("kind", choice(LOCATION_KINDS), "warehouse", "warehouse"),
        _column("country", COUNTRY, "PL", is_required=True),
        _column("postal_code", text(20), "00-950", ""),
        _column("city", text(120), "Warszawa", ""),
        _column("position", whole(1), "1", 1),
        _column("is_active", FLAG, "yes", default=True),
    ),
    is_located=True,
)  # fmt: skip

CHANNELS = Sheet(
    "channels", "channel", Channel, ("code",),
    (
        _code("code", "web"),
        _code("name", "Web shop"),
        _column("kind", choice(CHANNEL_KINDS), "web", is_required=True),
        _column("position", whole(), "1", 0),
        _column("service_window_minutes", whole(), "0", 0),
    ),
)  # fmt: skip

PRODUCTS = Sheet(
    "products", "variant", Variant, ("sku",),
    (
        _code("sku", "MUG-RED"),
        _column("title", text(300), "Red mug", is_required=True),
        _column("product", text(120), "MUG", field=""),
        _column("category", text(120), "Mugs", "", field=""),
        _column("barcode", text(120), "5901234123457", may_be_empty=True),
        _column("price", AMOUNT, "39.90", field="price_minor", is_required=True),
        _column("cost", AMOUNT, "14.20", field="cost_minor", may_be_empty=True),
        _column("currency", CURRENCY, "PLN"),
        _column("weight_g", whole(), "350", may_be_empty=True),
        _column("volume_cm3", whole(), "900", may_be_empty=True),
        _column("is_active", FLAG, "yes", default=True),
    ),
    currency="currency",
    unique=("barcode",),
)  # fmt: skip

SUPPLIERS = Sheet(
    "suppliers", "supplier", Supplier, ("code",),
    (
        _code("code", "KILN"),
        _code("name", "Kiln & Glaze"),
        _column("email", text(200), "orders@kiln.example", ""),
        _column("country", COUNTRY, "PL", ""),
        _column("currency", CURRENCY, "PLN"),
        _column("lead_time_days", number(above=True), "12", is_required=True),
        _column("lead_time_sd_days", number(), "3", 0.0),
        _column("review_days", whole(1), "7", 7),
        _column("cover_days", whole(1), "28", 28),
        _column("min_order", AMOUNT, "500.00", 0, field="min_order_minor"),
        _column("fixed_cost", AMOUNT, "0.00", 0, field="fixed_cost_minor"),
        _column("payment_days", whole(), "30", 30),
    ),
    currency="currency",
)  # fmt: skip

SUPPLIER_ITEMS = Sheet(
    "supplier-items", "supplier_item", SupplierItem, ("supplier", "sku"),
    (
        _code("supplier", "KILN", field="supplier_id", points_to=Supplier),
        _code("sku", "MUG-RED", field="variant_id", points_to=Variant, by="sku"),
        _column("supplier_sku", text(120), "KG-0042", ""),
        _column("unit_cost", AMOUNT, "14.20", field="unit_cost_minor", is_required=True),
        _column("currency", CURRENCY, "PLN"),
        _column("pack", whole(1), "6", 1, field="pack_qty"),
        _column("moq", whole(), "12", 0, field="moq_qty"),
        _column("is_preferred", FLAG, "yes", default=True),
    ),
    currency="currency",
)  # fmt: skip

#: In the order a new shop fills them in.
SHEETS = {sheet.name: sheet for sheet in (LOCATIONS, CHANNELS, PRODUCTS, SUPPLIERS, SUPPLIER_ITEMS)}
