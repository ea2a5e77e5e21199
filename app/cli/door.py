"""What every command shares: `--home`, `--format`, `--out`, errors and exit status."""

from __future__ import annotations

import functools
import inspect
import json
import sys
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oms_core.kernel.errors import OmsError, Refused

if TYPE_CHECKING:
    from app.workspace import Workspace

FORMATS = ("table", "json", "csv", "parquet")

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Folder of the shop.", envvar="ORDERSIGHT_HOME", show_default="~/.ordersight"),
]
FormatOption = Annotated[str, typer.Option("--format", help="table, json, csv or parquet.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="Write the result to this file instead.")]

_COMMON: dict[str, tuple[Any, Any]] = {
    "home": (HomeOption, None),
    "format_": (FormatOption, "table"),
    "out": (OutOption, None),
}


@dataclass
class Door:
    """Handed to every command: where the shop is and how to answer."""

    home: Path | None = None
    format: str = "table"
    out: Path | None = None
    status: int = field(default=0)
    opened: list[Workspace] = field(default_factory=list)

    def workspace(self, consumer: str = "cli") -> Workspace:
        """Open the shop, or refuse with one sentence; it is closed when the command ends."""
        from app.workspace import Workspace

        self.opened.append(Workspace.open(self.home, consumer=consumer))
        return self.opened[-1]

    def close(self) -> None:
        """Close every shop this command opened."""
        while self.opened:
            self.opened.pop().close()

    def say(self, text: str) -> None:
        """Write progress or a message to standard error."""
        print(text, file=sys.stderr, flush=True)  # noqa: T201 - this is the command line


def command(
    group: typer.Typer, name: str, *, own_out: bool = False, **options: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function as a command with the common options.

    The function's first parameter is the :class:`Door`; what it returns (a dict, a list of dicts or
    a Polars frame; None prints nothing) is the command's result. With `own_out` the command has an
    ``--out`` of its own meaning and receives it; the common one is left away.
    """

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        hints = typing.get_type_hints(function, include_extras=True)
        own = list(inspect.signature(function).parameters.values())[1:]
        own = [p.replace(annotation=hints[p.name], kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
        common = {k: v for k, v in _COMMON.items() if not (own_out and k == "out")}
        extra = [
            inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
            for key, (kind, default) in common.items()
        ]

        @functools.wraps(function)
        def run(**given: Any) -> None:
            common_values = {key: given.pop(key) for key in common}
            answer(function, common_values, given)

        run.__signature__ = inspect.Signature(own + extra)  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in own + extra}
        group.command(name, **options)(run)
        return function

    return register


def answer(function: Callable[..., Any], common: dict[str, Any], given: dict[str, Any]) -> None:
    """Call the command, print its result or its error, and leave with its status."""
    from app.cli.output import emit

    door = Door(common["home"], common["format_"], common.get("out"))
    if door.format not in FORMATS:
        raise typer.BadParameter(f"{door.format!r} is not one of {', '.join(FORMATS)}.", param_hint="--format")
    try:
        emit(function(door, **given), door)
    except OmsError as error:
        fail(error, door)
    except OSError as error:
        if error.filename is None:
            raise
        fail(_of_file(error), door)
    finally:
        door.close()
    raise typer.Exit(door.status)


def _of_file(error: OSError) -> OmsError:
    """Return what the system said about a file a person named, as a sentence."""
    what = error.strerror or type(error).__name__
    return Refused("file.failed", f"{str(error.filename)!r}: {what}.", "Check the path, its folder and its rights.")


def fail(error: OmsError, door: Door) -> None:
    """Print an expected error (JSON on standard output when asked for) and set the status."""
    if door.format == "json":
        print(json.dumps(error.as_dict(), ensure_ascii=False, default=str))  # noqa: T201
    else:
        hint = f"\n{error.hint}" if error.hint else ""
        door.say(f"Error [{error.code}] {error.message}{hint}")
    door.status = error.exit_status
