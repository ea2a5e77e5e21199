"""KPI tiles as plain facts: value, change, colour, definition; built here, drawn by `app.blocks`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from app import format as fmt
from app.i18n import _

if TYPE_CHECKING:
    from analytics.metrics import Metric

#: Changes within this share of the base are usual: gray.
USUAL = 0.10
#: No percentage on a base of fewer events than this.
SMALLEST_BASE = 30

Colour = Literal["green", "gray", "orange", "red"]


@dataclass(frozen=True, slots=True)
class Behind:
    """Where the rows behind a number are: page (its file in ``app_pages``), words of the link, its own filters."""

    page: str
    words: str
    query: Mapping[str, str | Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile; every tile of a row has the same parts.

    Attributes
    ----------
    delta : str
        Change, share, interval or base: the chip always says something.
    note : str
        What the delta is measured against.
    trend : sequence of float
        Evenly spaced values of a sparkline; left out below twelve.
    behind : Behind, optional
        The rows or the page the number stands for; drawn as a link at the tile's foot.
    """

    label: str
    value: str
    delta: str = ""
    colour: Colour = "gray"
    arrow: Literal["up", "down", "off"] = "off"
    note: str = ""
    help: str = ""
    trend: Sequence[float] = ()
    behind: Behind | None = None


def value_text(unit: str, value: Any, currency: str) -> str:
    """Format a metric's value for a tile by its unit; a missing value is a dash."""
    if value is None:
        return _("–")
    texts: dict[str, Callable[[Any], str]] = {
        "money": lambda v: fmt.money_tile(int(v), currency),
        "ratio": lambda v: fmt.percent(float(v), 1),
        "days": lambda v: _("{days} d").format(days=fmt.number(float(v), 1)),
        "hours": lambda v: _("{hours} h").format(hours=fmt.number(float(v), 1)),
        "quantity": lambda v: fmt.count_tile(v) if float(v).is_integer() else fmt.number(float(v), 1),
    }
    return texts.get(unit, fmt.count_tile)(value)


def of_metric(
    metric: Metric, now: Any, before: Any, *, currency: str, against: str = "", trend: Sequence[float] = (),
    behind: Behind | None = None,
) -> Tile:  # fmt: skip
    """Make the tile of a registry metric: label, definition, unit and good direction come from the registry.

    Without rows of its own to lead to, it leads to its definition: freshness, identities, the rows behind it.
    """
    delta, colour, arrow = moved(metric.unit, now, before, good=metric.good, currency=currency)
    return Tile(
        label=_(metric.label),
        value=value_text(metric.unit, now, currency),
        delta=delta,
        colour=colour,
        arrow=arrow,
        note=against if arrow != "off" else "",
        help=_(metric.help),
        trend=trend if len(trend) >= 12 else (),
        behind=behind or Behind("metrics", _("Definition and rows"), {"metric": metric.slug}),
    )


def moved(
    unit: str, now: Any, before: Any, *, good: str, currency: str = "", usual: float = USUAL
) -> tuple[str, Colour, Literal["up", "down", "off"]]:
    """Say how a number moved: text, colour, arrow.

    Colour: green when it moved the good way by more than usual, amber the bad way, gray otherwise.
    Shares change in percentage points; counts on a base below thirty change by a number.
    """
    if now is None or before is None:
        return _("no earlier data"), "gray", "off"
    difference = float(now) - float(before)
    if difference == 0:
        return _("unchanged"), "gray", "off"
    text, size = _sized(unit, difference, float(before), currency=currency)
    better = (difference > 0) == (good == "up")
    colour: Colour = "gray" if size <= usual or good == "none" else "green" if better else "orange"
    return text, colour, "up" if difference > 0 else "down"


def _sized(unit: str, difference: float, before: float, *, currency: str) -> tuple[str, float]:
    """Return a change in words and its size as a share of the base; zero where the base is too small to judge."""
    sign = "+" if difference > 0 else ""
    if unit == "ratio":
        return fmt.points(difference), abs(difference) * 10
    if unit == "money" and not before:
        return sign + fmt.money_short(int(difference), currency), 1.0
    if not before or (unit == "count" and abs(before) < SMALLEST_BASE):
        return sign + fmt.count(difference), 0.0
    return fmt.change(difference / abs(before)), abs(difference / before)
