"""What is looked for on a Korean screen: labels that have no room, titles that are cut, words left in English."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from textual.pilot import Pilot

from dinotui.locale import _, use_language
from dinotui.tui.app import DinoApp
from dinotui.tui.cells import Cell, width_of
from dinotui.tui.screens.base import DinoScreen
from dinotui.tui.widgets.footer import Footer
from dinotui.tui.widgets.form import FieldLabel
from dinotui.tui.widgets.list_drawing import GUTTER, placed_columns
from dinotui.tui.widgets.paged_list import PagedList
from tests.locale.catalogue import messages_of, read

_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*[A-Za-z]")
_COMMAND = re.compile(r"dinotui( [a-z]+){0,2}|--[a-z-]+|\{[^}]*\}|\S*/\S*|\bHome\b|\b[A-Z]{2}\b")
"""What stands as it is in any language: commands, options, placeholders, paths, a key's name, country codes."""


@cache
def english_words() -> frozenset[str]:
    """Return the words of the program that no Korean text of it uses: on a Korean screen they are leftovers."""
    english: set[str] = set()
    korean: set[str] = set()
    for message in messages_of(read("ko")):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        for text in ids:
            english.update(_WORD.findall(_COMMAND.sub(" ", text)))
        for text in texts:
            korean.update(word.casefold() for word in _WORD.findall(_COMMAND.sub(" ", text)))
    return frozenset(word.casefold() for word in english) - korean


@cache
def korean_texts() -> dict[str, str]:
    """Return the Korean texts of the program, each with the shortest English that it stands for."""
    found: dict[str, str] = {}
    for message in messages_of(read("ko")):
        if isinstance(message.id, str):
            text = str(message.string)
            found[text] = min(message.id, found.get(text, message.id), key=len)
    return found


def lists_of(screen: DinoScreen) -> list[PagedList]:
    """Return the lists that the screen shows."""
    return [
        each for each in screen.query(PagedList) if all(node.display for node in each.ancestors_with_self)
    ]


def leftovers(text: str, words: frozenset[str], data: frozenset[str]) -> list[str]:
    """Return the English words of the program in what a screen shows; `data` are words of the user's own."""
    found = _WORD.findall(_COMMAND.sub(" ", text))
    return [word for word in found if word.casefold() in words and word not in data]


def in_english(ask: Callable[[], list[str]]) -> list[str]:
    """Return what `ask` returns while English is spoken."""
    use_language("en")
    try:
        return ask()
    finally:
        use_language("ko")


def footer_faults(screen: DinoScreen) -> list[str]:
    """Return the labels that an English screen of this size shows and this one has no room for."""
    footer = screen.query_one(Footer)

    def keys_shown() -> list[str]:
        return [text for line in footer.lines(footer.size.width) for text, style in line if style == "key"]

    shown = keys_shown()
    return [f"no room for {key}" for key in in_english(keys_shown) if key not in shown]


def title_faults(screen: DinoScreen) -> Iterator[str]:
    """Yield the titles of columns that are cut, and the labels of fields."""
    for each in lists_of(screen):
        if not each.titles:
            continue
        columns = placed_columns(each.columns, each.size.width - GUTTER - 1, marked=True).columns
        for index, cells in columns:
            title = each.columns[index].title
            if width_of(_(title)) > cells >= width_of(title):
                yield f"title {_(title)!r} has {cells} cells"
    for label in screen.query(FieldLabel):
        name = _(label._row.field.label)
        if label.size.width and width_of(name) > label.size.width - 3:
            yield f"label {name!r} has {label.size.width - 3} cells"


def cell_faults(screen: DinoScreen) -> Iterator[str]:
    """Yield the words of the program that their column is too narrow for, and was not in English."""
    texts = korean_texts()
    for each in lists_of(screen):
        columns = placed_columns(each.columns, each.size.width - GUTTER - 1, marked=each.titles).columns
        for row in filter(None, map(each._row, range(min(each.count, 30)))):
            for index, width in columns:
                cell = row.cells[index] if index < len(row.cells) else ""
                rest = sum(other.width + 2 for other in columns if other.column >= index) - 2
                cells = rest if index == len(row.cells) - 1 else width  # the last one takes what follows
                text = cell if isinstance(cell, str) else cell.text if isinstance(cell, Cell) else ""
                english = texts.get(text.lstrip("+=~!?- "))
                if english is not None and width_of(text) > cells >= width_of(english):
                    yield f"cell {text!r} has {cells} cells"


def faults_of(pilot: Pilot[Any], words: frozenset[str], data: frozenset[str]) -> list[str]:
    """Return what is wrong with the screen as it stands, in the Korean that it is shown in."""
    app = pilot.app
    assert isinstance(app, DinoApp)
    screen = app.screen
    assert isinstance(screen, DinoScreen)
    text = "\n".join(strip.text.rstrip() for strip in screen._compositor.render_strips())
    text = text.partition("─ 예시 ─")[0]  # below it stand the first lines of the file, as it will be
    return [
        *footer_faults(screen),
        *title_faults(screen),
        *cell_faults(screen),
        *(f"English {word!r}" for word in leftovers(text, words, data)),
    ]
