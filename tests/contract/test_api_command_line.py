"""`ordersight api` and `tokens` as a person runs them: a real process on loopback."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from api_shop import make_shop, order

from app.api import server
from oms_core.kernel.errors import Conflict

ROOT = Path(__file__).parents[2]
CODE = "from app.cli.main import run; run()"


@pytest.fixture
def home(migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("ORDERSIGHT_DATABASE_URL", raising=False)
    (tmp_path / "oms.db").write_bytes(migrated_sqlite.read_bytes())
    make_shop(tmp_path).close()
    return tmp_path


def cli(*words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", CODE, *words], env=env, capture_output=True, text=True, check=False)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_token_made_on_the_command_line_opens_a_served_shop_until_it_is_revoked(home: Path) -> None:
    made = cli("tokens", "create", "till", "--scope", "orders:write", "--home", str(home), "--format", "json")
    assert made.returncode == 0, made.stderr
    token = json.loads(made.stdout)
    with server.running(home, port=free_port()) as api:
        address = api.address.replace("localhost", "127.0.0.1")
        with httpx.Client(
            base_url=address, headers={"Authorization": f"Bearer {token['token']}"}, trust_env=False, timeout=30
        ) as caller:
            headers = {"Idempotency-Key": "1"}
            placed = [caller.post("/v1/orders", json=order(MUG=1), headers=headers) for _ in range(2)]
            assert [p.status_code for p in placed] == [201, 201]
            assert placed[0].content == placed[1].content
            assert caller.get("/v1/inventory?sku=MUG").json()["required"] == "stock:read"
            with pytest.raises(Conflict, match="taken by another program"):
                server.require_free(api.port)
    assert api.process.returncode is not None
    shown = cli("tokens", "list", "--home", str(home), "--format", "json")
    (row,) = json.loads(shown.stdout)
    assert (row["prefix"], row["state"]) == (token["prefix"], "active")
    assert row["last_used_at"] is not None
    assert token["token"] not in shown.stdout
    gone = cli("tokens", "revoke", token["prefix"], "--home", str(home), "--format", "json")
    assert json.loads(gone.stdout)["state"] == "revoked"


def test_an_occupied_port_is_one_sentence(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = cli("api", "--home", str(home), "--port", str(taken.getsockname()[1]))
    assert said.returncode == 1
    assert "[api.port_occupied]" in said.stderr


def test_an_unknown_scope_offers_what_is_close(home: Path) -> None:
    said = cli("tokens", "create", "x", "--scope", "ordrs:write", "--home", str(home), "--format", "json")
    assert (said.returncode, json.loads(said.stdout)["near"][0]) == (1, "orders:write")
