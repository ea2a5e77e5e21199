"""Bad input: one clear sentence, a stable code, status 1 or 2, nothing half-written."""

from __future__ import annotations

import json
import sqlite3

import pytest
from typer.testing import CliRunner

from app.cli.main import app

MAPPING = """
source = "s"
[columns]
order = "order"
placed_at = "at"
sku = "code"
quantity = "qty"
unit_price = "price"
"""
GOOD = "order,at,code,qty,price\n1,2024-01-01,A,2,5.00\n"


@pytest.fixture
def home(tmp_path, migrated_sqlite, monkeypatch):
    monkeypatch.delenv("ORDERSIGHT_DATABASE_URL", raising=False)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "oms.db").write_bytes(migrated_sqlite.read_bytes())
    (tmp_path / "m.toml").write_text(MAPPING)
    (tmp_path / "good.csv").write_text(GOOD)
    return tmp_path


def call(home, *arguments):
    answer = CliRunner().invoke(app, ["import", *map(str, arguments), "--home", str(home / "home"), "--format", "json"])
    return answer.exit_code, json.loads(answer.stdout), answer.stderr


def count(home, table):
    with sqlite3.connect(home / "home" / "oms.db") as connection:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


FILES = {
    "empty.csv": (b"", "file.empty", 2),
    "header.csv": (b"order,at,code,qty,price\n", "file.empty", 2),
    "paper.csv": (b"%PDF-1.4\n%\xe2\xe3", "file.wrong_type", 2),
    "image.csv": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "file.wrong_type", 2),
    "broken.xlsx": (b"PK\x03\x04 not a workbook", "file.wrong_type", 2),
    "broken.json": (b'{"orders": [', "file.json", 2),
    "latin.csv": ("order,at,code,qty,price\n1,2024-01-01,Żółć,2,5.00\n".encode("windows-1250"), "file.encoding", 2),
    "columns.csv": (b"order,at,sku,qty,price\n1,2024-01-01,A,2,5.00\n", "file.missing_column", 2),
    "cut.parquet": (b"PAR1 and no more", "file.wrong_type", 2),
}


@pytest.mark.parametrize("name", FILES)
def test_a_wrong_file(home, name):
    content, code, status = FILES[name]
    (home / name).write_bytes(content)
    # a good file beside it is not taken either
    got = call(home, "csv", "--mapping", home / "m.toml", home / "good.csv", home / name)
    assert (got[0], got[1]["code"]) == (status, code)
    assert name in got[1]["message"]
    assert got[1]["hint"]
    assert (count(home, "orders"), count(home, "import_runs"), count(home, "change_log")) == (0, 0, 0)


def test_a_missing_column_is_named_with_its_likeness(home):
    (home / "x.csv").write_text("order_no,at,code,qty,unit price\n1,2024-01-01,A,2,5.00\n")
    _, error, _ = call(home, "csv", "--mapping", home / "m.toml", home / "x.csv")
    assert "'order' (order)" in error["message"]
    assert 'order = "order_no"' in error["hint"]
    assert error["missing"] == ["order", "unit_price"]


def test_a_missing_file(home):
    status, error, _ = call(home, "online-retail", home / "nowhere.csv")
    assert (status, error["code"]) == (1, "file.not_found")


def test_places_nobody_can_write_to(home):
    """Rejected rows that cannot be written stop an import before it stores anything; a result says the same words."""
    nowhere = home / "nowhere" / "x.csv"
    refused = call(home, "csv", "--mapping", home / "m.toml", home / "good.csv", "--rejects", nowhere)
    assert (refused[0], refused[1]["code"], count(home, "orders")) == (2, "file.no_folder", 0)
    refused = call(home, "csv", "--mapping", home / "m.toml", home / "good.csv", "--dry-run", "--out", nowhere)
    assert (refused[0], refused[1]["code"]) == (1, "file.failed")
    assert str(nowhere) in refused[1]["message"]


def test_no_mapping(home):
    status, error, _ = call(home, "csv", home / "good.csv")
    assert (status, error["code"]) == (2, "mapping.required")


MAPPINGS = {
    "not toml": ("source = ", "mapping.not_toml"),
    "no source": (MAPPING.replace('source = "s"', ""), "mapping.value"),
    "unknown field": (MAPPING.replace("sku =", "skuu ="), "mapping.value"),
    "unknown setting": (MAPPING + "[file]\nencodng = 'utf-8'\n", "mapping.value"),
    "bad zone": (MAPPING + "[file]\nzone = 'Europe/Krakow'\n", "mapping.value"),
    "bad pattern": (MAPPING + "[[lines]]\nis = 'shipping'\nsku = '('\n", "mapping.value"),
    "bad kind": (MAPPING + "[[lines]]\nis = 'shiping'\nsku = 'X'\n", "mapping.value"),
    "bad word": (MAPPING + "[values.status]\nnew = 'neww'\n", "mapping.value"),
    "no quantity": (MAPPING.replace('quantity = "qty"', ""), "mapping.incomplete"),
    "wrong type": (MAPPING + "[file]\nskip_rows = 'two'\n", "mapping.value"),
}


@pytest.mark.parametrize("name", MAPPINGS)
def test_a_wrong_mapping(home, name):
    (home / "bad.toml").write_text(MAPPINGS[name][0])
    status, error, _ = call(home, "csv", "--mapping", home / "bad.toml", home / "good.csv")
    assert (status, error["code"]) == (2, MAPPINGS[name][1])
    assert error["hint"]


def test_a_locked_database(home, monkeypatch):
    monkeypatch.setattr("oms_core.kernel.database.BUSY_TIMEOUT_SECONDS", 0.1)
    holder = sqlite3.connect(home / "home" / "oms.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    status, error, _ = call(home, "csv", "--mapping", home / "m.toml", home / "good.csv")
    holder.close()
    assert (status, error["code"]) == (1, "database.locked")
    assert count(home, "orders") == 0


def test_progress_and_remarks_go_to_standard_error(home):
    (home / "bad.csv").write_text(GOOD + "1,2024-01-01,A,x,5.00\n")
    rejects = home / "rejects.csv"
    status, answer, said = call(home, "csv", "--mapping", home / "m.toml", home / "bad.csv", "--rejects", rejects)
    assert (status, answer["rejected"], answer["value"], answer["currency"]) == (0, 1, "10.00", "PLN")
    assert "1 row(s) were rejected, 1 of them: quantity: 'x' is not a number" in said
    assert [(r["code"], r["rows"]) for r in answer["rejections"]] == [("quantity.unreadable", 1)]
    assert "'x' is not a number" in rejects.read_text()


def test_the_first_orders_of_an_empty_shop_set_its_currency(home):
    (home / "gbp.toml").write_text(MAPPING + "[file]\nzone = 'Europe/London'\ncurrency = 'GBP'\n")
    assert call(home, "csv", "--mapping", home / "gbp.toml", home / "good.csv", "--dry-run")[1]["currency"] == "GBP"
    assert count(home, "shop_settings") == 0
    call(home, "csv", "--mapping", home / "gbp.toml", home / "good.csv")
    with sqlite3.connect(home / "home" / "oms.db") as connection:
        kept = dict(connection.execute("SELECT key, value FROM shop_settings"))
    assert json.loads(kept["currency"]) == {"value": "GBP"}
    assert json.loads(kept["zone"]) == {"value": "Europe/London"}


@pytest.mark.parametrize("source", ["csv", "online-retail"])
def test_templates_are_mappings(home, source):
    out = home / "template.toml"
    done = CliRunner().invoke(app, ["import", "template", source, "--out", str(out), "--home", str(home / "home")])
    assert done.exit_code == 0
    from oms_core.channels.csv_mapping import load_mapping

    assert load_mapping(out).source
