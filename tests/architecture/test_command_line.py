"""Every command says what it does, and the command line answers at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import typer

from app.cli.main import app

ROOT = typer.main.get_command(app)
HEAVY = ("polars", "duckdb", "streamlit", "sklearn", "scipy", "statsmodels", "sqlalchemy", "plotly", "pandas")


def tree(command: click.Command, path: str = "ordersight") -> Iterator[tuple[str, click.Command]]:
    yield path, command
    for child_name, child in getattr(command, "commands", {}).items():
        yield from tree(child, f"{path} {child_name}")


COMMANDS = dict(tree(ROOT))


def test_every_command_has_help() -> None:
    assert len(COMMANDS) > 100
    assert [path for path, command in COMMANDS.items() if not command.help] == []


def test_every_option_is_explained() -> None:
    silent = [
        f"{path} --{option.name}"
        for path, command in COMMANDS.items()
        for option in command.params
        if isinstance(option, click.Option) and not getattr(option, "help", None)
    ]
    assert silent == []


def test_help_loads_no_heavy_library() -> None:
    probe = f"import sys, app.cli.main; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
