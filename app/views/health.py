"""Data health: is the data fresh and reconciled? Freshness, identities, laws, refused rows, imports."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from analytics.metrics import metric
from app import blocks, data, exports, tables
from app import format as fmt
from app.i18n import _, ngettext
from app.tiles import Tile
from app.views import health_laws, metric_drawer

if TYPE_CHECKING:
    from app.data import Place
    from app.filters import Filters

#: Metrics whose identities are checked on every look: the money chain, and orders.
WATCHED = ("net_sales", "total_sales", "gross_sales", "returns", "orders", "units", "contribution_margin")
QUERIES = ("health_tables", "health_rejected", "health_imports")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the page asked for."""

    held: pl.DataFrame
    rejected: pl.DataFrame
    imports: pl.DataFrame
    identities: Mapping[str, Sequence[metric_drawer.Identity]]


def load(chosen: Filters) -> Facts:
    """Ask for what the page shows."""
    held, rejected, imports = (data.rows(name) for name in QUERIES)
    return Facts(
        held,
        rejected,
        imports,
        identities={slug: metric_drawer.identities(metric(slug), chosen) for slug in WATCHED},
    )


def tiles(facts: Facts, *, stale: timedelta, fault: str, watermark: str) -> list[Tile]:
    """Return the four verdicts: fresh, equal, adding up, nothing refused; pure."""
    checks = [c for found in facts.identities.values() for c in found]
    broken = sum(not c.holds for c in checks)
    refused, held = facts.rejected.height, int(facts.held["held"].sum() or 0)
    seconds = max(0.0, stale.total_seconds())
    stalled = bool(fault) or seconds > blocks.STALE_SECONDS
    return [
        Tile(
            _("Age of the numbers"), _("{n} s").format(n=fmt.number(seconds, 1)), _verdict(holds=not stalled),
            "red" if stalled else "green", note=fault,
            help=_("Seconds since the replica last read the shop's database; it looks every second."),
        ),
        Tile(
            _("Rows in the replica"), fmt.count(held), _("watermark {mark}").format(mark=watermark), "gray",
            help=_("Rows of all replicated tables; the watermark is the place in the change log they stand for."),
        ),
        Tile(
            _("Identities that hold"), _("{n} of {all}").format(n=len(checks) - broken, all=len(checks)),
            _verdict(holds=not broken), "red" if broken else "green",
            help=_("Ways to reach the same number: its parts, its sums over channels, countries, days, categories."),
        ),
        Tile(
            _("Refused rows"), fmt.count(refused), _("to correct") if refused else _verdict(holds=True),
            "orange" if refused else "green",
            help=_(
                "Imported rows that could not be taken, kept with their reason until a corrected row replaces them."
            ),
        ),
    ]  # fmt: skip


def _verdict(*, holds: bool) -> str:
    return _("as it should be") if holds else _("needs you")


def identity_lines(facts: Facts, currency: str) -> pl.DataFrame:
    """Return one row an identity: metric, how it is reached, value, difference, verdict; pure."""
    rows = [_identity_row(slug, check, currency) for slug, found in facts.identities.items() for check in found]
    kinds: dict[str, Any] = dict.fromkeys(("metric", "identity", "unit", "value", "difference"), pl.String)
    return pl.DataFrame(rows, schema={**kinds, "verdict": pl.List(pl.String)})


def _identity_row(slug: str, check: metric_drawer.Identity, currency: str) -> dict[str, Any]:
    unit = metric(slug).unit
    scale, digits = (100, 2) if unit == "money" else (1, 0)
    return {
        "metric": _(metric(slug).label),
        "identity": check.words,
        "unit": currency if unit == "money" else _(unit),
        "value": fmt.number(check.value / scale, digits),
        "difference": fmt.number(check.difference / scale, digits),
        "verdict": [_("Holds") if check.holds else _("Broken")],
    }


def import_lines(imports: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Return the import runs in words: when, what, how long, what came in; pure."""
    rows = [_import_row(r, zone) for r in imports.iter_rows(named=True)]
    kinds: dict[str, Any] = {
        "at": pl.String, "source": pl.String, "file": pl.String, "seconds": pl.Float64, "read": pl.Int64,
        "orders": pl.Int64, "customers": pl.Int64, "returns": pl.Int64, "refused": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=kinds)


def _import_row(row: Mapping[str, Any], zone: str) -> dict[str, Any]:
    counts, files = json.loads(row["counts"] or "{}"), json.loads(row["files"] or "[]")
    names = [f if isinstance(f, str) else str(f.get("name", f)) for f in files]
    ended: datetime | None = row["finished_at"]
    return {
        "at": fmt.moment(row["started_at"], zone),
        "source": row["source"],
        "file": fmt.joined([n.rsplit("/", 1)[-1] for n in names]) if names else _("–"),
        "seconds": round((ended - row["started_at"]).total_seconds(), 1) if ended else None,
        **{name: _whole(counts.get(name)) for name in ("read", "orders", "customers", "returns")},
        "refused": int(row["refused"]),
    }


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) else None


def render(facts: Facts, place: Place) -> None:
    """Draw the page below its chips."""
    floor = data.floor()
    blocks.kpi_row(
        tiles(
            facts, stale=data.staleness(), fault=floor.fault.message if floor.fault else "", watermark=data.watermark()
        )
    )
    left, right = st.columns([1.6, 1], gap="medium")
    with left, blocks.guard("health.identities"):
        _identities(facts, place)
    with right, blocks.guard("health.laws"):
        health_laws.render(place)
    with blocks.guard("health.rejected"):
        _rejected(facts.rejected, place)
    with blocks.guard("health.imports"):
        _imports(facts.imports, place)


def _identities(facts: Facts, place: Place) -> None:
    lines = identity_lines(facts, place.currency)
    broken = sum("".join(v) == _("Broken") for v in lines["verdict"].to_list())
    answer = (
        ngettext("{n} identity is broken", "{n} identities are broken", broken).format(n=broken)
        if broken
        else _("Every sum agrees, to the penny")
    )
    blocks.section(_("Do the numbers add up?"), answer)
    columns = {
        "metric": tables.text(_("Metric"), 150),
        "identity": tables.text(_("Reached as"), 262),
        "unit": tables.text(_("Unit"), 78),
        "value": tables.words_right(_("Value"), 110),
        "difference": tables.words_right(_("Difference"), 86),
        "verdict": tables.badge(_("Verdict"), {_("Holds"): "gray", _("Broken"): "red"}, 84),
    }
    blocks.table(
        lines, columns, key="health_identities", alt=answer, height=11 * 32 + 2, phone=("metric", "value", "verdict")
    )


def _rejected(rejected: pl.DataFrame, place: Place) -> None:
    blocks.section(
        _("Which rows were refused, and why?"),
        _("Correct them in the file and import it again: what was taken is not taken twice") if rejected.height else "",
    )
    if rejected.is_empty():
        at = fmt.clock_time(place.now, place.zone, seconds=True)
        blocks.empty_line("done", _("No row is refused."), _("Last checked {time}").format(time=at))
        return
    columns = {
        "file_name": tables.text(_("File"), 220),
        "row_number": tables.count(_("Row"), 80),
        "code": tables.text(_("Code"), 170),
        "reason": tables.text(_("Why"), 420),
        "raw": tables.text(_("The row as it was")),
    }
    blocks.table(rejected, columns, key="health_rejected", alt=rejected["reason"][0])


def _imports(imports: pl.DataFrame, place: Place) -> None:
    blocks.section(_("What was imported?"))
    if imports.is_empty():
        own = "`ordersight import csv FILE --mapping MAP.toml`"
        blocks.empty_line("no_data", _("Nothing was imported yet."), _("In a terminal: {own}").format(own=own))
        return
    lines = import_lines(imports, place.zone)
    columns = {
        "at": tables.text(_("Started"), 140),
        "source": tables.text(_("Source"), 130),
        "file": tables.text(_("File"), 300),
        "seconds": tables.number(_("Seconds"), 80),
        "read": tables.count(_("Rows read"), 100),
        "orders": tables.count(_("Orders"), 90),
        "customers": tables.count(_("Customers"), 90),
        "returns": tables.count(_("Returns"), 90),
        "refused": tables.count(_("Refused"), 80),
    }
    blocks.table(lines, columns, key="health_imports", alt=_("Import runs, newest first"))


def sheet(facts: Facts) -> exports.Sheet:
    """Return the refused rows as a file to correct."""
    return exports.Sheet("rejected_rows", facts.rejected)
