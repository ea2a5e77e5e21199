"""What channels say they took for us, kept and sent: their payout statements, not our books."""

from __future__ import annotations

from analytics.metrics.model import Measure, Metric


def _stated(slug: str, label: str, what: str, expression: str, good: str = "none") -> Metric:
    return Metric(
        slug=slug,
        label=label,
        help=f"{what}, as channels' payout statements say, on the row's own day (else the statement's last).",
        unit="money",
        clock="event",
        grain="row of a payout statement",
        good="down" if good == "down" else "none",
        measures=(Measure("fct_payout_lines", f"CAST(SUM({expression}) AS BIGINT)"),),
    )


PAYOUTS = (
    _stated("payouts_taken", "Taken by channels", "Money taken from customers less money given back", "f.amount_minor"),
    _stated("payout_fees", "Fees kept by channels", "Fees kept before paying out", "f.fee_minor", "down"),
    _stated("payouts", "Paid out by channels", "Money sent to the shop: taken − kept", "f.amount_minor - f.fee_minor"),
)
