"""The sentence behind a suggested quantity, in English and Polish, made from the line's numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "pl": ("sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru"),
}
_WORDS = {
    "en": {
        "sells": "Sells {rate} a day. ",
        "launch": "New, {own} on sale: {weight} of this is what look-alikes sell ({like}). ",
        "there": "{available} available",
        "arriving": ", {incoming} arriving {due}",
        "coming": ", {incoming} on order",
        "drafted": ", {drafted} in drafts",
        "covers": ". Covers until {ends}; an order of today arrives {arrives}.",
        "out": ". Out now; an order of today arrives {arrives}.",
        "long": ". Lasts for more than a year.",
        "order": " Order {order} = {raw}",
        "packs": " + {rounding} to whole packs of {pack}",
        "cut": " Order {order} of the {needed} needed",
        "none": " Nothing to order.",
    },
    "pl": {
        "sells": "Sprzedaje się {rate} dziennie. ",
        "launch": "Nowość, w sprzedaży {own}: {weight} tej liczby to sprzedaż podobnych ({like}). ",
        "there": "Dostępne {available}",
        "arriving": ", {incoming} w drodze na {due}",
        "coming": ", {incoming} zamówione",
        "drafted": ", {drafted} w szkicach",
        "covers": ". Wystarczy do {ends}; dzisiejsze zamówienie dotrze {arrives}.",
        "out": ". Już brak; dzisiejsze zamówienie dotrze {arrives}.",
        "long": ". Wystarczy na ponad rok.",
        "order": " Zamów {order} = {raw}",
        "packs": " + {rounding} do pełnych opakowań po {pack}",
        "cut": " Zamów {order} z potrzebnych {needed}",
        "none": " Nic do zamówienia.",
    },
}


def reason(line: Mapping[str, Any]) -> dict[str, str]:
    """Return the reason of a line of :func:`forecasting.replenish.suggest` by language."""
    return {language: _sentence(line, language) for language in _WORDS}


def _sentence(line: Mapping[str, Any], language: str) -> str:
    words = _WORDS[language]
    parts = ["sells", "launch", "there"] if line.get("look_alikes") else ["sells", "there"]
    if line["incoming"]:
        parts.append("arriving" if line["next_due_on"] else "coming")
    if line["drafted"]:
        parts.append("drafted")
    parts.append("out" if line["urgency"] == "out" else "covers" if line["sells_out_on"] else "long")
    needed = line["raw_qty"] + line["rounding_qty"]
    whole = line["order_qty"] == needed
    # A budget or the buyer may have changed the quantity: then the addition does not lead to it.
    parts.append("none" if not line["order_qty"] else "order" if whole else "cut")
    if line["order_qty"] and whole and line["rounding_qty"]:
        parts.append("packs")
    text = "".join(words[part] for part in parts).format(**_facts(line, language))
    return text if text.endswith(".") else f"{text}."


def _facts(line: Mapping[str, Any], language: str) -> dict[str, str]:
    return {
        "rate": _number(line["rate"], language),
        "available": str(line["available"]),
        "incoming": str(line["incoming"]),
        "drafted": str(line["drafted"]),
        "due": _day(line["next_due_on"], language),
        "ends": _day(line["sells_out_on"], language),
        "arrives": _day(line["arrives_on"], language),
        "order": str(line["order_qty"]),
        "raw": str(line["raw_qty"]),
        "needed": str(line["raw_qty"] + line["rounding_qty"]),
        "rounding": str(line["rounding_qty"]),
        "pack": str(line["pack_qty"] or 1),
        **_launch(line, language),
    }


def _launch(line: Mapping[str, Any], language: str) -> dict[str, str]:
    """Return how long a new SKU has sold, and the look-alikes its forecast leans on: the first three by name."""
    names = [str(name) for name in line.get("look_alikes") or []]
    days = int(line.get("own_days") or 0)
    unit = {"en": "day" if days == 1 else "days", "pl": "dzień" if days == 1 else "dni"}[language]
    more = f" + {len(names) - 3}" if len(names) > 3 else ""
    return {
        "own": f"{days} {unit}", "weight": f"{100 * (line.get('like_weight') or 0.0):.0f} %",
        "like": ", ".join(names[:3]) + more,
    }  # fmt: skip


def _number(value: float, language: str) -> str:
    text = f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 0.1 else f"{value:.2f}"
    return text.replace(".", ",") if language == "pl" else text


def _day(day: date | None, language: str) -> str:
    return f"{day.day} {_MONTHS[language][day.month - 1]}" if day else ""
