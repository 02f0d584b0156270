"""Patterns of validation rules: regular expressions that cannot hang (SPEC.md 4.3).

The usual dialect (groups, ``|``, ``* + ? {n,m}``, sets, ``\\d \\w \\s \\b``, ``^ $``, ``(?i)`` in front) is
read into a position automaton. All its states advance together, one character at a time, so that a search
costs at most `MAX_POSITIONS` / 8 look-ups a character whatever the pattern and the text: there is nothing
to backtrack into. What an automaton cannot do (look-around, back references) is refused with a sentence.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from dinotui.domain.errors import UsageError
from dinotui.domain.pattern_syntax import parse
from dinotui.domain.pattern_tree import Assertion, CharSet, Choice, Loop, Node, Optional, Position, Sequence
from dinotui.locale import _

MAX_PATTERN: Final = 300  # characters of a pattern
MAX_POSITIONS: Final = 200  # character places once every {n,m} is written out
MAX_TEXT: Final = 100_000  # characters of a text that is searched

_START, _END, _LINE_END, _BOUNDARY, _INSIDE = 1, 2, 4, 8, 16
_ASSERTED: Final = {"^": _START, "A": _START, "Z": _END, "$": _LINE_END, "b": _BOUNDARY, "B": _INSIDE}
_REMEMBERED: Final = 4_096  # entries of each memo; it is emptied when full


def compile_pattern(text: str) -> Pattern:
    """Return the pattern that `text` spells.

    Raises:
        UsageError: it is empty, longer than `MAX_PATTERN`, grows past `MAX_POSITIONS`, is malformed, or
            uses what this dialect leaves out.
    """
    if not text:
        raise UsageError("pattern", _("The pattern is empty. Give a regular expression."))
    if len(text) > MAX_PATTERN:
        message = _("The pattern has {count} characters; {limit} are the most.")
        raise UsageError("pattern", message.format(count=len(text), limit=MAX_PATTERN))
    return Pattern(text)


class Pattern:
    """A compiled pattern; `search` is what ``re.search`` would say, in time linear in the text."""

    def __init__(self, text: str) -> None:
        self.text: Final = text
        self._tree, self._sets = parse(text, MAX_POSITIONS)
        self._used = _assertions(self._tree)
        self._places = _places(self._sets)
        self._bounds = sorted({edge for chars in self._places for edge in chars.edges()})
        self._tables: dict[int, _Table] = {}
        self._kinds: dict[str, tuple[int, int]] = {}
        self._masks: dict[tuple[int, int], int] = {}
        self._steps: dict[tuple[int, int, int], int] = {}

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"

    def search(self, text: str) -> bool:
        """Say whether the pattern matches anywhere in `text`.

        Raises:
            ValueError: the text is longer than `MAX_TEXT`.
        """
        if len(text) > MAX_TEXT:
            raise ValueError("text is longer than MAX_TEXT")
        state = 0
        for character, gap in zip(text, self._gaps(text), strict=False):
            table = self._table(gap)
            if table.empty or state & table.last:
                return True
            state = self._step(state, gap, character)
        table = self._table(next(self._gaps(text, start=len(text))))
        return table.empty or bool(state & table.last)

    def _gaps(self, text: str, start: int = 0) -> Iterator[int]:
        """Yield which used assertions hold before each character of `text` and at its end."""
        used, size = self._used, len(text)
        line_end = size - 1 if text.endswith("\n") else size
        before = False
        for index in range(start, size + 1):
            gap = (_START if index == 0 else 0) | (_END if index == size else 0)
            gap |= _LINE_END if index >= line_end else 0
            if used & (_BOUNDARY | _INSIDE):
                before = index > 0 and _is_word(text[index - 1])
                after = index < size and _is_word(text[index])
                gap |= _BOUNDARY if before != after else _INSIDE
            yield gap & used

    def _step(self, state: int, gap: int, character: str) -> int:
        mask = self._mask(character)
        key = (state, gap, mask)
        found = self._steps.get(key)
        if found is None:
            if len(self._steps) >= _REMEMBERED:
                self._steps.clear()
            found = self._steps[key] = self._table(gap).after(state) & mask
        return found

    def _mask(self, character: str) -> int:
        """Return the positions that accept `character`, as bits."""
        kind = self._kinds.get(character)
        if kind is None:
            if len(self._kinds) >= _REMEMBERED:
                self._kinds.clear()
            kind = self._kinds[character] = (
                bisect_right(self._bounds, ord(character)),
                _categories(character),
            )
        mask = self._masks.get(kind)
        if mask is None:
            code, categories = ord(character), kind[1]
            accepted = (places for chars, places in self._places.items() if chars.accepts(code, categories))
            mask = self._masks[kind] = sum(accepted)
        return mask

    def _table(self, gap: int) -> _Table:
        table = self._tables.get(gap)
        if table is None:
            table = self._tables[gap] = _Table.of(self._tree, len(self._sets), gap)
        return table


@dataclass(slots=True)
class _Table:
    """Where the automaton can go across a gap in which a fixed set of assertions holds."""

    empty: bool
    first: int
    last: int
    follow: list[int]
    union: list[dict[int, int]] = field(default_factory=list)

    @classmethod
    def of(cls, tree: Node, positions: int, gap: int) -> _Table:
        follow = [0] * positions
        empty, first, last = _connect(tree, gap, follow)
        return cls(empty, first, last, follow, [{} for _ in range(0, positions, 8)])

    def after(self, state: int) -> int:
        """Return the positions that can come next, a new beginning included."""
        reached = self.first
        for index, chunk in enumerate(state.to_bytes(len(self.union), "little")):
            if chunk:
                known = self.union[index].get(chunk)
                reached |= self._unite(index, chunk) if known is None else known
        return reached

    def _unite(self, index: int, chunk: int) -> int:
        united = 0
        for position in _bits(chunk):
            united |= self.follow[index * 8 + position]
        self.union[index][chunk] = united
        return united


def _connect(node: Node, gap: int, follow: list[int]) -> tuple[bool, int, int]:
    """Return whether `node` can be empty, where it begins and ends, and note what follows what inside it."""
    match node:
        case Position(index):
            return False, 1 << index, 1 << index
        case Assertion(kind):
            return bool(gap & _ASSERTED[kind]), 0, 0
        case Choice(branches):
            parts = [_connect(branch, gap, follow) for branch in branches]
            first = last = 0
            for _empty, begins, ends in parts:
                first, last = first | begins, last | ends
            return any(part[0] for part in parts), first, last
        case Sequence(items):
            return _connect_sequence(items, gap, follow)
        case Loop(item, at_least_once):
            empty, first, last = _connect(item, gap, follow)
            _link(last, first, follow)
            return empty or not at_least_once, first, last
        case Optional(item):
            _empty, first, last = _connect(item, gap, follow)
            return True, first, last


def _connect_sequence(items: tuple[Node, ...], gap: int, follow: list[int]) -> tuple[bool, int, int]:
    empty, first, last = True, 0, 0
    for item in items:
        item_empty, begins, ends = _connect(item, gap, follow)
        _link(last, begins, follow)
        if empty:
            first |= begins
        last = ends | (last if item_empty else 0)
        empty = empty and item_empty
    return empty, first, last


def _link(ends: int, begins: int, follow: list[int]) -> None:
    if begins:
        for position in _bits(ends):
            follow[position] |= begins


def _bits(value: int) -> Iterator[int]:
    while value:
        low = value & -value
        yield low.bit_length() - 1
        value ^= low


def _assertions(node: Node) -> int:
    match node:
        case Assertion(kind):
            return _ASSERTED[kind]
        case Choice(parts) | Sequence(parts):
            used = 0
            for part in parts:
                used |= _assertions(part)
            return used
        case Loop(item) | Optional(item):
            return _assertions(item)
        case Position():
            return 0


def _places(sets: list[CharSet]) -> dict[CharSet, int]:
    """Return the positions of every different set, as bits: a written-out repetition asks once."""
    places: dict[CharSet, int] = {}
    for index, chars in enumerate(sets):
        places[chars] = places.get(chars, 0) | 1 << index
    return places


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _categories(character: str) -> int:
    return (
        (CharSet.DIGIT if character.isdecimal() else 0)
        | (CharSet.WORD if _is_word(character) else 0)
        | (CharSet.SPACE if character.isspace() else 0)
    )
