"""From the core's records to JSON: money as decimal text, instants in UTC, days as ISO dates."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from oms_core.kernel.money import to_decimal

_MINOR = "_minor"


def told(value: Any, currency: str) -> Any:
    """Return a record with its minor units as decimal text: ``total_minor`` becomes ``total``.

    Parameters
    ----------
    currency : str
        Currency of the minor units; a record that names its own ``currency`` (also as ``x_currency``
        beside ``x_minor``) uses that one, and so do the records inside it.
    """
    if isinstance(value, Mapping):
        own = value.get("currency")
        inner = own if isinstance(own, str) and own else currency
        return dict(_field(value, str(key), held, inner) for key, held in value.items())
    if isinstance(value, list | tuple):
        return [told(item, currency) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _field(record: Mapping[Any, Any], key: str, held: Any, currency: str) -> tuple[str, Any]:
    if key.endswith(_MINOR) and isinstance(held, int | None) and not isinstance(held, bool):
        name = key.removesuffix(_MINOR)
        named = record.get(f"{name}_currency")
        unit = named if isinstance(named, str) and named else currency
        return name, None if held is None else str(to_decimal(held, unit))
    return key, told(held, currency)


def as_json(value: Any) -> str:
    """Return compact JSON text; what JSON does not know becomes text in one agreed form."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_text, allow_nan=False)


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, set | frozenset):
        return sorted(value)
    msg = f"{type(value).__name__} has no form in JSON"
    raise TypeError(msg)
