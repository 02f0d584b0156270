"""Reading a pattern: its text becomes a small tree whose character places are numbered.

The dialect is the common part of every regular expression language. Repetitions are written out
(``a{2,4}`` is ``aaa?a?``), so the tree holds nothing that counts; the caller limits how large it grows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NoReturn, TypeAlias

from dinotui.domain.errors import UsageError
from dinotui.domain.pattern_tree import Assertion, CharSet, Choice, Loop, Node, Optional, Position, Sequence
from dinotui.domain.visible import visible
from dinotui.locale import N_, _

_MAX_DEPTH: Final = 30  # groups inside groups
_NEWLINE: Final = 10


@dataclass(frozen=True, slots=True)
class _Repeat:
    item: _Raw
    low: int
    high: int | None


@dataclass(frozen=True, slots=True)
class _All:
    items: tuple[_Raw, ...]


@dataclass(frozen=True, slots=True)
class _Any:
    branches: tuple[_Raw, ...]


_Raw: TypeAlias = CharSet | Assertion | _Repeat | _All | _Any

_CLASSES: Final = {
    "d": CharSet(kinds=CharSet.DIGIT),
    "D": CharSet(other_kinds=CharSet.DIGIT),
    "w": CharSet(kinds=CharSet.WORD),
    "W": CharSet(other_kinds=CharSet.WORD),
    "s": CharSet(kinds=CharSet.SPACE),
    "S": CharSet(other_kinds=CharSet.SPACE),
}
_CONTROLS: Final = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
_ANY_BUT_NEWLINE: Final = CharSet(((_NEWLINE, _NEWLINE),), negated=True)
_GROUPS: Final = {
    "=": N_("a look-ahead"),
    "!": N_("a look-ahead"),
    "<": N_("a look-behind"),
    ">": N_("an atomic group"),
    "(": N_("a conditional group"),
}


def parse(text: str, limit: int) -> tuple[Node, list[CharSet]]:
    """Return the tree of pattern `text` and the set of every position, at most `limit` of them.

    Raises:
        UsageError: the text is malformed, uses what the dialect leaves out, or grows past `limit`.
    """
    raw = _Parser(text).parse()
    size = _size(raw)
    if size > limit:
        message = _(
            'The pattern "{pattern}" grows to {size} places once its {{n,m}} are written out; {limit} are '
            "the most. Use smaller numbers."
        )
        raise UsageError("pattern", message.format(pattern=visible(text), size=size, limit=limit))
    sets: list[CharSet] = []
    return _place(raw, sets), sets


class _Parser:
    """Reads one pattern from left to right; never goes back."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.fold = False

    def parse(self) -> _Raw:
        if self.text.startswith("(?i)"):
            self.at, self.fold = 4, True
        node = self.alternatives()
        if self.at < len(self.text):
            self.fail(N_("a ) that closes nothing"))
        return node

    def fail(self, what: str) -> NoReturn:
        message = _('The pattern "{pattern}" has {what} near character {place}.')
        raise UsageError(
            "pattern", message.format(pattern=visible(self.text), what=_(what), place=self.at + 1)
        )

    def refuse(self, what: str) -> NoReturn:
        message = _(
            'The pattern "{pattern}" uses {what} near character {place}, which rules do not support. '
            "Write it without."
        )
        raise UsageError(
            "pattern", message.format(pattern=visible(self.text), what=_(what), place=self.at + 1)
        )

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self, expected: str) -> bool:
        if self.text.startswith(expected, self.at):
            self.at += len(expected)
            return True
        return False

    def alternatives(self) -> _Raw:
        branches = [self.sequence()]
        while self.take("|"):
            branches.append(self.sequence())
        return branches[0] if len(branches) == 1 else _Any(tuple(branches))

    def sequence(self) -> _Raw:
        items: list[_Raw] = []
        while self.peek() not in ("", "|", ")"):
            items.append(self.repeated(self.atom()))
        return items[0] if len(items) == 1 else _All(tuple(items))

    def repeated(self, item: _Raw) -> _Raw:
        bounds = self.quantifier()
        if bounds is None:
            return item
        if isinstance(item, Assertion):
            self.fail(N_("a repetition of nothing"))
        if self.peek() == "+":
            self.refuse(N_("a possessive repetition"))
        self.take("?")  # lazy or greedy: whether there is a match is the same
        if self.quantifier() is not None:
            self.fail(N_("two repetitions in a row"))
        return _Repeat(item, *bounds)

    def quantifier(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.take(sign):
                return bounds
        return self.counted() if self.peek() == "{" else None

    def counted(self) -> tuple[int, int | None] | None:
        end = self.text.find("}", self.at)
        low, comma, high = self.text[self.at + 1 : max(end, 0)].partition(",")
        if end < 0 or not (low or comma) or not _counts(low) or not _counts(high):
            return None  # a brace that counts nothing is a brace
        if len(low) > 4 or len(high) > 4:
            self.refuse(N_("a repetition of more than 9,999 times"))
        least = int(low or 0)
        most = (int(high) if high else None) if comma else least
        if most is not None and most < least:
            self.fail(N_("a repetition that ends before it begins"))
        self.at = end + 1
        return least, most

    def atom(self) -> _Raw:
        sign = self.peek()
        if sign == "(":
            return self.group()
        if sign == "[":
            return self.set()
        if sign in "*+?":
            self.fail(N_("a repetition of nothing"))
        if sign == "\\":
            return self.escape()
        self.at += 1
        if sign == ".":
            return _ANY_BUT_NEWLINE
        return Assertion(sign) if sign in "^$" else self.literal(sign)

    def group(self) -> _Raw:
        self.at += 1
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            self.refuse(N_("too many groups inside each other"))
        if self.take("?") and not self.take(":"):
            self.refuse(_GROUPS.get(self.peek(), N_("a named group or a flag inside")))
        node = self.alternatives()
        if not self.take(")"):
            self.fail(N_("a ( that is never closed"))
        self.depth -= 1
        return _All((node,))  # unlike a bare ^, a group may be repeated even if it holds nothing

    def escape(self) -> _Raw:
        sign = self.text[self.at + 1 : self.at + 2]
        if sign in "bBAZ" and sign:
            self.at += 2
            return Assertion(sign)
        found = self.escaped()
        return found if isinstance(found, CharSet) else self.literal(found)

    def escaped(self) -> CharSet | str:
        """Read an escape that may also stand in a set: a class, or one character."""
        sign = self.text[self.at + 1 : self.at + 2]
        if not sign:
            self.fail(N_("a backslash at the end"))
        if sign in _CLASSES:
            self.at += 2
            return _CLASSES[sign]
        if sign in ("x", "u"):
            return self.code(2 if sign == "x" else 4)
        if sign.isdigit():
            self.refuse(N_("a back reference"))
        if sign.isascii() and sign.isalpha() and sign not in _CONTROLS:
            self.refuse("\\" + sign)
        self.at += 2
        return _CONTROLS.get(sign, sign)

    def code(self, digits: int) -> str:
        text = self.text[self.at + 2 : self.at + 2 + digits]
        if len(text) != digits or not all(letter in "0123456789abcdefABCDEF" for letter in text):
            self.fail(N_("an incomplete character code"))
        self.at += 2 + digits
        return chr(int(text, 16))

    def set(self) -> CharSet:
        start = self.at
        self.at += 1
        negated = self.take("^")
        ranges: list[tuple[int, int]] = []
        kinds = other = 0
        first = True
        while first or self.peek() != "]":
            if self.text.startswith("[:", self.at):
                self.refuse(N_("a named class like [:alpha:]"))
            low = self.member(start)
            first = False
            if isinstance(low, CharSet):
                kinds, other = kinds | low.kinds, other | low.other_kinds
                continue
            ranges.append((ord(low), ord(self.range_end(low, start))))
        self.at += 1
        return CharSet(_merged(_both_cases(ranges) if self.fold else ranges), kinds, other, negated)

    def member(self, start: int) -> CharSet | str:
        sign = self.peek()
        if not sign:
            self.at = start
            self.fail(N_("a [ that is never closed"))
        if sign == "\\":
            if self.text.startswith("\\b", self.at):
                self.refuse("\\b")
            return self.escaped()
        self.at += 1
        return sign

    def range_end(self, low: str, start: int) -> str:
        if self.peek() != "-" or self.text[self.at + 1 : self.at + 2] in ("]", ""):
            return low
        self.at += 1
        high = self.member(start)
        if isinstance(high, CharSet) or ord(high) < ord(low):
            self.fail(N_("a range whose ends do not fit"))
        return high

    def literal(self, character: str) -> CharSet:
        ranges = [(ord(character), ord(character))]
        return CharSet(_merged(_both_cases(ranges) if self.fold else ranges))


def _counts(text: str) -> bool:
    return text == "" or (text.isascii() and text.isdigit())


def _both_cases(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Add the other case of every letter, for ranges of up to 1,000 characters."""
    extra = [
        (ord(other), ord(other))
        for low, high in ranges
        if high - low <= 1_000
        for code in range(low, high + 1)
        for other in {chr(code).lower(), chr(code).upper()}
        if len(other) == 1
    ]
    return ranges + extra


def _merged(ranges: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def _size(node: _Raw) -> int:
    """Return how many positions `node` takes once its repetitions are written out."""
    match node:
        case CharSet():
            return 1
        case _Repeat(item, low, high):
            return max(_size(item), 1) * max(low if high is None else high, 1)
        case _All(parts) | _Any(parts):
            return sum(_size(part) for part in parts)
        case Assertion():
            return 0


def _place(node: _Raw, sets: list[CharSet]) -> Node:
    """Write repetitions out and number every character place."""
    match node:
        case CharSet():
            sets.append(node)
            return Position(len(sets) - 1)
        case Assertion():
            return node
        case _All(items):
            return Sequence(tuple(_place(item, sets) for item in items))
        case _Any(branches):
            return Choice(tuple(_place(branch, sets) for branch in branches))
        case _Repeat(item, low, None):
            fixed = [_place(item, sets) for _ in range(low - 1)]
            return Sequence((*fixed, Loop(_place(item, sets), at_least_once=low > 0)))
        case _Repeat(item, low, high):
            fixed = [_place(item, sets) for _ in range(low)]
            return Sequence((*fixed, *(Optional(_place(item, sets)) for _time in range((high or 0) - low))))
