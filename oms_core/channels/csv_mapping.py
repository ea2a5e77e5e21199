"""A mapping: how one source's files are read, as data in a TOML file (see `docs/imports.md`).

The built-in sources are mappings too; there is one engine.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oms_core.channels.mapping_check import Checker
from oms_core.channels.text_files import Dialect
from oms_core.kernel.errors import InvalidInput, NotFound

#: Our fields that describe one line. `unit_price` or `line_total` must be there.
LINE_FIELDS = (
    "order", "sku", "title", "quantity", "unit_price", "line_total", "line_discount", "line_tax", "type", "reverses",
)  # fmt: skip
#: Our fields that describe the whole order; they may stand on the line or in a file of orders.
ORDER_FIELDS = (
    "placed_at", "date", "time", "customer", "email", "phone", "name", "street", "city", "region", "postal_code",
    "country", "currency", "channel", "status", "shipping", "discount", "tax", "fee", "total", "cancelled_at",
    "returned_at",
)  # fmt: skip
#: What a row of a document can be. Products become order lines; the rest is named money.
LINE_KINDS = (
    "product", "shipping", "discount", "tax", "fee", "gift_card", "manual", "sample", "test", "channel_fee",
    "payment_fee", "bad_debt", "other", "ignore",
)  # fmt: skip
DOCUMENT_KINDS = ("sale", "return", "charge", "stock")
TYPES = (*LINE_KINDS, "sale", "return")
STATUSES = ("placed", "paid", "shipped", "delivered", "cancelled", "returned", "ignore")
#: Cells that mean nothing, as programs write them.
NULLS = ("nan", "NaN", "NaT", "NULL", "null", "None", "#N/A", "N/A", "<NA>")
CONDITIONS = ("order", "sku", "title", "type", "channel", "country", "country_not", "customer", "price", "quantity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One ``[[lines]]``, ``[[documents]]`` or ``[[channels]]`` entry: conditions that must all hold.

    `order`, `sku`, `title`, `type` and `channel` are regular expressions; `country` and `country_not`
    ISO codes; `customer` is ``none`` or ``known``; `price` and `quantity` are a sign.
    """

    conditions: dict[str, str]
    is_: str = ""
    code: str = ""
    name: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A checked mapping. Every attribute is described in `docs/imports.md` under its TOML name."""

    source: str
    title: str = ""
    duplicates: str = "keep"
    dialect: Dialect = field(default_factory=Dialect)
    sheets: tuple[str, ...] = ()
    decimal: str = "."
    thousands: str = ""
    zone: str = ""
    currency: str = ""
    datetimes: tuple[str, ...] = ()
    line_columns: dict[str, tuple[str, ...]]
    order_columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    amounts_repeat: bool = True
    prices_include_tax: bool = True
    negative_is_return: bool = True
    return_sign: str = "auto"
    customer_kind: str = "consumer"
    guests: str = ""
    nulls: tuple[str, ...] = NULLS
    unknown_status: str = "reject"
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    line_rules: tuple[Rule, ...] = ()
    document_rules: tuple[Rule, ...] = ()
    channel_rules: tuple[Rule, ...] = ()
    title_notes: str = ""
    sha256: str = ""

    @property
    def has_orders_file(self) -> bool:
        """Whether orders and their lines come as two tables."""
        return bool(self.order_columns)


def load_mapping(path: Path) -> Mapping:
    """Read and check a mapping file; every fault names its key and what was expected."""
    if not path.exists():
        near = [p.name for p in path.parent.glob("*.toml")] if path.parent.is_dir() else []
        raise NotFound(
            "mapping", path.name, near, "Write one from: ordersight import template.", code="mapping.not_found"
        )
    data = path.read_bytes()
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput("mapping", path.name, f"it is not TOML ({error})", code="mapping.not_toml") from error
    return _mapping(table, path.name, hashlib.sha256(data).hexdigest())


def _mapping(table: dict[str, Any], name: str, digest: str) -> Mapping:
    check = Checker(table, name)
    file, columns = check.table("file"), check.table("columns")
    orders, returns, customers = check.table("orders"), check.table("returns"), check.table("customers")
    mapping = Mapping(
        source=check.text("source", required=True),
        title=check.text("title"),
        duplicates=check.choice("duplicates", ("keep", "collapse")),
        dialect=_dialect(file),
        sheets=file.texts("sheets"),
        decimal=file.choice("decimal", (".", ",")),
        thousands=file.text("thousands"),
        zone=file.zone("zone"),
        currency=file.currency("currency"),
        datetimes=file.formats("datetime"),
        line_columns=columns.columns((*LINE_FIELDS, *ORDER_FIELDS)),
        order_columns=orders.table("columns").columns(("order", *ORDER_FIELDS)),
        amounts_repeat=orders.flag("amounts_repeat", default=True),
        prices_include_tax=file.flag("prices_include_tax", default=True),
        negative_is_return=returns.flag("negative_quantity", default=True),
        return_sign=returns.choice("sign", ("auto", "negative", "positive")),
        customer_kind=customers.choice("kind", ("consumer", "business")),
        guests=customers.pattern("guests"),
        nulls=file.texts("nulls") or NULLS,
        unknown_status=check.table("status").choice("unknown", ("reject", *STATUSES)),
        values=_values(check.table("values")),
        line_rules=tuple(check.rules("lines", LINE_KINDS, CONDITIONS, Rule)),
        document_rules=tuple(check.rules("documents", DOCUMENT_KINDS, CONDITIONS, Rule)),
        channel_rules=tuple(check.rules("channels", (), CONDITIONS, Rule)),
        title_notes=check.table("titles").pattern("notes"),
        sha256=digest,
    )
    check.finish()
    _require_columns(mapping, name)
    return mapping


def _dialect(file: Checker) -> Dialect:
    return Dialect(
        encodings=tuple(name for name in file.texts("encoding") if name) or ("auto",),
        separator=file.text("separator") or "auto",
        quote=file.text("quote", default='"'),
        skip_rows=file.number("skip_rows"),
    )


def _values(values: Checker) -> dict[str, dict[str, str]]:
    """Return the value tables: what a word in the source's column means here."""
    return {
        "type": values.words("type", TYPES),
        "status": values.words("status", STATUSES),
        "country": values.words("country"),
        "currency": values.words("currency"),
        "channel": values.words("channel"),
    }


def _require_columns(mapping: Mapping, name: str) -> None:
    """Refuse a mapping from which no order line could be made."""
    have = set(mapping.line_columns) | set(mapping.order_columns)
    needs = {
        "order": "order" in mapping.line_columns and (not mapping.order_columns or "order" in mapping.order_columns),
        "sku": "sku" in mapping.line_columns,
        "quantity": "quantity" in mapping.line_columns,
        "unit_price (or line_total)": bool({"unit_price", "line_total"} & set(mapping.line_columns)),
        "placed_at (or date)": bool({"placed_at", "date"} & have),
    }
    missing = [field for field, there in needs.items() if not there]
    if missing:
        raise InvalidInput(
            "mapping",
            name,
            f"[columns] does not say which column is {', '.join(missing)}",
            "Add the missing entries; ordersight import template shows all of them.",
            code="mapping.incomplete",
            missing=missing,
        )
