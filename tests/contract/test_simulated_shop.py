"""The simulated shop in a database: lawful, equal to its truth, with work at every desk, playable ahead."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa
from demo_shop import broken
from typer.testing import CliRunner

from app.cli.main import app
from app.demo import marker
from app.demo.simulated.ahead import advance
from app.demo.simulated.build import Simulation
from app.demo.simulated.scene import ENDS
from app.jobs import campaigns, segment_files
from app.workspace import Workspace
from oms_core.kernel import clock
from oms_core.kernel.errors import Refused
from oms_core.kernel.settings import Home

ORDERS, SEED = 700, 4


def test_a_simulated_shop_is_lawful_true_and_goes_on(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two years are loaded, a week goes through the commands, a campaign is sent and a month passes."""
    making = Simulation(ORDERS)
    making.build(engine, seed=SEED, home=tmp_path, progress=lambda _what, _share: None)
    assert broken(engine) == []

    def one(sql: str) -> int:
        with engine.connect() as connection:
            return int(connection.execute(sa.text(sql)).scalar_one() or 0)

    sold = pl.read_parquet(tmp_path / "truth" / "demand.parquet")["sold"].sum()
    assert one("SELECT sum(quantity) FROM order_lines") == sold
    assert one("SELECT count(*) FROM orders WHERE NOT is_history") > 3
    assert one("SELECT count(*) FROM orders WHERE NOT is_simulated") == 0
    assert one("SELECT count(*) FROM orders WHERE currency = 'EUR' AND shop_total_minor > 3 * total_minor") > 10
    assert one("SELECT count(*) FROM shipments WHERE delivered_at > promised_at") > 10
    for table, least in (
        ("drafts", 3), ("supplier_invoices", 5), ("receipts", 20), ("transfers", 2), ("returns", 20),
    ):  # fmt: skip
        assert one(f"SELECT count(*) FROM {table}") >= least, table
    assert one("SELECT count(*) FROM transfers WHERE state = 'in_transit'") == 1

    monkeypatch.setenv("ORDERSIGHT_DATABASE_URL", engine.url.render_as_string(hide_password=False))
    workspace = Workspace(Home(tmp_path))
    before = clock.offset()
    try:
        with clock.frozen(ENDS):
            with pytest.raises(Refused, match="Only the simulated demo"):
                advance(workspace, 3)
            marker.write(engine, state="ready", seed=SEED, shop=making.name, **making.facts)
            sent = _send(workspace)
            orders = one("SELECT count(*) FROM orders")
            passed = advance(workspace, 29)
        _read(workspace, sent=sent, answers=passed["answers"])
        assert passed["answers"] > 0
        assert one("SELECT count(*) FROM orders") == orders + passed["orders"]
        assert broken(engine) == []
        played = pl.read_parquet(tmp_path / "truth" / "ahead.parquet")
        assert played["is_answer"].sum() == passed["answers"]
        assert str(played["day"].max()) <= passed["until"] == "2026-11-27"
    finally:
        clock.set_offset(before)
        workspace.close()


def _send(workspace: Workspace) -> int:
    """Export who ordered and may be written to, a fifth held out: what tells the simulation who got a message."""
    workspace.replica.refresh()
    text, name = "number_of_orders >= 1", "Autumn letter"
    made = segment_files.export(workspace, text, to="csv", file_name="autumn.csv", holdout=0.2, campaign=name)
    return int(made.manifest["exported"])


def _read(workspace: Workspace, *, sent: int, answers: int) -> None:
    """A month later the campaign is read, and the truth lies inside its interval."""
    with clock.frozen(ENDS + timedelta(days=29)):
        workspace.replica.refresh()
        result = campaigns.result(workspace, campaigns.find(workspace, "Autumn letter"))
    assert (result.campaign.sent, result.campaign.state) == (sent, campaigns.FINISHED)
    assert result.truth == answers
    assert result.truth_inside


def test_another_demo_and_impossible_sizes_are_refused(tmp_path: Path) -> None:
    run = CliRunner()

    def said(*options: str) -> str:
        result = run.invoke(app, ["demo", "--no-serve", "--home", str(tmp_path / "new"), "--format", "json", *options])
        assert result.exit_code == 2
        return result.output

    assert "demo.size" in said("--shop", "simulated", "--orders", "-5")
    assert "demo.size" in said("--shop", "simulated", "--orders", "99000000")
    assert "demo.size" in said("--orders", "1000")
    assert "demo.ahead" in said("--ahead", "3")
    assert not (tmp_path / "new" / "oms.db").exists()
