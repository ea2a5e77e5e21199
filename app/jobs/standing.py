"""Ready reports (`analytics.standing`) as rows for programs: money as decimals beside its currency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics import standing
from oms_core.kernel.errors import InvalidInput
from oms_core.kernel.money import to_decimal

if TYPE_CHECKING:
    from datetime import date

    from app.workspace import Workspace


def rows(
    workspace: Workspace,
    name: str,
    *,
    since: date | None = None,
    until: date | None = None,
    where: str | None = None,
    top: int | None = None,
) -> list[dict[str, Any]]:
    """Answer a ready report on a refreshed replica.

    Raises
    ------
    NotFound
        ``report.not_found``, with near matches.
    InvalidInput
        A period or filter for a list as of today; and as `analytics.ask.ask` does.
    """
    wanted = standing.report(name)
    given = {"since": since, "until": until, "where": where}
    for word, value in given.items():
        if wanted.is_list and value:
            raise InvalidInput(word, str(value), f"{name} is a list as of today", f"Leave {word} out.")
    frame = standing.answer(workspace.replica, workspace.shop, wanted, **given)  # type: ignore[arg-type]
    named = standing.columns(wanted)
    told = []
    for row in (frame.head(top) if top else frame).iter_rows(named=True):
        values = {
            column.name.removesuffix("_minor"): to_decimal(row[column.name], row["currency"])
            if column.kind == "money" and row[column.name] is not None
            else row[column.name]
            for column in named
        }
        told.append(values | ({"currency": row["currency"]} if "currency" in row else {}))
    return told
