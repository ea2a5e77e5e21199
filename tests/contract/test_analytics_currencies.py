"""Reports in another currency: at the rates of the orders' days, exact, and never without a rate."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import analytics_shop as golden
import pytest
from typer.testing import CliRunner

from app.cli.main import app
from oms_core.kernel import clock
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InvalidInput
from oms_core.payments.daily_rates import daily_factors
from oms_core.payments.nbp import rates_of
from oms_core.payments.rates import NewRate, publish

API = [
    {
        "table": "A", "no": "064/A/NBP/2024", "effectiveDate": "2024-03-29",
        "rates": [
            {"currency": "euro", "code": "EUR", "mid": 4.3009}, {"currency": "dolar", "code": "USD", "mid": 3.9886},
        ],
    },
    {"table": "A", "no": "065/A/NBP/2024", "effectiveDate": "2024-04-02",
     "rates": [{"currency": "euro", "code": "EUR", "mid": 4.2934}]},
]  # fmt: skip
TABLE_C = (
    '<?xml version="1.0" encoding="utf-8"?><ArrayOfExchangeRatesTable><ExchangeRatesTable><Table>C</Table><No>1</No>'
    "<TradingDate>2024-03-28</TradingDate><EffectiveDate>2024-03-29</EffectiveDate><Rates><Rate><Currency>euro"
    "</Currency><Code>EUR</Code><Bid>4.2500</Bid><Ask>4.3360</Ask></Rate></Rates></ExchangeRatesTable>"
    "</ArrayOfExchangeRatesTable>"
)
OLD = (
    '<?xml version="1.0" encoding="ISO-8859-2"?><tabela_kursow typ="A" uid="10a025"><numer_tabeli>025/A/NBP/2010'
    "</numer_tabeli><data_publikacji>2010-02-05</data_publikacji><pozycja><nazwa_waluty>forint (Węgry)</nazwa_waluty>"
    "<przelicznik>100</przelicznik><kod_waluty>HUF</kod_waluty><kurs_sredni>1,5037</kurs_sredni></pozycja>"
    "</tabela_kursow>"
).encode("iso-8859-2")
ARCHIVE = (
    "data;1THB;1USD;100HUF;nr tabeli;pełny numer tabeli;\r\n;bat (Tajlandia);dolar amerykański;forint (Węgry);;;\r\n"
    "20240102;0,1149;3,9432;1,1362;1;001/A/NBP/2024;\r\n20240103;;3,9909;1,1432;2;002/A/NBP/2024;\r\n"
    "kod ISO;THB;USD;HUF;;;\r\nliczba jednostek;1;1;100;;;\r\n"
).encode("cp1250")


def told(rates):
    return [(r.base, r.quote, str(r.on_date), r.rate) for r in rates]


def test_every_form_the_bank_publishes_is_read():
    assert told(rates_of(json.dumps(API).encode(), "a.json"))[0] == ("EUR", "PLN", "2024-03-29", "4.3009")
    one = {"table": "A", "code": "USD", "rates": [{"no": "1", "effectiveDate": "2024-01-02", "mid": 3.9432}]}
    assert told(rates_of(json.dumps(one).encode(), "usd.json")) == [("USD", "PLN", "2024-01-02", "3.9432")]
    assert told(rates_of(TABLE_C.encode(), "c.xml")) == [("EUR", "PLN", "2024-03-29", "4.293")]
    assert told(rates_of(OLD, "a025z100205.xml")) == [("HUF", "PLN", "2010-02-05", "0.015037")]
    assert told(rates_of(ARCHIVE, "archiwum_tab_a_2024.csv")) == [
        ("THB", "PLN", "2024-01-02", "0.1149"), ("USD", "PLN", "2024-01-02", "3.9432"),
        ("HUF", "PLN", "2024-01-02", "0.011362"), ("USD", "PLN", "2024-01-03", "3.9909"),
        ("HUF", "PLN", "2024-01-03", "0.011432"),
    ]  # fmt: skip
    assert rates_of(b"date,base,quote,rate\n", "own.csv") is None


@pytest.mark.parametrize(
    "data",
    [b'[{"table": "A"', b"<tabela_kursow><pozycja/></tabela_kursow>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>",
     b'[{"effectiveDate": "2024-01-02", "rates": [{"code": "USD", "mid": -1}]}]', b"data;nr tabeli\n20240102;1\n"],
)  # fmt: skip
def test_a_broken_file_is_refused_whole(data):
    with pytest.raises(InvalidInput) as refused:
        rates_of(data, "rates")
    assert refused.value.code == "input.rates_file"


def test_a_rate_is_that_of_the_day_or_the_last_before_never_a_later_one(engine):
    with transaction(engine) as session:
        publish(session, rates_of(json.dumps(API).encode(), "a"), source="NBP")  # type: ignore[arg-type]
        publish(session, [NewRate("JPY", "PLN", date(2024, 3, 29), "0.0263")], source="NBP")
        found = list(
            daily_factors(session.connection(), ["EUR", "USD", "JPY"], "PLN", date(2024, 3, 28), date(2024, 4, 3))
        )
        euros = [(str(day)[5:], factor / 10**12) for base, day, factor in found if base == "EUR"]
        assert euros == [
            ("03-29", 4.3009), ("03-30", 4.3009), ("03-31", 4.3009), ("04-01", 4.3009), ("04-02", 4.2934)
        ]  # fmt: skip
        # a yen has no hundredths: 1 JPY is 2.63 grosz
        assert {factor / 10**12 for base, _, factor in found if base == "JPY"} == {2.63}
        crossed = daily_factors(session.connection(), ["USD", "PLN"], "EUR", date(2024, 3, 29), date(2024, 3, 30))
        rates = {base: factor / 10**12 for base, _, factor in crossed}
    assert rates == pytest.approx({"USD": 3.9886 / 4.3009, "PLN": 1 / 4.3009}, abs=1e-11)


@pytest.fixture
def ordersight(engine, database_url, tmp_path, monkeypatch):
    """Return a function that runs one command on the golden shop, whose order 2 is in euro."""
    golden.build(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE orders SET currency = 'EUR' WHERE id = 2")
        connection.exec_driver_sql("UPDATE returns SET currency = 'EUR' WHERE id = 2")
    monkeypatch.setenv("ORDERSIGHT_DATABASE_URL", database_url)
    monkeypatch.setenv("ORDERSIGHT_HOME", str(tmp_path))

    def run(*words):
        with clock.frozen(golden.NOW):
            done = CliRunner().invoke(app, [*words, "--format", "json"])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return json.loads(done.stdout)

    return run


def test_a_report_is_in_one_currency_or_in_each_of_its_own(ordersight, tmp_path):
    period = ("--since", "2024-03-30", "--until", "2024-04-04")
    by_currency = ordersight("metrics", "query", "net_sales", *period)
    assert [(r["currency"], r["net_sales"]) for r in by_currency] == [("EUR", "-2.50"), ("PLN", "110.50")]
    # a cost in złoty is not taken off a sale in euro: it is not known there
    margins = ordersight("metrics", "query", "cost_of_goods", "net_sales_with_cost", *period)
    assert [(r["currency"], r["cost_of_goods"], r["net_sales_with_cost"]) for r in margins] == [
        ("EUR", "0.00", "0.00"), ("PLN", "32.00", "76.50")
    ]  # fmt: skip
    # nothing is known before the first rate is brought in, and nothing is guessed
    refused = ordersight("metrics", "query", "net_sales", "--currency", "PLN", *period)
    assert (refused["code"], "EUR 2024-03-30" in refused["message"]) == ("rates.missing", True)
    (tmp_path / "a.json").write_text(json.dumps(API))
    assert ordersight("rates", "import", str(tmp_path / "a.json"))["added"] == 3
    # 22.50 EUR of 30 March at Friday's 4.3009, 25.00 EUR of a credit of 3 April at 4.2934, each row rounded half even
    [row] = ordersight("metrics", "query", "net_sales", "gross_sales", "units", "--currency", "pln", *period)
    sold, credit = 10752 - 1075, 10734
    assert row == {
        "net_sales": str(Decimal(11050 + sold - credit) / 100), "gross_sales": str(Decimal(17200 + 10752) / 100),
        "units": 17, "report_currency": "PLN",
    }  # fmt: skip
    split = ordersight("metrics", "query", "net_sales", "--by", "channel", "--currency", "PLN", *period)
    assert sum(Decimal(r["net_sales"]) for r in split) == Decimal(row["net_sales"])
    [euro] = ordersight("metrics", "query", "gross_sales", "--currency", "EUR", "--where", "currency = 'EUR'", *period)
    assert euro == {"gross_sales": "25.00", "report_currency": "EUR"}
    refused = ordersight("metrics", "query", "stock_value", "--currency", "EUR", *period)
    assert refused["code"] == "metric.not_convertible"
