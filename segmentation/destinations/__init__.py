"""Where a segment can go. A destination is one module here with its own normaliser and writer.

A module that holds a `DESTINATION` is found by itself: adding a platform means adding a file. No two
platforms share a normaliser, because each wants the same address written differently.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from oms_core.kernel.errors import NotFound
from segmentation.destinations.model import Column, Destination, Person, Sheet
from segmentation.destinations.writing import neutral

__all__ = ["DESTINATIONS", "Column", "Destination", "Person", "Sheet", "destination", "neutral"]


def _found() -> dict[str, Destination]:
    """Read the modules of this package; plain files come first, then e-mail, then advertising."""
    modules = (import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    held = [module.DESTINATION for module in modules if hasattr(module, "DESTINATION")]
    held.sort(key=lambda d: (-len(d.purposes), d.purposes[0] == "ads", d.name))
    return {d.name: d for d in held}


DESTINATIONS = _found()


def destination(name: str) -> Destination:
    """Return a destination.

    Raises
    ------
    NotFound
        ``destination.not_found``, with near matches.
    """
    if name not in DESTINATIONS:
        raise NotFound("destination", name, DESTINATIONS, f"Choose one of: {', '.join(DESTINATIONS)}.")
    return DESTINATIONS[name]
