"""A list of any length: a million rows cost the screen what twenty cost.

It draws lines itself (Textual's Line API) from the few blocks of rows in memory. Moving the cursor repaints
two lines; reaching the edge moves half a page, because scrolling by one line repaints the whole list.

Whatever puts the cursor on another row, or another row under the cursor, ends in `PagedList._stand`, which says
so: position, detail and keys of the screen follow that one message, so that they are about the marked row.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import ClassVar, NamedTuple

from rich.style import Style
from textual import events
from textual.actions import SkipAction
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from dinotui.domain.errors import DinoError
from dinotui.locale import N_, _
from dinotui.tui.cells import strip_of
from dinotui.tui.commands import Command, Commanded
from dinotui.tui.widgets.columns import Column
from dinotui.tui.widgets.list_commands import LIST_COMMANDS
from dinotui.tui.widgets.list_drawing import (
    GUTTER,
    copied,
    empty_line,
    placed_columns,
    row_pieces,
    title_line,
)
from dinotui.tui.widgets.row_source import ListSource, Row, RowSource, RowWindow


class Place(NamedTuple):
    """Where a list stands, to come back to: cursor, first visible row, the cursor row's key."""

    cursor: int
    top: int
    key: Hashable | None


class PagedList(Widget, Commanded):
    """A scrolling list over a `RowSource`, with columns, a cursor and marks."""

    can_focus = True
    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"list--{name}"
        for name in (
            "title",
            "cursor",
            "cursor-blur",
            "good",
            "warn",
            "bad",
            "dim",
            "strong",
            "accent",
            "plain",
        )
    }
    ACTIONS: ClassVar[tuple[Command, ...]] = LIST_COMMANDS

    class Moved(Message):
        """The cursor stands on another row, or its row may be another one."""

        def __init__(self, paged_list: PagedList) -> None:
            super().__init__()
            self.paged_list = paged_list

        @property
        def control(self) -> PagedList:
            """The list."""
            return self.paged_list

    class Marked(Moved):
        """The marks changed."""

    def __init__(
        self,
        columns: Sequence[Column],
        source: RowSource | None = None,
        *,
        empty: str = N_("Nothing here."),
        markable: bool = False,
        titles: bool = True,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """Show `source` under `columns`; `empty` (a message id) is said when there is no row."""
        super().__init__(id=id)
        self.columns = tuple(columns)
        self.empty = empty
        self.markable = markable
        self.titles = titles
        self._cursor = 0
        self._top = 0
        self._late: Place | None = None
        """Where to go once there are rows: a place that was given back before them."""
        self.marked: dict[Hashable, None] = {}
        """Keys of the marked rows, in the order of marking."""
        self.problem = ""
        """Why the rows could not be read, instead of them."""
        self._window = RowWindow(ListSource(()))
        if source is not None:
            self._open(source)

    def on_mount(self) -> None:
        """Take the user's keys."""
        self.bind_actions(getattr(self.app, "key_map", {}))

    # rows

    @property
    def cursor(self) -> int:
        """On which row the cursor is, from 0."""
        return self._cursor

    @property
    def top(self) -> int:
        """Which row is the first one in sight, from 0."""
        return self._top

    @property
    def count(self) -> int:
        """How many rows the list has."""
        return self._window.count

    @property
    def rows_held(self) -> int:
        """How many rows are in memory."""
        return self._window.held

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self._row(self.cursor)

    def set_source(self, source: RowSource, *, keep: bool = False) -> None:
        """Show other rows, from the first one; with `keep`, near the place where the cursor was.

        The first rows are shown at the place that was given back before them.
        """
        place_before = self.place if keep or self._late is not None else Place(0, 0, None)
        self._open(source)
        self.restore(place_before)

    def reload(self) -> None:
        """Read the rows anew (they grew or changed) and keep the cursor on its row if it is still near."""
        before = self.place
        self._read_again()
        self.restore(before)

    def _open(self, source: RowSource) -> None:
        self.problem = ""
        try:
            self._window = RowWindow(source)
        except DinoError as error:
            self.problem = str(error)
            self._window = RowWindow(ListSource(()))

    def _read_again(self) -> None:
        self.problem = ""
        try:
            self._window.refresh()
        except DinoError as error:
            self.problem = str(error)
            self._window = RowWindow(ListSource(()))

    def _row(self, index: int) -> Row | None:
        try:
            return self._window.row(index)
        except DinoError as error:
            self.problem = str(error)
            self._window = RowWindow(ListSource(()))
            self.call_later(self.refresh)
            return None

    # place

    @property
    def place(self) -> Place:
        """Where the list stands, or will stand once it has rows."""
        if self._late is not None:
            return self._late
        row = self.current
        return Place(self.cursor, self.top, row.key if row else None)

    def restore(self, was: Place) -> None:
        """Go back to a place, once there are rows; the row is looked for near it when rows have moved."""
        self._late = None if self.count or was.key is None else was
        index = min(was.cursor, max(0, self.count - 1))
        row = self._row(index)
        if was.key is not None and (row is None or row.key != was.key):
            found = self._window.find(was.key, index)
            index = index if found is None else found
        self._stand(index, was.top)

    def _stand(self, index: int, top: int) -> None:
        """Stand on row `index` with `top` or a better row as the first one in sight: draw it and say so.

        Which row is better is known only once the list has its size.
        """
        self._cursor = min(max(0, index), max(0, self.count - 1))
        self._top = self._top_for(self._cursor, top) if self.size.height else top
        self.refresh()
        self.post_message(self.Moved(self))

    @property
    def page(self) -> int:
        """How many rows are visible at once."""
        return max(1, self.size.height - (1 if self.titles else 0))

    def move_to(self, index: int) -> None:
        """Put the cursor on row `index`, as near as there is one."""
        target = min(max(0, index), max(0, self.count - 1))
        if target == self.cursor:
            return
        if self._top_for(target, self.top) != self.top:
            self._stand(target, self.top)
            return
        before, self._cursor = self._cursor, target
        self._repaint(before)
        self._repaint(target)
        self.post_message(self.Moved(self))

    def _top_for(self, index: int, top: int) -> int:
        """Return the first visible row: the old one while the cursor is in sight, else half a page on."""
        page = self.page
        last = max(0, self.count - page)
        if index < top:
            top = index if top - index > page else max(index - page + 1, top - max(1, page // 2))
        elif index >= top + page:
            top = (
                index - page + 1 if index - top > 2 * page else max(index - page + 1, top + max(1, page // 2))
            )
        return min(max(0, top), last)

    def _repaint(self, index: int) -> None:
        y = index - self.top + (1 if self.titles else 0)
        self.refresh(Region(0, y, self.size.width, 1))

    # keys

    def action_up(self) -> None:
        """One row up."""
        self.move_to(self.cursor - 1)

    def action_down(self) -> None:
        """One row down."""
        self.move_to(self.cursor + 1)

    def action_page_up(self) -> None:
        """One page up."""
        self.move_to(self.cursor - self.page)

    def action_page_down(self) -> None:
        """One page down."""
        self.move_to(self.cursor + self.page)

    def action_first(self) -> None:
        """To the first row."""
        self.move_to(0)

    def action_last(self) -> None:
        """To the last row."""
        self.move_to(self.count - 1)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let Space pass to the screen where rows cannot be marked."""
        return self.markable if action == "command" and parameters == ("list.mark",) else True

    def action_mark(self) -> None:
        """Mark the row or take its mark off, and go one down."""
        row = self.current
        if row is None:
            raise SkipAction
        self.set_marks([row.key], on=row.key not in self.marked)
        self._repaint(self.cursor)
        self.action_down()

    def set_marks(self, keys: Iterable[Hashable], *, on: bool) -> None:
        """Mark rows by key, or take their marks off."""
        for key in keys:
            if on:
                self.marked[key] = None
            else:
                self.marked.pop(key, None)
        self.refresh()
        self.post_message(self.Marked(self))

    def clear_marks(self) -> None:
        """Take all marks off."""
        self.set_marks(list(self.marked), on=False)

    # mouse, where it is on

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a double click is Enter."""
        self.move_to(self.top + event.y - (1 if self.titles else 0))
        if event.chain > 1:
            self.app.simulate_key("enter")

    def on_mouse_scroll_down(self) -> None:
        """Move on by a few rows."""
        self.move_to(self.cursor + 3)

    def on_mouse_scroll_up(self) -> None:
        """Move back by a few rows."""
        self.move_to(self.cursor - 3)

    # drawing

    def on_resize(self) -> None:
        """Place the columns anew, keep the cursor in sight, and leave no room empty that rows above could use."""
        if self._top_for(self.cursor, self.top) != self.top:
            self._stand(self.cursor, self.top)

    def on_focus(self) -> None:
        """Show the cursor as the one that keys move."""
        self._repaint(self.cursor)

    def on_blur(self) -> None:
        """Show that keys go elsewhere."""
        self._repaint(self.cursor)

    def render_line(self, y: int) -> Strip:
        """Draw one line: the titles, a row, or part of the text of an empty list."""
        width = self.size.width
        base = self.rich_style
        if self.count == 0:
            style = self.get_component_rich_style("list--bad" if self.problem else "list--dim")
            return empty_line(self.problem or _(self.empty), y, width, base, style)
        placed = placed_columns(self.columns, width - GUTTER - 1, marked=self.titles)
        if self.titles and y == 0:
            return title_line(self.columns, placed, width, base, self.get_component_rich_style("list--title"))
        index = self.top + y - (1 if self.titles else 0)
        row = self._row(index)
        if row is None:
            return Strip.blank(width, base)
        here = index == self.cursor
        gutter = (">" if here else " ") + ("*" if row.key in self.marked else " ") + " "
        if here:
            base = self.get_component_rich_style("list--cursor" if self.has_focus else "list--cursor-blur")
        pieces = row_pieces(self.columns, placed, row, plain=here)
        styled = [(text, self._style(style)) for text, style in pieces]
        return strip_of([(gutter, None), *styled], width, base)

    def _style(self, name: str) -> Style | None:
        return self.get_component_rich_style(f"list--{name}") if name else None

    def row_text(self) -> str:
        """Return the cursor row as text, cells parted by tabs, for copying."""
        row = self.current
        return "" if row is None else copied(row)
