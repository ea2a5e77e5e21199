"""Packages that only some engines need: asked for when such an engine is, refused in one sentence when absent."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from oms_core.kernel.errors import DataNotReady


def needed(package: str, *, extra: str, engine: str) -> ModuleType:
    """Return a module of a package that comes with an extra.

    Raises
    ------
    DataNotReady
        ``EXTRA.not_installed``.
    """
    try:
        import_module(package.partition(".")[0])
        return import_module(package)
    except ImportError as error:
        raise DataNotReady(
            f"{extra}.not_installed",
            f"The engine {engine} needs {package.partition('.')[0]}, which this installation does not have.",
            f"Install the extra: pip install 'ordersight[{extra}]'",
        ) from error
