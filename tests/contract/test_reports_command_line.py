"""`metrics saved` and `reports`, as typed: keep, answer, write, schedule, send through a real server, send again."""

from __future__ import annotations

import json

import analytics_shop as golden
import pytest
from mail_server import Post, serving
from typer.testing import CliRunner

from app.cli.main import app
from oms_core.kernel import clock
from oms_core.kernel.database import make_engine


@pytest.fixture
def ordersight(migrated_sqlite, tmp_path, monkeypatch):
    """Return a function that runs one command on the golden shop and gives status and what it printed as JSON."""
    monkeypatch.delenv("ORDERSIGHT_DATABASE_URL", raising=False)
    monkeypatch.setenv("ORDERSIGHT_HOME", str(tmp_path))
    (tmp_path / "oms.db").write_bytes(migrated_sqlite.read_bytes())
    engine = make_engine(f"sqlite:///{tmp_path / 'oms.db'}")
    golden.build(engine)
    engine.dispose()

    def run(*words: str):
        with clock.frozen(golden.NOW):
            done = CliRunner().invoke(app, [*words, "--format", "json"])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, json.loads(done.stdout)

    return run


def test_a_question_is_kept_answered_scheduled_and_sent(ordersight, tmp_path):
    days = ("--since", "2024-03-30", "--until", "2024-04-04")
    status, told = ordersight("metrics", "saved", "save", "Sales", "gross_sales", "orders", "--by", "chanel", *days)
    assert (status, told["code"]) == (1, "dimension.not_found")
    assert (
        ordersight("metrics", "saved", "save", "Sales", "gross_sales", "--by", "channel", "--top", "1", *days)[0] == 0
    )
    question = ("metrics", "query", "gross_sales", "--by", "channel", "--top", "1", *days)
    [row], [same] = ordersight("metrics", "saved", "run", "Sales")[1], ordersight(*question)[1]
    assert row == same
    assert ordersight("metrics", "saved", "run", "Sales", "--out", str(tmp_path / "a.doc"))[1]["code"] == "input.out"
    _, made = ordersight("metrics", "saved", "run", "Sales", "--out", str(tmp_path / "a.xlsx"))
    assert (tmp_path / "a.xlsx").stat().st_size == made["bytes"]
    assert [q["name"] for q in ordersight("metrics", "saved", "list")[1]] == ["Sales"]
    assert ordersight("reports", "server")[1]["code"] == "mail.no_server"
    to = ("--to", "ala@example.com", "--to", "ola@example.com")
    assert ordersight("reports", "schedule", "Daily", "--query", "Sales", *to, "--as", "csv")[0] == 0
    with serving(Post(refuse={"ola@example.com": "550 no such box"})) as post:
        sender = ("--sender", "shop@example.com", "--port", str(post.port), "--security", "none")
        assert ordersight("reports", "server", "--host", "127.0.0.1", *sender)[1]["port"] == post.port
        status, run = ordersight("reports", "send", "Daily")
        assert (status, run["state"], run["delivered"]) == (1, "failed", ["ala@example.com"])
        post.refuse.clear()
        assert ordersight("reports", "again", str(run["id"]))[1]["state"] == "sent"
    assert post.boxes() == ["ala@example.com", "ola@example.com"]
    assert ordersight("metrics", "saved", "delete", "Sales")[1]["code"] == "saved_query.in_use"
    assert ordersight("reports", "pause", "Daily")[1]["paused"] is True
    assert ordersight("reports", "delete", "Daily")[0] == 0
    assert ordersight("metrics", "saved", "delete", "Sales")[0] == 0
