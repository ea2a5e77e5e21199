"""Mappings to start from."""

from __future__ import annotations

from pathlib import Path

from oms_core.kernel.errors import NotFound

DATA = Path(__file__).parent / "data"
TEMPLATES = {"csv": "template.toml", "online-retail": "online_retail.toml"}


def mapping_text(source: str) -> str:
    """Return the text of a mapping: the commented template, or a built-in source's own."""
    if source not in TEMPLATES:
        raise NotFound("template", source, TEMPLATES, f"Templates: {', '.join(TEMPLATES)}.")
    return (DATA / TEMPLATES[source]).read_text(encoding="utf-8")
