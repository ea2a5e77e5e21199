"""Set a shop up: its settings, and its sheets of locations, channels, products, suppliers and stock."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query

from app.api.asking import Asking
from app.api.forms import SAID, PageOf, ShortText
from app.api.models import setup as m
from app.api.operations import Operations
from app.api.pages import Cursor, Limit, packed, unpacked
from app.jobs.setup import write
from oms_core.master_data.opening import STOCK
from oms_core.master_data.queries import rows_of
from oms_core.master_data.settings import change_settings, settings_of
from oms_core.master_data.sheets import SHEETS

operations = Operations("setup")
SheetName = Annotated[str, Path(min_length=1, max_length=40, pattern=SAID)]


@operations.read("/settings", answers=m.Settings, example=m.SETTINGS)
def settings(asking: Asking) -> dict[str, Any]:
    """Show the settings of the shop."""
    return settings_of(asking.shop)


@operations.write("/settings", method="PATCH", answers=m.Settings, example=m.SETTINGS)
def change(asking: Asking, body: m.SomeSettings) -> dict[str, Any]:
    """Set some settings; zone and currency stay once there are orders."""
    return settings_of(change_settings(asking.session, body.settings, actor=asking.actor))


@operations.read("/sheets", answers=m.SheetColumns, example={
    "items": [{"sheet": "locations", "key": ["code"], "columns": [{"name": "code", "example": "WAW"}]}]
})  # fmt: skip
def sheets(asking: Asking) -> dict[str, Any]:
    """List the sheets and their columns."""
    del asking
    return {
        "items": [
            {
                "sheet": sheet.name, "key": list(sheet.key),
                "columns": [{"name": c.name, "example": c.example, "needed": c.is_required} for c in sheet.columns],
            }
            for sheet in (*SHEETS.values(), STOCK)
        ]
    }  # fmt: skip


@operations.read("/sheets/{sheet}", answers=PageOf[m.SheetRow], example={"items": [m.LOCATION], "next_cursor": None})
def rows(
    asking: Asking,
    sheet: SheetName,
    search: Annotated[ShortText, Query()] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """List rows of a sheet, as they can be handed in again, oldest first."""
    after = unpacked(cursor).get("id", 0)
    found = rows_of(asking.session, sheet, search=search, after=after, limit=limit + 1)
    more = packed({"id": found[limit - 1]["id"]}) if len(found) > limit else None
    return {"items": found[:limit], "next_cursor": more}


@operations.write("/sheets/{sheet}", method="PUT", answers=m.Outcome, example=m.OUTCOME)
def hand_in(asking: Asking, sheet: SheetName, body: m.Rows) -> dict[str, Any]:
    """Make or change rows; those that cannot be taken are told and hinder no other."""
    outcome = write(asking.session, asking.shop, sheet, body.rows, reason=body.reason, actor=asking.actor)
    return outcome.as_dict()
