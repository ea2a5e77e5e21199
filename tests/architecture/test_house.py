"""The house rules a machine can check; each names the file that breaks it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("oms_core", "analytics", "segmentation", "forecasting", "app")
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "manager", "base2"}
LONGEST_MODULE = 400
LONGEST_PAGE_FILE = 30
LONGEST_FUNCTION = 60


def sources(*packages: str) -> Iterator[Path]:
    for package in packages or PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "versions" not in path.parts:
                yield path


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def calls(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def test_a_module_has_one_job() -> None:
    assert [name(p) for p in sources() if lines(p) > LONGEST_MODULE] == []


def test_page_files_only_wire() -> None:
    assert [name(p) for p in (ROOT / "app/app_pages").glob("*.py") if lines(p) > LONGEST_PAGE_FILE] == []


def test_functions_stay_readable() -> None:
    long = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                length = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
                if length > LONGEST_FUNCTION:
                    long.append(f"{name(path)}:{node.name} ({length})")
    assert long == []


def test_no_module_is_called_after_a_drawer() -> None:
    assert [name(p) for p in sources() if p.stem in FORBIDDEN_NAMES] == []


def test_one_clock() -> None:
    wall = {"datetime.now", "datetime.utcnow", "date.today", "datetime.today", "time.time"}
    allowed = {"oms_core/kernel/clock.py"}
    found = [
        f"{name(p)}:{line}" for p in sources() if name(p) not in allowed for line, call in calls(p) if call in wall
    ]
    assert found == []


def test_only_the_database_room_commits() -> None:
    found = [f"{name(p)}:{line}" for p in sources("oms_core") for line, call in calls(p) if call.endswith(".commit")]
    assert [f for f in found if not f.startswith("oms_core/kernel/database.py")] == []


def test_no_error_is_swallowed() -> None:
    handlers = [
        (path, node)
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
    ]
    silent = [f"{name(p)}:{h.lineno}" for p, h in handlers if all(isinstance(s, ast.Pass) for s in h.body)]
    assert silent == []


def test_streamlit_caches_live_in_one_file() -> None:
    found = {name(p) for p in sources("app") if "cache_data" in p.read_text() or "cache_resource" in p.read_text()}
    assert found <= {"app/data.py", "app/main.py"}  # main freezes the garbage collector once


def test_colours_live_in_the_theme() -> None:
    hexes = re.compile(r"[\"']#[0-9A-Fa-f]{6}[\"']")
    allowed = ("app/documents/",)
    found = [name(p) for p in sources("app") if hexes.search(p.read_text(encoding="utf-8"))]
    assert [f for f in found if not f.startswith(allowed)] == []


@pytest.mark.parametrize(
    "file", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "NOTICE"]
)
def test_the_house_has_its_papers(file: str) -> None:
    assert (ROOT / file).stat().st_size > 200


def test_lock_files_hold_hashes_and_no_addresses() -> None:
    for lock in ("requirements.lock", "requirements-test.lock"):
        text = (ROOT / lock).read_text()
        pins = len(re.findall(r"^[\w.-]+(\[[\w,-]+\])?==", text, re.MULTILINE))
        assert pins > 50
        assert "://" not in text
        assert text.count("--hash=sha256:") >= pins
