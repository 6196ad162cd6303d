"""What patterns can find: in which texts, and whether other patterns find all of the same.

A pattern becomes a machine with states; machines walk through all texts together, and where they have been before they
need not go again. Texts have at most 32 characters, as in the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from trunkline.model.pattern import SUBJECT_LENGTH
from trunkline.numbering._syntax import Anchor, Chars, Choice, Group, Node, Repeat, parse
from trunkline.numbering._syntax import Sequence as Parts

# Numbers as the platform writes them, and anything that somebody may send.
E164 = r"^\+[1-9][0-9]{2,14}$"
ANYTHING = "^.{1,32}$"
_MOST_STATES = 50_000  # of all machines together; what needs more is taken for possible
_DEAD: frozenset[int] = frozenset()
_OTHER = "\x00"  # stands for every character that no pattern names


class Machine:
    """A pattern as a machine that reads a text character by character.

    Args:
        pattern: The pattern, or its tree.
    """

    def __init__(self, pattern: str | Node) -> None:
        self._free: dict[int, list[int]] = {}
        self._held: dict[int, list[tuple[str, int]]] = {}
        self._reading: dict[int, list[tuple[Chars, int]]] = {}
        self._states = 1
        self.tree = parse(pattern) if isinstance(pattern, str) else pattern
        self._end = self._build(self.tree, 0)

    @cached_property
    def classes(self) -> frozenset[Chars]:
        """Return the characters that it tells apart."""
        return frozenset(chars for edges in self._reading.values() for chars, _ in edges)

    @cached_property
    def _again(self) -> frozenset[int]:
        """What is found later may begin at every character."""
        return self._closure({0}, "")

    def begin(self) -> frozenset[int]:
        """Return the state before the first character."""
        return self._closure({0}, "^")

    def read(self, state: frozenset[int], character: str) -> frozenset[int]:
        """Return the state after a character; what has found something once has found it."""
        if self._end in state:
            return state
        return self.step(state, character) | self._again

    def step(self, state: frozenset[int], character: str) -> frozenset[int]:
        """Return the state after a character, for what has begun already; empty when that finds nothing."""
        found = {after for each in state for chars, after in self._reading.get(each, ()) if character in chars}
        return self._closure(found, "")

    def has_found(self, state: frozenset[int]) -> bool:
        """Say whether it has found something, whatever comes."""
        return self._end in state

    def finds(self, state: frozenset[int], *, empty: bool = False) -> bool:
        """Say whether it finds something if the text ends here.

        Args:
            state: Its state.
            empty: Nothing was read.
        """
        return self._end in self._closure(set(state), "^$" if empty else "$")

    def _closure(self, states: set[int], anchors: str) -> frozenset[int]:
        todo, found = list(states), set(states)
        while todo:
            state = todo.pop()
            held = [after for sign, after in self._held.get(state, ()) if sign in anchors]
            for after in [*self._free.get(state, ()), *held]:
                if after not in found:
                    found.add(after)
                    todo.append(after)
        return frozenset(found)

    def _new(self) -> int:
        self._states += 1
        return self._states - 1

    def _build(self, node: Node, start: int) -> int:
        """Add the states of a tree behind a state; return the last one."""
        if isinstance(node, Group):
            return self._build(node.inner, start)
        if isinstance(node, Parts):
            for part in node.parts:
                start = self._build(part, start)
            return start
        end = self._new()
        if isinstance(node, Chars):
            self._reading.setdefault(start, []).append((node, end))
        elif isinstance(node, Anchor):
            self._held.setdefault(start, []).append((node.sign, end))
        elif isinstance(node, Choice):
            for part in node.parts:
                first = self._new()
                self._free.setdefault(start, []).append(first)
                self._free.setdefault(self._build(part, first), []).append(end)
        else:
            self._repeat(node, start, end)
        return end

    def _repeat(self, node: Repeat, start: int, end: int) -> None:
        for _ in range(min(node.least, SUBJECT_LENGTH + 1)):
            start = self._build(node.inner, start)
        more = SUBJECT_LENGTH if node.most is None else min(node.most - node.least, SUBJECT_LENGTH)
        for _ in range(more):
            self._free.setdefault(start, []).append(end)
            start = self._build(node.inner, start)
        self._free.setdefault(start, []).append(end)


def can_find(pattern: str | Node, within: str, before: Sequence[str] = ()) -> bool:
    """Say whether there is a text in which a pattern finds something, and no other pattern does.

    Args:
        pattern: The pattern.
        within: The pattern of texts that there are.
        before: The other patterns.
    """
    machines = [Machine(within), Machine(pattern), *map(Machine, before)]
    letters = list(_letters(machines))
    now = {tuple(machine.begin() for machine in machines)}
    seen = set(now)
    for position in range(SUBJECT_LENGTH + 1):
        if any(_found(machines, states, empty=not position) for states in now):
            return True
        after = {tuple(map(Machine.read, machines, states, letter_of)) for states in now for letter_of in letters}
        now = {states for states in after - seen if not _is_hopeless(machines, states)}
        seen |= now
        if not now or len(seen) > _MOST_STATES:
            return bool(now)
    return False


def _found(machines: Sequence[Machine], states: tuple[frozenset[int], ...], *, empty: bool) -> bool:
    found = [machine.finds(state, empty=empty) for machine, state in zip(machines, states, strict=True)]
    return all(found[:2]) and not any(found[2:])


def _is_hopeless(machines: Sequence[Machine], states: tuple[frozenset[int], ...]) -> bool:
    """Say whether no text that goes on from here can be one."""
    # The first one is held at both ends: without a state but the first, it never finds anything again.
    return len(states[0]) <= 1 or any(
        machine.has_found(state) for machine, state in zip(machines[2:], states[2:], strict=True)
    )


def _letters(machines: Sequence[Machine]) -> Iterator[tuple[str, ...]]:
    """Yield a character, for every machine, of each kind that some machine tells apart from the others."""
    classes = sorted({chars for machine in machines for chars in machine.classes}, key=repr)
    named = sorted({text for chars in classes for text in chars.texts} | {_OTHER})
    kinds = {tuple(text in chars for chars in classes): text for text in reversed(named)}
    for text in sorted(kinds.values()):
        yield (text,) * len(machines)
