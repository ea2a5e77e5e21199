"""`refresh` and `metrics`, as typed, on both databases."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import analytics_shop as golden
import pytest
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from app.cli.main import app
from oms_core.kernel import clock
from oms_core.kernel.settings import save_shop


@pytest.fixture
def ordersight(engine, database_url, tmp_path, monkeypatch):
    """Return a function that runs one command on the golden shop and gives status and text."""
    golden.build(engine)
    monkeypatch.setenv("ORDERSIGHT_DATABASE_URL", database_url)
    monkeypatch.setenv("ORDERSIGHT_HOME", str(tmp_path))

    def run(*words: str):
        with clock.frozen(golden.NOW):
            done = CliRunner().invoke(app, list(words))
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.stdout

    return run


def asked(ordersight, *words):
    status, text = ordersight(*words, "--format", "json")
    return status, json.loads(text)


def test_refresh_says_how_far_it_came(ordersight):
    status, first = asked(ordersight, "refresh")
    assert (status, first["full"], first["rows"] > 50) == (0, True, True)
    _, second = asked(ordersight, "refresh")
    assert (second["full"], second["rows"], second["watermark"]) == (False, 0, first["watermark"])
    assert second["lag_ms"] >= 0


def test_refresh_can_prune_the_log(ordersight, engine):
    _, first = asked(ordersight, "refresh", "--prune")
    assert first["pruned"] > 50
    assert asked(ordersight, "refresh")[1]["full"] is False


def test_a_query_refreshes_first_and_prints_money_with_its_currency(ordersight, engine):
    question = ("metrics", "query", "gross_sales", "aov", "orders", "--by", "channel", "--since", "2024-03-30")
    assert asked(ordersight, *question, "--until", "2024-04-04") == (
        0,
        [
            {"channel": "market", "gross_sales": "50.00", "aov": "15.50", "orders": 3, "currency": "PLN"},
            {"channel": "web", "gross_sales": "147.00", "aov": "20.50", "orders": 7, "currency": "PLN"},
        ],
    )
    with engine.begin() as connection:
        golden.insert(connection, "orders", [golden.order(50, "04-03", 1, 1, "PL", gross=1000)])
        golden.insert(connection, "order_lines", [golden.line(50, 50, 1, 1)])
    assert asked(ordersight, *question)[1][1]["orders"] == 8
    twice = asked(ordersight, "metrics", "query", "gross_sales", "gross_sales", "--until", "2024-04-04")
    assert twice == (0, [{"gross_sales": "207.00", "currency": "PLN"}])


def test_a_ready_report_is_money_with_its_currency_and_refuses_a_period_it_has_not(ordersight):
    status, rows = asked(ordersight, "metrics", "report", "overstock")
    assert (status, len(rows)) == (0, 1)
    said = {key: rows[0][key] for key in ("sku", "kind", "surplus", "price", "marked_price", "cash", "currency")}
    assert said == {"sku": "A", "kind": "excess", "surplus": "56.00", "price": "10.00", "marked_price": "7.00",
                    "cash": "98.00", "currency": "PLN"}  # fmt: skip
    assert asked(ordersight, "metrics", "report", "delivery", "--since", "2024-03-30")[0] == 0
    assert asked(ordersight, "metrics", "report", "sold_out", "--since", "2024-03-30")[1]["code"] == "input.since"
    assert asked(ordersight, "metrics", "report", "soldout")[1]["hint"] == "Did you mean 'sold_out'?"


def test_a_query_compares_filters_and_splits_by_time(ordersight):
    status, rows = asked(
        ordersight, "metrics", "query", "net_sales", "repeat_rate", "--by", "month", "--compare", "previous",
        "--since", "2024-04-01", "--until", "2024-05-01", "--where", "country IN ('PL', 'GB')",
    )  # fmt: skip
    assert (status, len(rows)) == (0, 1)
    assert rows[0] == {
        "month": "2024-04-01", "net_sales": "39.00", "net_sales_previous": "72.50",
        "net_sales_change": pytest.approx(-33.5 / 72.5), "repeat_rate": 1.0, "repeat_rate_previous": 1.0,
        "repeat_rate_change": 0.0, "currency": "PLN",
    }  # fmt: skip


def test_csv_holds_the_same_rows(ordersight):
    _, text = ordersight("metrics", "query", "gross_sales", "--by", "sku", "--since", "2024-03-30", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["sku"], row["gross_sales"], row["currency"]) for row in rows] == [
        ("A", "80.00", "PLN"), ("B", "75.00", "PLN"), ("C", "42.00", "PLN"), ("", "0.00", "PLN"),
    ]  # fmt: skip


def test_numbers_split_by_the_customers_group_of_today(ordersight):
    rows = asked(ordersight, "metrics", "query", "orders", "--by", "segment", "--since", "2024-03-30")[1]
    assert sum(row["orders"] for row in rows) == 10
    assert rows[-1] == {"segment": None, "orders": 1}
    assert len(rows) > 1


def test_the_registry_is_listed(ordersight):
    status, rows = asked(ordersight, "metrics", "list")
    assert status == 0
    assert len(rows) >= 25
    assert {"slug", "label", "unit", "clock", "definition", "version"} <= set(rows[0])


#: Words after ``metrics query``, the status of the command and the code of its refusal.
BAD = (
    (("gros_sales",), 1, "metric.not_found"),
    (("gross_sales", "--by", "chanel"), 1, "dimension.not_found"),
    (("on_hand", "--by", "channel"), 1, "metric.cannot_split"),
    (("gross_sales", "--since", "2024-02-30"), 2, "input.since"),
    (("gross_sales", "--since", "2024-02-03", "--until", "2024-02-03"), 2, "input.until"),
    (("gross_sales", "--compare", "last"), 2, "input.compare"),
    (("gross_sales", "--where", "chanel = 'web'"), 2, "expression.unknown_attribute"),
    (("gross_sales", "--where", "channel = 'web"), 2, "expression.syntax"),
    (("orders_open", "--as-of", "2024-04-01"), 1, "metric.no_past"),
    (("gross_sales", "--as-of", "2124-01-01"), 2, "input.as_of"),
    (("gross_sales", "--engine", "flink"), 2, "input.engine"),
)


def test_a_bad_question_is_refused_with_a_code(ordersight):
    for words, status, code in BAD:
        found, error = asked(ordersight, "metrics", "query", *words)
        assert (found, error["code"]) == (status, code), words
        assert error["message"].endswith((".", "?")), words
        assert error["hint"], words


def test_manual_work_is_a_cost_from_the_moment_it_is_said(ordersight):
    assert asked(ordersight, "metrics", "query", "handling_cost")[1][0]["handling_cost"] == "0.00"
    status, kept = asked(ordersight, "costs", "handling", "--pack", "1.50", "--take-back", "0,40")
    assert (status, kept) == (0, {"pick": "0.00", "pack": "1.50", "take_back": "0.40", "currency": "PLN"})
    [row] = asked(ordersight, "metrics", "query", "handling_cost", "return_handling_cost", "contribution_margin")[1]
    assert (row["handling_cost"], row["return_handling_cost"]) == ("7.50", "0.80")
    assert row["contribution_margin"] == f"{Decimal(3200 - 1350 - 500 - 750 - 80) / 100:.2f}"
    assert asked(ordersight, "costs", "handling", "--pick", "-1")[1]["code"].startswith("input.")


def test_a_shop_in_yen_has_no_decimals(ordersight, engine):
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE orders SET currency = 'JPY'")
        connection.exec_driver_sql("UPDATE returns SET currency = 'JPY'")
    with Session(engine) as session, session.begin():
        save_shop(session, golden.SHOP)
    [row] = asked(ordersight, "metrics", "query", "gross_sales", "--by", "currency")[1]
    assert row == {"currency": "JPY", "gross_sales": "19700"}


def test_a_ranking_keeps_the_largest_with_their_share(ordersight):
    question = ("metrics", "query", "gross_sales", "--by", "sku", "--since", "2024-03-30", "--until", "2024-04-04")
    status, rows = asked(ordersight, *question, "--top", "1", "--compare", "previous")
    assert (status, len(rows)) == (0, 1)
    assert (rows[0]["sku"], rows[0]["gross_sales"], rows[0]["rank"]) == ("A", "80.00", 1)
    assert rows[0]["gross_sales_share"] == pytest.approx(8000 / 19700)
    assert (rows[0]["gross_sales_previous"], rows[0]["gross_sales_change"]) == ("0.00", None)
    assert ordersight(*question, "--top", "0")[0] != 0


def test_a_change_of_sales_is_explained_from_the_whole_to_its_items(ordersight):
    question = ("metrics", "explain", "net_sales", "--since", "2024-04-01", "--until", "2024-04-04", "--by", "sku")
    status, rows = asked(ordersight, *question, "--top", "2")
    assert (status, [row["row"] for row in rows]) == (0, ["total", "item", "item"])
    assert [rows[0][name] for name in ("before", "now", "change")] == ["95.00", "13.00", "-82.00"]
    assert [rows[0][name] for name in ("volume", "mix", "price", "currency")] == ["11.86", "-15.03", "-78.83", "PLN"]
    assert [row["sku"] for row in rows] == [None, "B", "A"]
    assert ordersight("metrics", "explain", "orders")[0] != 0
