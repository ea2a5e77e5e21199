"""State machines as data: a start, and for every state the states it may become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oms_core.kernel.errors import TransitionRefused

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Machine:
    """A named state machine.

    Parameters
    ----------
    name : str
        Object's name, used in messages and codes.
    start : str
        First state.
    moves : mapping of str to tuple of str
        Allowed next states; an empty tuple marks a final state.
    colours : mapping of str to str
        Colour role per state (``gray, blue, green, orange, red, yellow``), for badges.
    """

    name: str
    start: str
    moves: Mapping[str, tuple[str, ...]]
    colours: Mapping[str, str]

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, in the order of the table."""
        return tuple(self.moves)

    def check(self, label: object, current: str, target: str) -> None:
        """Refuse the move `current` to `target` unless the table has it."""
        if target not in self.moves.get(current, ()):
            raise TransitionRefused(self.name, label, current, target, self.moves.get(current, ()))

    def reachable(self) -> set[str]:
        """Return the states that can be reached from the start."""
        seen, todo = {self.start}, [self.start]
        while todo:
            for state in self.moves[todo.pop()]:
                if state not in seen:
                    seen.add(state)
                    todo.append(state)
        return seen

    def mermaid(self) -> str:
        """Draw the table as a Mermaid state diagram."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.start}"]
        lines += [f"    {a} --> {b}" for a, targets in self.moves.items() for b in targets]
        return "\n".join(lines)
