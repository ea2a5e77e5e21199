"""After the sale: handling of returns, claims, exchanges, withdrawals, wrong goods."""

from __future__ import annotations

from analytics.metrics.model import Measure, Metric


def _cases(kind: str, aggregate: str = "COUNT({x})", what: str = "1", date: str = "event_date") -> tuple[Measure, ...]:
    return (Measure("fct_cases", aggregate.format(x=f"CASE WHEN f.kind = '{kind}' THEN {what} END"), date),)


def _money(kind: str, column: str, date: str = "event_date") -> tuple[Measure, ...]:
    return _cases(kind, "CAST(SUM({x}) AS BIGINT)", f"f.{column}", date)


CASES = (
    Metric(
        slug="return_handling_time", label="Return handling time",
        help="Mean time from the arrival of a return to its close, over returns closed in the period.",
        unit="days", clock="event", grain="return", good="down", additive=False,
        measures=_cases("return", "AVG({x}) / 86400.0", "f.seconds_handled", "settled_date"),
    ),
    Metric(
        slug="resale_rate", label="Resale rate of returns",
        help="Units returned that went back into stock for sale ÷ units returned, on the day the return was accounted."
        " Imported credits say nothing about their goods and are out.",
        unit="ratio", clock="event", grain="return line", good="up", additive=False,
        measures=(
            Measure("fct_returns", "1.0 * SUM(CASE WHEN f.disposition = 'restock' THEN f.units_returned ELSE 0 END)"
                    " / NULLIF(SUM(CASE WHEN f.disposition <> 'pending' THEN f.units_returned END), 0)", "return_date"),
        ),
    ),
    Metric(
        slug="claims", label="Claims",
        help="Claims opened in the period, whatever became of them: damaged, missing, wrong or late.",
        unit="count", clock="event", grain="claim", good="down", measures=_cases("claim"),
    ),
    Metric(
        slug="claim_value", label="Value claimed",
        help="Value of the goods that claims opened in the period are about; rejected claims are out.",
        unit="money", clock="event", grain="claim", good="down",
        measures=(
            *_money("claim", "value_minor"),
            Measure("fct_claim_lines", "CAST(SUM(f.value_minor) AS BIGINT)"),
        ),
    ),
    Metric(
        slug="claims_paid", label="Paid for claims",
        help="Money or credit given to settle claims, on the day of the settlement.",
        unit="money", clock="event", grain="claim", good="down", measures=_money("claim", "paid_minor", "settled_date"),
    ),
    Metric(
        slug="claim_handling_time", label="Claim handling time",
        help="Mean time from opening a claim to settling it, over claims settled in the period.",
        unit="days", clock="event", grain="claim", good="down", additive=False,
        measures=_cases("claim", "AVG({x}) / 86400.0", "f.seconds_handled", "settled_date"),
    ),
    Metric(
        slug="orders_claimed", label="Orders with a claim",
        help="Orders placed in the period with at least one claim so far. Split by reason, an order counts once for"
        " each.",
        unit="count", clock="cohort", grain="order", good="down", additive_except=("reason",),
        measures=_cases("claim", "COUNT(DISTINCT {x})", "f.order_id", "order_date"),
    ),
    Metric(
        slug="claim_rate", label="Claim rate",
        help="Orders placed in the period with at least one claim so far ÷ orders placed in the period. Young periods"
        " still grow.",
        unit="ratio", clock="cohort", grain="order", good="down", additive=False,
        terms=("orders_claimed",), over=("orders_placed",),
    ),
    Metric(
        slug="units_mis_shipped", label="Units wrong or missing",
        help="Units of the period's orders that a claim says were wrong or missing; rejected claims are out.",
        unit="quantity", clock="cohort", grain="claim line", good="down",
        measures=(
            Measure("fct_claim_lines",
                    "CAST(SUM(CASE WHEN f.reason IN ('wrong', 'missing') THEN f.units ELSE 0 END) AS BIGINT)",
                    "order_date"),
        ),
    ),
    Metric(
        slug="mis_ship_rate", label="Mis-ship rate",
        help="Units of the period's orders claimed as wrong or missing ÷ units ordered in the period. Only what"
        " customers report is known.",
        unit="ratio", clock="cohort", grain="unit", good="down", additive=False,
        terms=("units_mis_shipped",), over=("units",),
    ),
    Metric(
        slug="units_mis_picked", label="Units picked wrong",
        help="Units of the period's orders in whose place something else came, as a claim says; rejected claims are"
        " out. Part of units wrong or missing.",
        unit="quantity", clock="cohort", grain="claim line", good="down",
        measures=(
            Measure("fct_claim_lines", "CAST(SUM(CASE WHEN f.reason = 'wrong' THEN f.units ELSE 0 END) AS BIGINT)",
                    "order_date"),
        ),
    ),
    Metric(
        slug="mis_pick_rate", label="Mis-pick rate",
        help="Units of the period's orders in whose place something else came ÷ units ordered in the period. Only what"
        " customers report is known.",
        unit="ratio", clock="cohort", grain="unit", good="down", additive=False,
        terms=("units_mis_picked",), over=("units",),
    ),
    Metric(
        slug="exchanges", label="Exchanges",
        help="Exchanges asked for in the period; cancelled ones are out.",
        unit="count", clock="event", grain="exchange", measures=_cases("exchange"),
    ),
    Metric(
        slug="exchange_value", label="Value sent in exchange",
        help="Value of the new goods of exchanges asked for in the period; cancelled ones are out. They are sales"
        " too, on"
        " the day the order is changed.",
        unit="money", clock="event", grain="exchange", measures=_money("exchange", "value_minor"),
    ),
    Metric(
        slug="withdrawals", label="Withdrawals",
        help="Withdrawals from the contract declared in the period, whatever became of them.",
        unit="count", clock="event", grain="withdrawal", good="down", measures=_cases("withdrawal"),
    ),
)  # fmt: skip
