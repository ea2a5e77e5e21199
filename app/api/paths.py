"""Which path of the reference a request meant, for counting: also when it was refused before it got there."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

UNMATCHED = "unmatched"
#: Of two that fit, the one with fewer of these is meant: ``/orders/bulk`` before ``/orders/{number}``.
_HOLE = None


class Paths:
    """The templates of an application, such as ``/v1/orders/{number}``, found by a request's path."""

    def __init__(self, templates: Iterable[str]) -> None:
        self._by_length: dict[int, list[tuple[tuple[str | None, ...], str]]] = defaultdict(list)
        for template in sorted(set(templates)):
            parts = tuple(_HOLE if part.startswith("{") else part for part in template.split("/"))
            self._by_length[len(parts)].append((parts, template))
        for known in self._by_length.values():
            known.sort(key=lambda one: one[0].count(_HOLE))

    def named(self, path: str) -> str:
        """Return the template of a path, ``unmatched`` when there is none."""
        parts = path.split("/")
        for known, template in self._by_length.get(len(parts), ()):
            if all(want in (_HOLE, part) for want, part in zip(known, parts, strict=True)):
                return template
        return UNMATCHED
