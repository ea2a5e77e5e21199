"""What amounts are converted with: the shop's published rates as factors of every day into one currency."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analytics.conversion import Target
    from app.workspace import Workspace

#: The first day anything is dated on, and every currency an amount may be in.
_BASES = (
    "SELECT MIN(d), LIST(DISTINCT currency) FROM ("
    "SELECT business_date AS d, currency FROM raw.orders UNION ALL SELECT business_date, currency FROM raw.returns"
    " UNION ALL SELECT business_date, currency FROM raw.charges"
    " UNION ALL SELECT business_date, currency FROM raw.payments"
    " UNION ALL SELECT CAST(shipped_at AS DATE), currency FROM raw.shipments"
    " UNION ALL SELECT CAST(sent_at AS DATE), currency FROM raw.purchase_orders WHERE sent_at IS NOT NULL"
    " UNION ALL SELECT issued_on, currency FROM raw.supplier_invoices) AS amounts"
)


def into(workspace: Workspace, currency: str) -> Target:
    """Return the rate of every day and currency into one, for `analytics.ask.ask`.

    Raises
    ------
    InvalidInput
        ``input.currency`` when it is no ISO code.
    """
    import polars as pl

    from analytics.conversion import Target
    from oms_core.kernel import clock
    from oms_core.kernel.errors import InvalidInput
    from oms_core.payments.daily_rates import daily_factors

    code = currency.strip().upper()
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise InvalidInput("currency", currency, "three letters (ISO 4217) were expected", "Write --currency EUR.")
    first, bases = workspace.replica.frame(_BASES).row(0)
    end = clock.business_date(clock.now(), workspace.shop.zone) + timedelta(days=1)
    with workspace.reading() as session:
        rows = list(daily_factors(session.connection(), bases or [], code, first or end, end))
    schema = {"currency": pl.String, "day": pl.Date, "factor": pl.Int64}
    return Target(code, pl.DataFrame(rows, schema=schema, orient="row"))
