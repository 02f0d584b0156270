"""The tree of a pattern: sets of characters, and how their places follow each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias


@dataclass(frozen=True, slots=True)
class CharSet:
    """A set of characters: code point `ranges` (both ends inside), character kinds, or all others."""

    DIGIT: ClassVar[int] = 1
    WORD: ClassVar[int] = 2
    SPACE: ClassVar[int] = 4

    ranges: tuple[tuple[int, int], ...] = ()
    kinds: int = 0  # kinds that are in
    other_kinds: int = 0  # kinds whose complement is in
    negated: bool = False

    def accepts(self, code: int, kinds: int) -> bool:
        """Say whether the character with this code point and these kinds is in the set."""
        inside = (
            bool(self.kinds & kinds)
            or bool(self.other_kinds & ~kinds)
            or any(low <= code <= high for low, high in self.ranges)
        )
        return inside != self.negated

    def edges(self) -> tuple[int, ...]:
        """Return the code points at which membership may change."""
        return tuple(edge for low, high in self.ranges for edge in (low, high + 1))


@dataclass(frozen=True, slots=True)
class Position:
    """One character place, numbered from the left."""

    index: int


@dataclass(frozen=True, slots=True)
class Assertion:
    """A condition between two characters: one of ``^ $ A Z b B``."""

    kind: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """Parts one after the other; none at all is the empty text."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several branches."""

    branches: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """A part any number of times, or `at_least_once`."""

    item: Node
    at_least_once: bool


@dataclass(frozen=True, slots=True)
class Optional:
    """A part once or not at all."""

    item: Node


Node: TypeAlias = Position | Assertion | Sequence | Choice | Loop | Optional
