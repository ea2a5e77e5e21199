"""Which service each class of goods is to have: nine classes by value and evenness, edited in one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import acting, blocks, data, desk
from app import format as fmt
from app.exports import Sheet
from app.i18n import N_, _, ngettext
from app.views import edited
from oms_core.planning.service import services, set_service

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.planning.policy_tables import ServiceTarget

MEASURES = {"cycle": N_("Nothing runs out"), "fill": N_("Units from stock")}
VALUES = {
    "A": N_("A: the first 80% of sales"), "B": N_("B: the next 15%"), "C": N_("C: the last 5%"),
}  # fmt: skip
EVENNESS = {"X": N_("X: even"), "Y": N_("Y: changing"), "Z": N_("Z: now and then")}
#: Highest share that may be asked for, percent: what is above it needs endless stock.
MOST = 99.9
#: Columns in the order of a phone: what is edited within its width.
PHONE = ("group", "target", "measure", "goods", "value", "evenness")
Targets = Mapping[tuple[str, str], tuple[str, float]]


def frame(targets: Targets, goods: Mapping[tuple[str, str], int]) -> pl.DataFrame:
    """Turn targets into the table that is edited; pure.

    Parameters
    ----------
    goods : mapping
        How many products each class holds.
    """
    rows = [
        {
            "group": abc + xyz, "value": _(VALUES[abc]), "evenness": _(EVENNESS[xyz]),
            "goods": goods.get((abc, xyz), 0), "measure": _(MEASURES[measure]), "target": round(100 * target, 2),
        }
        for (abc, xyz), (measure, target) in targets.items()
    ]  # fmt: skip
    kinds = {
        "group": pl.String, "value": pl.String, "evenness": pl.String, "goods": pl.Int64, "measure": pl.String,
        "target": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=kinds)


def changes(targets: Targets, written: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], tuple[str, float]]:
    """Return the classes whose measure or share was edited; pure."""
    code = {_(word): name for name, word in MEASURES.items()}
    found = {}
    for (key, before), row in zip(targets.items(), written, strict=True):
        share = row["target"]
        after = (code[row["measure"]], round((share if share is not None else 100 * before[1]) / 100, 4))
        if after[0] != before[0] or abs(after[1] - before[1]) > 1e-9:
            found[key] = after
    return found


def render() -> Sheet | None:
    """Draw the nine classes and save what was edited."""
    blocks.section(
        _("Which service is each class of goods to have?"),
        _("A chance that nothing runs out before an order arrives, or the share of units met from stock; "
          "suggestions go by it at once."),
    )  # fmt: skip
    targets = desk.read(services)
    rows = frame(targets, _goods())
    written: Any = st.data_editor(
        rows, column_config=_columns(), hide_index=True, key=f"service_table_{edited.turn('service')}",
        disabled=("group", "value", "evenness", "goods"),
        column_order=PHONE if blocks.on_phone() else None,
    )  # fmt: skip
    changed = changes(targets, written.to_dicts())
    label = ngettext("Save {n} class", "Save {n} classes", len(changed)).format(n=fmt.count(len(changed)))
    edited.save(
        label, lambda s: _write(s, changed), _("Suggestions go by the new service from now on"),
        table="service", may=bool(changed),
    )  # fmt: skip
    return Sheet("service_targets", rows)


def _write(session: Session, changed: Targets) -> list[ServiceTarget]:
    return [
        set_service(session, abc=abc, xyz=xyz, measure=measure, target=target, actor=acting.name())
        for (abc, xyz), (measure, target) in changed.items()
    ]


def _goods() -> dict[tuple[str, str], int]:
    """Return how many products each class holds."""
    found = data.rows("variant_classes")
    return {(row["abc"], row["xyz"]): row["goods"] for row in found.iter_rows(named=True)}


def _columns() -> dict[str, Any]:
    column = st.column_config
    return {
        "group": column.TextColumn(_("Class"), width=70),
        "value": column.TextColumn(_("Value"), width=220),
        "evenness": column.TextColumn(_("Evenness"), width=200),
        "goods": column.NumberColumn(_("Products"), width=100, format="localized"),
        "measure": column.SelectboxColumn(
            _("Measured by"), options=[_(word) for word in MEASURES.values()], required=True, width=170
        ),
        "target": column.NumberColumn(
            _("Target, %"), min_value=50.0, max_value=MOST, step=0.1, required=True, width=100, format="%.1f"
        ),
    }
