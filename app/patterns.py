"""Cohorts, baskets and restatements as pages ask for them: answered once for each state of the replica."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app import data

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    import polars as pl


def cohorts(today: date) -> pl.DataFrame:
    """Return every cohort's life in the shop's own currency, as `analytics.cohorts` follows it."""
    return _cohorts(data.watermark(), today, data.shop().currency if data.own_currency() else None)


@data.remembered(4)
def _cohorts(mark: str, today: date, currency: str | None) -> pl.DataFrame:
    del mark
    from analytics.cohorts import cohorts as follow

    return follow(data.floor().workspace.replica, today=today, currency=currency)


def bought_together(sku: str, since: date, until: date) -> pl.DataFrame:
    """Return the products that stood in one order with a SKU, as `analytics.baskets` judges them."""
    return _bought_together(data.watermark(), sku, since, until)


@data.remembered(60)
def _bought_together(mark: str, sku: str, since: date, until: date) -> pl.DataFrame:
    del mark
    from analytics.baskets import baskets

    return baskets(data.floor().workspace.replica, since=since, until=until, sku=sku)


def restated(
    slugs: Sequence[str], before: datetime, since: date, until: date, where: str | None
) -> list[dict[str, Any]]:
    """Return the orders that moved numbers since an instant, as `analytics.restated` names them."""
    return _restated(data.watermark(), tuple(slugs), before, (since, until), where)


@data.remembered(30)
def _restated(
    mark: str, slugs: tuple[str, ...], before: datetime, period: tuple[date, date], where: str | None
) -> list[dict[str, Any]]:
    del mark
    from analytics.restated import restated as between

    workspace = data.floor().workspace
    frame = between(
        workspace.replica, workspace.shop, slugs, before=before, since=period[0], until=period[1], where=where
    )
    return frame.to_dicts()
