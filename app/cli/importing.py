"""Import history from files; rejected rows are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.door import Door, command

group = typer.Typer(name="import", help="Import orders from files; safe to repeat.", no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(help="CSV, TSV, JSON(L), XLSX or Parquet; read in this order.")]
MappingFile = Annotated[Path | None, typer.Option("--mapping", help="How the files are read (TOML).")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be imported; write nothing.")]
Rejects = Annotated[Path | None, typer.Option("--rejects", help="Write rejected rows here, to be mended and imported.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    app.add_typer(group)
    command(group, "online-retail", help="Online Retail and Online Retail II (UCI), any year, any format.")(
        online_retail
    )
    command(group, "csv", help="Any file of order lines, or of orders and lines, through a mapping.")(from_mapping)
    command(group, "template", own_out=True, help="Print a mapping to start from, every setting explained.")(template)


def online_retail(
    door: Door, files: Files, mapping: MappingFile = None, *, dry_run: DryRun = False, rejects: Rejects = None
) -> dict[str, Any]:
    """Import the UCI data, through its built-in mapping unless another is given."""
    return _import(door, "online-retail", files, mapping, dry_run=dry_run, rejects=rejects)


def from_mapping(
    door: Door, files: Files, mapping: MappingFile = None, *, dry_run: DryRun = False, rejects: Rejects = None
) -> dict[str, Any]:
    """Import files whose columns the mapping names."""
    return _import(door, "csv", files, mapping, dry_run=dry_run, rejects=rejects)


def template(
    door: Door,
    source: Annotated[str, typer.Argument(help="csv: every setting; online-retail: the built-in mapping.")] = "csv",
    out: Annotated[Path | None, typer.Option("--out", help="Write it to this file.")] = None,
) -> dict[str, Any] | None:
    """Print a mapping, or write it to a file."""
    from oms_core.channels.templates import mapping_text

    text = mapping_text(source)
    if out is None:
        print(text, end="")  # noqa: T201 - the command's result is the text itself
        return None
    out.write_text(text, encoding="utf-8")
    door.say(f"Wrote {out}. Change what differs, then: ordersight import csv --mapping {out} FILE")
    return None


def _import(
    door: Door, source: str, files: list[Path], mapping: Path | None, *, dry_run: bool, rejects: Path | None
) -> dict[str, Any]:
    """Run the import and answer with its counts; progress and remarks go to standard error."""
    from oms_core.channels.history import import_history

    workspace = door.workspace()
    result = import_history(
        workspace.engine,
        workspace.shop,
        source=source,
        files=files,
        mapping=mapping,
        dry_run=dry_run,
        rejects=rejects,
        adopt_settings=True,
        progress=lambda what, share: door.say(f"{share:4.0%} {what}"),
    )
    _remark(door, result.counts, rejects)
    return result.counts if door.format == "json" else _flat(result.counts)


def _remark(door: Door, counts: dict[str, Any], rejects: Path | None) -> None:
    """Say what needs a person: rejected rows, changed documents."""
    if counts["rejected"]:
        where = f"They are in {rejects}" if rejects else "Add --rejects FILE to get them with their reasons"
        most = counts["rejections"][0]
        door.say(f"{counts['rejected']} row(s) were rejected, {most['rows']} of them: {most['example']}.")
        door.say(f"{where}; mend them and import that file.")
    if counts["changed"]:
        names = ", ".join(counts["changed_documents"])
        door.say(
            f"{counts['changed']} document(s) differ from what was imported before and were not touched: {names} …"
        )


def _flat(counts: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested counts as one level with dotted names, for formats without nesting."""
    flat: dict[str, Any] = {}
    for key, value in counts.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = ", ".join(map(_shown, value)) if isinstance(value, list) else value
    return flat


def _shown(entry: Any) -> str:
    """Return an entry of a list in words: a rejection as its code and rows."""
    return f"{entry['code']} {entry['rows']}" if isinstance(entry, dict) else str(entry)
