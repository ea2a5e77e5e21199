"""Every command says what it does, and the command line answers at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
import typer

from app.cli.main import app

ROOT = typer.main.get_command(app)
HEAVY = ("polars", "duckdb", "streamlit", "sklearn", "scipy", "statsmodels", "sqlalchemy", "plotly", "pandas")


def tree(command: click.Command, path: str = "ordersight") -> Iterator[tuple[str, click.Command]]:
    yield path, command
    for child_name, child in getattr(command, "commands", {}).items():
        yield from tree(child, f"{path} {child_name}")


COMMANDS = dict(tree(ROOT))


@pytest.mark.parametrize("path", sorted(COMMANDS))
def test_a_command_has_help(path: str) -> None:
    assert COMMANDS[path].help, path


@pytest.mark.parametrize("path", sorted(COMMANDS))
def test_every_option_is_explained(path: str) -> None:
    silent = [p.name for p in COMMANDS[path].params if isinstance(p, click.Option) and not getattr(p, "help", None)]
    assert silent == []


def test_help_loads_no_heavy_library() -> None:
    probe = f"import sys, app.cli.main; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
