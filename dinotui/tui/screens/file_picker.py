"""Choosing files: a path to type or complete, over the list of the folder."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from dinotui.locale import N_, _
from dinotui.tui.cells import Cell
from dinotui.tui.commands import Command
from dinotui.tui.messages import PathsDropped
from dinotui.tui.screens.base import DinoScreen
from dinotui.tui.widgets.columns import Column
from dinotui.tui.widgets.folder import Entry, completed, entries_of, entry_row, first_existing, starting_with
from dinotui.tui.widgets.label import Label
from dinotui.tui.widgets.paged_list import PagedList
from dinotui.tui.widgets.row_source import ListSource, Row
from dinotui.tui.widgets.text_field import TextField

_FILES = N_("Files")
_COLUMNS = (
    Column(N_("Name"), 20, 1),
    Column(N_("Size"), 7, align="right", priority=1),
    Column(N_("Changed"), 16, priority=2, date=True),
)
_TYPING_PAUSE = 1.0
"""Seconds after which typed letters begin a new name."""


class FilePicker(DinoScreen):
    """Dismisses with the chosen paths, as a tuple; with None when the user goes back.

    `recent` are files used lately, shown first in the start folder. The app remembers the folder. Letters
    jump to names, so this screen has no letter keys; ``q`` and the like type too.
    """

    memory = "files"
    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command("files.choose", ("enter",), N_("open"), N_("Open the folder or choose the file"), _FILES),
        Command("files.parent", ("backspace", "left"), N_("up"), N_("To the folder above"), _FILES),
        Command("files.hidden", (".",), N_("hidden"), N_("Show or hide hidden files"), _FILES),
        Command("files.type", ("/",), N_("type path"), N_("Type a path; Tab completes it"), _FILES),
    )

    def __init__(self, recent: Sequence[Path] = (), start: Path | None = None, title: str = "") -> None:
        """Begin in `start`, the remembered or the current folder; `title` is the crumb's message id."""
        super().__init__()
        self.recent = tuple(recent)
        self.title_given = title
        self.folder = first_existing([start or Path.cwd(), Path.home()])
        self.hidden = False
        self.entries: list[Entry] = []
        self._typed = ""
        self._typed_at = 0.0

    def title_text(self) -> str:
        """Return its crumb."""
        return _(self.title_given) or _("Choose a file")

    def body(self) -> ComposeResult:
        """Yield the path line and the folder's list."""
        with Horizontal(id="path-line"):
            yield Label(lambda: f" {_('Path')} ", "key")
            yield TextField(takes_paths=True, id="path")
        yield PagedList(_COLUMNS, markable=True, empty=N_("This folder is empty."), id="files")

    @property
    def files(self) -> PagedList:
        """The list of the folder."""
        return self.query_one("#files", PagedList)

    @property
    def path_field(self) -> TextField:
        """The line with the path."""
        return self.query_one("#path", TextField)

    @property
    def filters(self) -> bool:
        """Names are typed, not filtered."""
        return False

    def save_state(self) -> dict[str, Any]:
        """Keep the folder and what it shows."""
        return {"folder": self.folder, "hidden": self.hidden}

    def restore_state(self, state: Any) -> None:
        """Go back to the folder."""
        if Path(state["folder"]).is_dir():
            self.folder = state["folder"]
        self.hidden = state["hidden"]

    def ready(self) -> None:
        """Show the folder."""
        self._show(self.folder)
        self.files.focus()

    def _show(self, folder: Path, select: str | None = None) -> None:
        """Show `folder`, with the cursor on the name `select`; say so where it cannot be read."""
        try:
            entries = entries_of(folder, hidden=self.hidden)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            self.say(_("{folder} cannot be read: {reason}.").format(folder=folder, reason=reason), "error")
            return
        self.folder = folder
        self.entries = entries
        rows = [*self._recent_rows(), *map(entry_row, entries)]
        self.files.clear_marks()
        self.files.set_source(ListSource(rows))
        self.path_field.value = _with_slash(folder)
        place = starting_with(entries, select) if select else None
        if place is not None:
            self.files.move_to(place + len(rows) - len(entries))

    def _recent_rows(self) -> list[Row]:
        """Return the recent files that are still there and lie elsewhere."""
        return [
            Row(path, (Cell(f"{path.name}  ({path.parent})", "good"), "", Cell(_("recent"), "dim")))
            for path in self.recent
            if path.parent != self.folder and path.is_file()
        ]

    # keys

    def on_key(self, event: events.Key) -> None:
        """Jump to the name whose first letters are typed; complete the path with Tab."""
        if self.path_field.has_focus:
            if event.key == "tab":
                event.stop()
                event.prevent_default()
                self._complete()
            return
        if event.character and event.character.isalnum() and self.files.has_focus:
            event.stop()
            event.prevent_default()
            self._jump(event.character)

    @on(PagedList.Marked)
    def _marked(self) -> None:
        self._typed = ""

    def _jump(self, character: str) -> None:
        now = time.monotonic()
        self._typed = self._typed + character if now - self._typed_at < _TYPING_PAUSE else character
        self._typed_at = now
        place = starting_with(self.entries, self._typed)
        if place is None:
            self.say(_("No name starts with {text}.").format(text=self._typed), "warn")
        else:
            self.files.move_to(place + self.files.count - len(self.entries))

    def _complete(self) -> None:
        text, matches = completed(self.path_field.value, hidden=self.hidden)
        self.path_field.value = text
        self.path_field.cursor_position = len(text)
        if matches == 0:
            self.say(_("No name starts like this."), "warn")
        elif matches > 1:
            self.say(_("{count} names start like this.").format(count=matches))

    def go_back(self) -> bool:
        """Leave the path line first."""
        if self.path_field.has_focus:
            self.path_field.value = _with_slash(self.folder)
            self.files.focus()
            return True
        return super().go_back()

    def action_type(self) -> None:
        """Give the keys to the path line."""
        self.path_field.focus()
        self.path_field.cursor_position = len(self.path_field.value)

    def action_parent(self) -> None:
        """Show the folder above, with the cursor on this one."""
        if self.folder.parent != self.folder:
            self._show(self.folder.parent, self.folder.name)

    def action_hidden(self) -> None:
        """Show or hide names that begin with a dot."""
        self.hidden = not self.hidden
        self._show(self.folder)

    def action_choose(self) -> None:
        """Open the folder, or choose the marked files or the one under the cursor."""
        if self.files.marked:
            self._choose([Path(str(key)) for key in self.files.marked])
            return
        row = self.files.current
        if row is not None:
            self._open(Path(str(row.key)))

    @on(Input.Submitted, "#path")
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self._open(Path(os.path.expanduser(event.value.strip() or ".")))

    def _open(self, path: Path) -> None:
        if path.is_dir():
            self._show(path)
            self.files.focus()
        elif path.exists():
            self._choose([path])
        else:
            self.say(_("There is no {path}.").format(path=path), "error")

    def on_paths_dropped(self, event: PathsDropped) -> None:
        """Choose files dropped here; open a dropped folder."""
        event.stop()
        if len(event.paths) == 1:
            self._open(event.paths[0])
        else:
            self._choose([path for path in event.paths if path.is_file()])

    def _choose(self, paths: Sequence[Path]) -> None:
        if any(path.is_dir() for path in paths):
            self.say(_("A folder is marked; only files can be chosen."), "warn")
        elif paths:
            self.remember()
            self.dismiss(tuple(paths))


def _with_slash(folder: Path) -> str:
    text = str(folder)
    return text if text.endswith("/") else text + "/"
