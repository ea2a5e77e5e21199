"""The contracts between rooms hold, and would notice a wall being broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = Path(sys.executable).with_name("lint-imports")


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(folder)}
    )


def test_every_contract_is_kept() -> None:
    done = run(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("oms_core/kernel/money.py", "import analytics"),
        ("segmentation/__init__.py", "import forecasting"),
        ("analytics/__init__.py", "import streamlit"),
        ("oms_core/inventory/tables.py", "import oms_core.orders.tables"),
        ("oms_core/orders/states.py", "import polars"),
    ],
)
def test_a_broken_wall_is_noticed(tmp_path: Path, room: str, line: str) -> None:
    for package in ("oms_core", "analytics", "segmentation", "forecasting", "app"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("*.parquet", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / room).open("a") as file:
        file.write(f"\n{line}\n")
    assert run(tmp_path).returncode != 0
