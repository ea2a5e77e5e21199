"""Where the shop lives (home folder, database address) and how it sees the world (zone, currency)."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock
from oms_core.kernel.journal import ShopSetting

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Home:
    """The folder that holds `oms.db`, replicas, exports and logs."""

    path: Path

    @classmethod
    def find(cls, given: Path | None = None) -> Home:
        """Return the given folder, else ``ORDERSIGHT_HOME``, else ``~/.ordersight``."""
        return cls(Path(given or os.environ.get("ORDERSIGHT_HOME") or Path.home() / ".ordersight"))

    @property
    def database_url(self) -> str:
        """``ORDERSIGHT_DATABASE_URL`` or the SQLite file in the home."""
        return os.environ.get("ORDERSIGHT_DATABASE_URL") or f"sqlite:///{self.path / 'oms.db'}"

    def replica(self, consumer: str = "cli") -> Path:
        """Return the DuckDB file of one consumer process (a file has one owner)."""
        return self.path / f"replica-{consumer}.duckdb"


@dataclass(frozen=True, slots=True)
class Shop:
    """Settings of the shop, kept in its database.

    Attributes
    ----------
    simulated : str
        Comma-separated nouns whose facts are simulated (demo): shown on every page.
    clock_offset_seconds : float
        Shop time minus wall time; zero in a real shop.
    clock_label : str
        Said on every page when the clock is not the wall clock.
    legal_name, tax_id, address, bank_account : str
        The seller as its invoices name it; `name` stands in for a missing legal name.
    invoice_due_days : int
        Days from issue until an invoice is due.
    included_tax_percent : str
        Rate that prices already hold (decimal text); empty when tax is added to them or unknown.
    invoice_shipped_since : str
        Parcels that left since this instant (ISO 8601) are invoiced by themselves; empty: none.
    mail_customers_since : str
        Customers are mailed what was written to them since this instant (ISO 8601); empty: nothing.
    pick_minor, pack_minor, take_back_minor : int
        What picking a unit, packing a parcel and taking back a unit cost, in the shop's currency; for margins.
    """

    name: str = "My shop"
    kind: str = "real"
    zone: str = "Europe/Warsaw"
    currency: str = "PLN"
    country: str = "PL"
    language: str = "en"
    simulated: str = ""
    clock_offset_seconds: float = 0.0
    clock_label: str = ""
    legal_name: str = ""
    tax_id: str = ""
    address: str = ""
    bank_account: str = ""
    invoice_due_days: int = 14
    included_tax_percent: str = ""
    invoice_shipped_since: str = ""
    mail_customers_since: str = ""
    pick_minor: int = 0
    pack_minor: int = 0
    take_back_minor: int = 0


def stored_shop(session: Session) -> Shop:
    """Read the shop's settings; missing ones keep their defaults."""
    rows = session.execute(sa.select(ShopSetting.key, ShopSetting.value))
    stored: dict[str, dict[str, Any]] = {row.key: row.value for row in rows}
    return Shop(**{f.name: stored[f.name]["value"] for f in fields(Shop) if f.name in stored})


def load_shop(session: Session) -> Shop:
    """Read the shop's settings and set the process clock by them."""
    shop = stored_shop(session)
    clock.set_offset(timedelta(seconds=shop.clock_offset_seconds))
    return shop


def save_shop(session: Session, shop: Shop) -> None:
    """Write every setting of the shop."""
    session.execute(sa.delete(ShopSetting).where(ShopSetting.key.in_([f.name for f in fields(Shop)])))
    session.execute(
        sa.insert(ShopSetting), [{"key": key, "value": {"value": value}} for key, value in asdict(shop).items()]
    )
