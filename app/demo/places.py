"""Where the simulated business stands: warehouses, suppliers, carriers. All names are invented."""

from __future__ import annotations

from dataclasses import dataclass

#: Countries the Łódź warehouse serves (ISO codes): the European Union of 2010 in the data, and Poland.
CONTINENT = frozenset(
    "DE FR NL ES PT BE SE IT CY AT GR DK FI PL MT LT CZ LV EE HU RO BG SI SK LU".split()  # noqa: SIM905 - one line
)


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A simulated location; `reach` is how many of the best-selling SKUs it keeps (None: all)."""

    code: str
    name: str
    country: str
    city: str
    postal_code: str
    latitude: float
    longitude: float
    position: int
    reach: int | None


WAREHOUSES = (
    Warehouse("LEEDS", "Leeds", "GB", "Leeds", "LS10 1AB", 53.7974, -1.5438, 1, None),
    Warehouse("BRISTOL", "Bristol", "GB", "Bristol", "BS11 8AZ", 51.4545, -2.5879, 2, 1200),
    Warehouse("LODZ", "Łódź", "PL", "Łódź", "90-001", 51.7592, 19.4560, 3, 1000),
)


@dataclass(frozen=True, slots=True)
class Trade:
    """A simulated supplier: lead time in days (mean, standard deviation), review weekday (0 Monday).

    `answers` is the share of its purchase orders it confirms within two days, money is GBP minor units.
    """

    code: str
    name: str
    country: str
    lead_days: float
    lead_sd_days: float
    review_weekday: int
    cover_days: int
    min_order_minor: int
    fixed_cost_minor: int
    answers: float


SUPPLIERS = (
    Trade("S01", "Harbour Gifts", "GB", 6, 1.5, 0, 28, 15_000, 1_200, 0.97),
    Trade("S02", "Pennine Paper", "GB", 8, 2.0, 1, 28, 20_000, 1_500, 0.95),
    Trade("S03", "Kiln & Glaze", "GB", 12, 3.0, 2, 35, 30_000, 2_500, 0.92),
    Trade("S04", "Vistula Glass", "PL", 14, 3.0, 3, 35, 40_000, 4_500, 0.94),
    Trade("S05", "Atelier Rouen", "FR", 16, 4.0, 4, 35, 40_000, 4_500, 0.85),
    Trade("S06", "Tulip Textiles", "NL", 11, 2.5, 0, 28, 35_000, 3_500, 0.93),
    Trade("S07", "Porto Metalwork", "PT", 20, 5.0, 1, 42, 50_000, 6_000, 0.88),
    Trade("S08", "Jaipur Crafts", "IN", 34, 8.0, 2, 56, 90_000, 15_000, 0.82),
    Trade("S09", "Pearl Delta Trading", "CN", 38, 7.0, 3, 63, 120_000, 18_000, 0.86),
    Trade("S10", "Bosporus Beads", "TR", 24, 6.0, 4, 42, 45_000, 7_000, 0.9),
)


@dataclass(frozen=True, slots=True)
class Carrier:
    """A simulated carrier: what a parcel costs (minor units) and how many working days it promises."""

    code: str
    service: str
    base_minor: int
    per_unit_minor: int
    promised_days: int


PARCEL = Carrier("Albion Parcels", "48 hours", 420, 2, 2)
NEXT_DAY = Carrier("Swift Courier", "next day", 690, 3, 1)
PALLET = Carrier("Northern Freight", "pallet", 3_900, 1, 3)
EURO = Carrier("Baltic Parcel", "road, EU", 980, 4, 4)
WORLD = Carrier("Meridian Air", "air, tracked", 2_400, 9, 7)


def carrier_for(country: str, units: int, turn: float) -> Carrier:
    """Choose a carrier by destination, size and chance (`turn` in [0, 1))."""
    if units > 600 and country == "GB":
        return PALLET
    if country == "GB":
        return NEXT_DAY if turn < 0.3 else PARCEL
    return EURO if country in CONTINENT or country == "IE" else WORLD
