"""A shop in one open transaction, for every test of the order's commands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from order_shop import STOCK, OrderShop, order_shop
from sqlalchemy.orm import Session

from oms_core.kernel.database import transaction


@pytest.fixture
def session(engine: sa.Engine) -> Iterator[Session]:
    with transaction(engine) as opened:
        yield opened


@pytest.fixture
def shop(session: Session) -> OrderShop:
    return order_shop(session, STOCK)
