"""A progress bar on standard error; plain lines where nobody watches."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def shown() -> Iterator[Callable[[str, float], None]]:
    """Give a function that takes ``(what, share done)`` and shows it."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("starting", total=1.0)
        yield lambda what, share: bar.update(task, description=what, completed=share)


class _Lines:
    """Says each new step once (its first word tells steps apart), with the seconds passed."""

    def __init__(self) -> None:
        self.begun, self.last = time.perf_counter(), ""

    def __call__(self, what: str, share: float) -> None:
        """Show one step."""
        step = what.split(" ", maxsplit=1)[0]
        if step == self.last:
            return
        self.last = step
        seconds = time.perf_counter() - self.begun
        print(f"{seconds:6.1f} s {share:4.0%} {what}", file=sys.stderr, flush=True)  # noqa: T201
