"""The page of laws, written from the registry: ``python -m app.documents.law_list docs/laws.md``."""

from __future__ import annotations

import sys
from pathlib import Path

from oms_core.audit.laws import LAWS

HEAD = """# Laws

What `ordersight check` verifies, on SQLite and PostgreSQL alike; exit status 1 if any is broken. Written from the
registry (`oms_core/audit/laws.py`); a test refuses a page that drifted, and another plants a fault for every law and
sees it found. Where this process's replica is there, every replicated table is compared with its source too
(`replica.…`).
Write it again with `python -m app.documents.law_list docs/laws.md`.

| law | says |
| --- | --- |
"""


def page() -> str:
    """Return the page as Markdown."""
    return HEAD + "".join(f"| `{law.name}` | {law.says} |\n" for law in LAWS)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
