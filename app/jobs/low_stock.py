"""Low stock: look for crossings, mail them, and let each night's forecast set the points."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.inventory import low_stock
from oms_core.kernel import clock, journal
from oms_core.kernel.journal import ShopSetting
from oms_core.kernel.money import split
from oms_core.locations.tables import Location
from oms_core.reporting import buying_mails

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl
    from sqlalchemy.orm import Session

    from app.workspace import Workspace

#: Whom the news goes to, kept with the shop's settings.
KEY = "low_stock_mail"
#: Rows of one mail; the rest is on the board.
MOST_ROWS = 50
#: Days of sales by which a variant's point is split over its places.
SPLIT_DAYS = 91


def look(workspace: Workspace) -> dict[str, int]:
    """Raise and end notices; the write lock is taken only where a shelf crossed its point."""
    with workspace.reading() as session:
        if not low_stock.turns_due(session):
            return {"raised": 0, "ended": 0}
    with workspace.transaction() as session:
        done = low_stock.watch(session)
        _mail(session, done["raised"], language=workspace.shop.language)
    return {"raised": len(done["raised"]), "ended": done["ended"]}


def set_recipients(session: Session, addresses: Sequence[str], *, actor: str) -> list[str]:
    """Name who gets the news by mail; nobody when empty.

    Raises
    ------
    InvalidInput
        ``input.to``: what cannot be an address.
    """
    from oms_core.reporting.schedules import require_address

    for address in addresses:
        require_address("to", address)
    session.execute(sa.delete(ShopSetting).where(ShopSetting.key == KEY))
    session.add(ShopSetting(key=KEY, value={"to": list(addresses)}))
    session.flush()
    journal.record(session, "low_stock.mail_to", "shop", 0, actor=actor, recipients=len(addresses))
    return list(addresses)


def recipients(session: Session) -> list[str]:
    """Return who gets the news by mail."""
    stored = session.execute(sa.select(ShopSetting.value).where(ShopSetting.key == KEY)).scalar_one_or_none()
    return list((stored or {}).get("to", []))


def _mail(session: Session, raised: Sequence[Mapping[str, Any]], *, language: str) -> None:
    """Put one mail with the shelves of this look into the post."""
    to = recipients(session)
    if not raised or not to:
        return
    some = raised[:MOST_ROWS]
    wanted = sa.select(Variant).where(Variant.id.in_([r["variant_id"] for r in some]))
    goods = {v.id: v for v in session.scalars(wanted)}
    places = dict(session.execute(sa.select(Location.id, Location.name)).all())
    rows = [
        {
            "sku": goods[r["variant_id"]].sku, "title": goods[r["variant_id"]].title, "units": r["units"],
            "place": places[r["location_id"]], "point": r["point"],
        }
        for r in some
    ]  # fmt: skip
    buying_mails.queue(
        session, kind="low_stock", recipients=to, format_="text", language=language,
        facts={"rows": rows, "more": len(raised) - len(some)}, actor="worker",
    )  # fmt: skip


def points_from_forecast(workspace: Workspace) -> dict[str, int]:
    """Set every point no person has set to what sells until an order of today could arrive, split over places.

    Below it a shelf is likely to be empty before goods come; the plan's own reorder point is higher, for it also
    covers the days to the next review and the safety.

    Raises
    ------
    DataNotReady
        ``forecast.none`` before the first forecast.
    """
    from analytics import frames
    from app.jobs.replenishment import plan

    workspace.replica.refresh()
    wanted = dict(plan(workspace).lines.select("variant_id", "demand_lead").iter_rows())
    since = clock.business_date(clock.now(), workspace.shop.zone) - timedelta(days=SPLIT_DAYS)
    units: dict[tuple[int, int], int] = {}
    for variant, rows in frames.shelf_sales(workspace.replica, since).group_by("variant_id"):
        point = round(wanted.get(variant[0], 0))
        if point:
            units |= _split(int(variant[0]), point, rows)
    with workspace.transaction() as session:
        return low_stock.points_of_forecast(session, units)


def _split(variant_id: int, point: int, rows: pl.DataFrame) -> dict[tuple[int, int], int]:
    """Return a variant's point by place: as they shipped, else as they hold stock."""
    shipped = rows["shipped_units"].to_list()
    parts = split(point, shipped if any(shipped) else rows["available"].to_list())
    return {(variant_id, place): n for place, n in zip(rows["location_id"], parts, strict=True) if n}
