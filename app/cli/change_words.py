"""What the commands of order changes and drafts read and answer: actions as options, money as decimal text."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any


def read_json(path: Path) -> Any:
    """Read a JSON file, or standard input for ``-``; numbers stay exact."""
    from oms_core.kernel.errors import InvalidInput

    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
        return json.loads(text, parse_float=Decimal)
    except OSError as error:
        raise InvalidInput("file", str(path), f"a readable file ({error.strerror})", code="input.file") from error
    except UnicodeDecodeError as error:
        raise InvalidInput("file", str(path), "UTF-8 text", code="input.file") from error
    except json.JSONDecodeError as error:
        where = f"JSON (line {error.lineno}, column {error.colno}: {error.msg})"
        raise InvalidInput("file", str(path), where, code="input.json") from error


def in_decimals(value: Any, currency: str) -> Any:
    """Return a record whose minor units became decimals: ``total_minor`` is shown as ``total``."""
    from oms_core.kernel.money import to_decimal

    if isinstance(value, Mapping):
        return {
            key.removesuffix("_minor"): to_decimal(x, currency)
            if key.endswith("_minor") and isinstance(x, int)
            else in_decimals(x, currency)
            for key, x in value.items()
        }
    return [in_decimals(x, currency) for x in value] if isinstance(value, list) else value


def documents_of(given: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """Return the options of one command as action documents, in the order of the options below."""
    return [
        *(_added(text) for text in given.get("add", ())),
        *({"kind": "remove_line", **_line(text)} for text in given.get("remove", ())),
        *(_of_line(text, "set_quantity", "quantity") for text in given.get("quantity", ())),
        *(_of_line(text, "set_price", "unit_price") for text in given.get("price", ())),
        *(_discount(text) for text in given.get("discount", ())),
        *({"kind": "set_shipping", "amount": text} for text in given.get("shipping", ())),
        *_address(given.get("address", ())),
        *(_adjustment(text) for text in given.get("adjust", ())),
    ]


def _added(text: str) -> dict[str, Any]:
    sku, rest = _pair(text, "SKU=UNITS or SKU=UNITS@PRICE")
    units, _, price = rest.partition("@")
    return {"kind": "add_line", "sku": sku, "quantity": _whole(units)} | ({"unit_price": price} if price else {})


def _of_line(text: str, kind: str, field: str) -> dict[str, Any]:
    name, value = _pair(text, f"LINE={field.upper()}, where LINE is a position or a SKU")
    return {"kind": kind, **_line(name), field: _whole(value) if field == "quantity" else value}


def _discount(text: str) -> dict[str, Any]:
    name, separator, amount = text.rpartition("=")
    return {"kind": "set_discount", "amount": amount} | (_line(name) if separator else {})


def _adjustment(text: str) -> dict[str, Any]:
    name, amount = _pair(text, "KIND=AMOUNT")
    return {"kind": "add_adjustment", "adjustment": name, "amount": amount}


def _address(texts: Any) -> list[dict[str, Any]]:
    fields = dict(_pair(text, "FIELD=VALUE") for text in texts)
    return [{"kind": "set_address", "address": fields}] if fields else []


def _line(name: str) -> dict[str, Any]:
    """Return a line named by its position (a small number) or by its SKU."""
    return {"line": int(name)} if name.isdecimal() and len(name) <= len("999") else {"line_sku": name}


def _pair(text: str, expectation: str) -> tuple[str, str]:
    from oms_core.kernel.errors import InvalidInput

    name, separator, value = text.rpartition("=")
    if not (separator and name and value):
        raise InvalidInput("option", text, expectation)
    return name, value


def _whole(text: str) -> int:
    from oms_core.kernel.errors import InvalidInput

    if not text.isdecimal():
        raise InvalidInput("quantity", text, "a whole number of units")
    return int(text)
