"""The reference as one plain page: no script, no font, nothing fetched from anywhere."""

from __future__ import annotations

import json
from html import escape
from typing import Any

_STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h2{margin-top:3rem;border-bottom:1px solid #8886;text-transform:capitalize}
details{margin:.4rem 0;padding:.4rem .8rem;border:1px solid #8884;border-radius:6px}
summary{cursor:pointer}code,pre{font:14px/1.45 ui-monospace,monospace}
pre{overflow:auto;padding:.6rem;background:#8881;border-radius:6px}
b.m{display:inline-block;min-width:4.2rem}td,th{text-align:left;padding:.15rem .8rem .15rem 0;vertical-align:top}
"""


def page(document: dict[str, Any]) -> str:
    """Return the HTML of an OpenAPI document."""
    by_tag: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tag = (operation.get("tags") or ["other"])[0]
            by_tag.setdefault(tag, []).append(_operation(method, path, operation, document))
    info = document["info"]
    about = "".join(f"<p>{escape(text)}</p>" for text in info.get("description", "").split("\n\n"))
    body = "".join(f"<h2>{escape(tag)}</h2>{''.join(parts)}" for tag, parts in by_tag.items())
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(info['title'])} API</title><style>{_STYLE}</style>"
        f"<h1>{escape(info['title'])} API {escape(info['version'])}</h1>{about}"
        f'<p>For machines: <a href="/openapi.json">/openapi.json</a></p>{body}</html>'
    )


def _operation(method: str, path: str, operation: dict[str, Any], document: dict[str, Any]) -> str:
    """Return one operation, folded: parameters, body, answer, refusals."""
    scope = escape(operation.get("x-required-scope", ""))
    parts = [
        f"<details><summary><b class=m>{method.upper()}</b><code>{escape(path)}</code>",
        f" — {escape(operation.get('summary', ''))}</summary>",
        f"<p>{escape(operation.get('description', ''))}</p><p>Scope: <code>{scope}</code></p>",
        _parameters(operation.get("parameters", [])),
        _example("Body", _body_example(operation, document)),
    ]
    for code, answer in operation.get("responses", {}).items():
        example = answer.get("content", {}).get("application/json", {}).get("example")
        parts.append(_example(f"Answer {code}", example))
    refusals = [
        f"<tr><td>{code}<td>{escape(answer['description'])}"
        for code, answer in operation.get("responses", {}).items()
        if not code.startswith("2")
    ]
    return "".join(parts) + f"<table>{''.join(refusals)}</table></details>"


def _parameters(parameters: list[dict[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(p['name'])}</code><td>{escape(p['in'])}<td>{escape(p.get('description', ''))}"
        for p in parameters
    )
    return f"<table><tr><th>Parameter<th>In<th>{rows}</table>" if rows else ""


def _body_example(operation: dict[str, Any], document: dict[str, Any]) -> Any:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    examples = document.get("components", {}).get("schemas", {}).get(name, {}).get("examples", [])
    return examples[0] if examples else None


def _example(title: str, example: Any) -> str:
    if example is None:
        return ""
    return f"<p>{escape(title)}</p><pre>{escape(json.dumps(example, indent=2, ensure_ascii=False))}</pre>"
