"""The table of what works where names only what exists, and leaves no capability out."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import typer.main

from app.api.app import NOUNS
from app.cli.main import app

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs/coverage.md").read_text(encoding="utf-8")
ROWS = [line.split("|")[1:-1] for line in TABLE.splitlines() if line.startswith("| ") and "---" not in line]
ROWS = [[cell.strip() for cell in row] for row in ROWS if row[0].strip()]
#: Capabilities that must each have a line.
NAMED = {
    "P": [4, 5, 6, 8, 9, 10, 11, 12], "E": range(1, 10), "I": range(1, 12), "T": range(1, 10), "M": [1, 2],
    "X": range(1, 10), "U": range(1, 16), "A": [4],
}  # fmt: skip


def quoted(column: int) -> set[str]:
    return {word for row in ROWS for word in re.findall(r"`([^`]+)`", row[column])}


def commands(command: object, words: tuple[str, ...] = ()) -> set[str]:
    inner = getattr(command, "commands", None)
    if not inner:
        return {" ".join(words)}
    return {found for name, one in inner.items() for found in commands(one, (*words, name))}


def test_every_capability_has_a_line() -> None:
    told = set()
    for row in ROWS:
        for part in row[0].split(","):
            first, _, last = part.strip().partition("–")
            if first:
                until = int((last or first)[1:])
                told |= {f"{first[0]}{n}" for n in range(int(first[1:]), until + 1)}
    assert {f"{letter}{n}" for letter, numbers in NAMED.items() for n in numbers} - told == set()


def test_commands_operations_pages_and_tests_exist() -> None:
    assert quoted(2) - commands(typer.main.get_command(app)) == set()
    routes = [route for noun in NOUNS for route in import_module(f"app.api.routes.{noun}").operations.router.routes]
    known = {f"{method} {route.path.removeprefix('/v1')}" for route in routes for method in route.methods}
    assert quoted(3) - known == set()
    pages = (ROOT / "app/main.py").read_text(encoding="utf-8")
    assert {page for page in quoted(4) if f'"{page.removeprefix("/")}"' not in pages} == set()
    links = {link for row in ROWS for link in re.findall(r"\]\(\.\./([^)]+)\)", row[5])}
    assert len(links) > 20
    assert {link for link in links if not (ROOT / link).is_file()} == set()
