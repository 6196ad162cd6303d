"""How texts begin that a pattern matches: read digit by digit, remembering every step."""

from __future__ import annotations

from trunkline.numbering._automaton import Machine
from trunkline.numbering._syntax import Anchor, Group, Sequence, parse

# States: nothing that a pattern matches begins so; nothing was read yet. Others are known by their readers only.
NEVER, FIRST = 0, 1


class Beginnings:
    """Reads how a text begins, and says whether a text that a pattern matches as a whole begins so.

    Args:
        pattern: Of the language of `trunkline.model.pattern`, without anchors.
    """

    def __init__(self, pattern: str) -> None:
        self._machine = Machine(Sequence((Anchor("^"), Group(None, parse(pattern)))))
        self._states = [frozenset[int](), self._machine.begin()]
        self._numbers = {states: number for number, states in enumerate(self._states)}
        self._known: dict[tuple[int, str], int] = {}

    def read(self, state: int, digit: str) -> int:
        """Return the state after a digit; `NEVER` when no text begins so.

        Args:
            state: The state before.
            digit: What comes next.
        """
        found = self._known.get((state, digit))
        if found is None:
            after = self._machine.step(self._states[state], digit)
            found = self._numbers.setdefault(after, len(self._states))
            if found == len(self._states):
                self._states.append(after)
            self._known[state, digit] = found
        return found
