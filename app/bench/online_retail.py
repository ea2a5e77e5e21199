"""The packaged year of real orders in a throw-away database, for measurements at 525,000 source lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oms_core.channels.history import import_history
from oms_core.kernel.database import make_engine, transaction
from oms_core.kernel.settings import Shop, save_shop
from oms_core.migrations import upgrade

if TYPE_CHECKING:
    import sqlalchemy as sa

SHOP = Shop(name="Online Retail II", zone="Europe/London", currency="GBP", country="GB")


def filled(url: str) -> sa.Engine:
    """Create the schema at an address and import the packaged orders into it."""
    engine = make_engine(url)
    upgrade(engine)
    with transaction(engine) as session:
        save_shop(session, SHOP)
    import_history(engine, SHOP, source="online-retail")
    return engine
