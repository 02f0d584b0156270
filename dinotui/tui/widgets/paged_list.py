"""A list of any length: a million rows cost the screen what twenty cost.

It draws lines itself (Textual's Line API) from the few blocks of rows in memory. Moving the cursor repaints
two lines; reaching the edge moves half a page, because scrolling by one line repaints the whole list.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import ClassVar, Final, NamedTuple

from rich.style import Style
from textual import events
from textual.actions import SkipAction
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from dinotui.domain.errors import DinoError
from dinotui.locale import N_, _
from dinotui.tui.cells import clean, fit, fit_cell, strip_of, width_of, wrap
from dinotui.tui.commands import Command, Commanded
from dinotui.tui.widgets.columns import Column, Placed, place
from dinotui.tui.widgets.row_source import ListSource, Row, RowSource, RowWindow

_LIST: Final = N_("Lists")
_GUTTER: Final = 3
"""Cells left of the first column: cursor mark, tick, space."""

_MARK: Final = 4
"""Cells for the mark that columns are left out, such as ``+2>``."""


class Place(NamedTuple):
    """Where a list stands, to come back to: cursor, first visible row, the cursor row's key."""

    cursor: int
    top: int
    key: Hashable | None


def _markable(owner: object) -> bool | str:
    return (isinstance(owner, PagedList) and owner.markable) or _("rows of this list cannot be marked")


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
    ACTIONS = (
        Command("list.up", ("up", "k"), N_("up"), N_("One row up"), _LIST, footer=False, palette=False),
        Command(
            "list.down", ("down", "j"), N_("down"), N_("One row down"), _LIST, footer=False, palette=False
        ),
        Command(
            "list.page-up", ("pageup",), N_("page up"), N_("One page up"), _LIST, footer=False, palette=False
        ),
        Command(
            "list.page-down",
            ("pagedown",),
            N_("page down"),
            N_("One page down"),
            _LIST,
            footer=False,
            palette=False,
        ),
        Command("list.first", ("home",), N_("first"), N_("First row"), _LIST, footer=False, palette=False),
        Command("list.last", ("end",), N_("last"), N_("Last row"), _LIST, footer=False, palette=False),
        Command(
            "list.mark",
            ("space",),
            N_("mark"),
            N_("Mark the row or take the mark off, and go on"),
            _LIST,
            footer=False,
            enabled=lambda owner: True if _markable(owner) is True else str(_markable(owner)),
            palette=False,
        ),
    )

    class Moved(Message):
        """The cursor stands on another row."""

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
        self.cursor = 0
        self.top = 0
        self.marked: dict[Hashable, None] = {}
        """Keys of the marked rows, in the order of marking."""
        self.problem = ""
        """Why the rows could not be read, instead of them."""
        self._window = RowWindow(ListSource(()))
        self._placed: tuple[list[Placed], int] = ([], 0)
        if source is not None:
            self._open(source)

    def on_mount(self) -> None:
        """Take the user's keys."""
        self.bind_actions(getattr(self.app, "key_map", {}))

    # rows

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
        """Show other rows, from the first one; with `keep`, near the place where the cursor was."""
        place_before = self.place
        self._open(source)
        self.cursor = self.top = 0
        if keep:
            self.restore(place_before)
        self._changed()

    def reload(self) -> None:
        """Read the rows anew (they grew or changed) and keep the cursor on its row if it is still near."""
        before = self.place
        self._read_again()
        self.restore(before)
        self._changed()

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

    def _changed(self) -> None:
        self.refresh()
        self.post_message(self.Moved(self))

    # place

    @property
    def place(self) -> Place:
        """Where the list stands."""
        row = self.current
        return Place(self.cursor, self.top, row.key if row else None)

    def restore(self, was: Place) -> None:
        """Go back to a place; the row is looked for near it when rows have moved."""
        index = min(was.cursor, max(0, self.count - 1))
        row = self._row(index)
        if was.key is not None and (row is None or row.key != was.key):
            found = self._window.find(was.key, index)
            index = index if found is None else found
        self.cursor = max(0, index)
        self.top = self._top_for(self.cursor, was.top)
        self.refresh()

    @property
    def page(self) -> int:
        """How many rows are visible at once."""
        return max(1, self.size.height - (1 if self.titles else 0))

    def move_to(self, index: int) -> None:
        """Put the cursor on row `index`, as near as there is one."""
        target = min(max(0, index), max(0, self.count - 1))
        if target == self.cursor:
            return
        before, self.cursor = self.cursor, target
        top = self._top_for(target, self.top)
        if top != self.top:
            self.top = top
            self.refresh()
        else:
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
        """Place the columns anew and keep the cursor in sight."""
        self.top = self._top_for(self.cursor, self.top)

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
            return self._empty_line(y, width, base)
        self._placed = self._place(width - _GUTTER - 1)
        if self.titles and y == 0:
            return self._title_line(width, base)
        index = self.top + y - (1 if self.titles else 0)
        row = self._row(index)
        return Strip.blank(width, base) if row is None else self._row_line(index, row, width, base)

    def _empty_line(self, y: int, width: int, base: Style) -> Strip:
        text = clean(self.problem) if self.problem else _(self.empty)
        lines = ["", *wrap(text, width - 4, 6)]
        style = self.get_component_rich_style("list--bad" if self.problem else "list--dim")
        return strip_of([(f"  {lines[y]}" if y < len(lines) else "", style)], width, base)

    def _place(self, width: int) -> tuple[list[Placed], int]:
        """Return the columns for `width` cells; where some are dropped, the mark that says so has room."""
        placed, dropped = place(self.columns, width)
        if not dropped or not self.titles or not placed:
            return placed, dropped
        last = self.columns[placed[-1].column]
        blank = placed[-1].width - width_of(_(last.title)) if last.align == "left" else 0
        return (placed, dropped) if blank >= _MARK else place(self.columns, width - _MARK)

    def _title_line(self, width: int, base: Style) -> Strip:
        placed, dropped = self._placed
        titles = [
            fit(_(self.columns[index].title), cells, self.columns[index].align) for index, cells in placed
        ]
        text = " " * _GUTTER + "  ".join(titles)
        if dropped:
            mark = f"+{dropped}>"
            text = fit(text, width - len(mark)) + mark
        return strip_of([(text, self.get_component_rich_style("list--title"))], width, base)

    def _row_line(self, index: int, row: Row, width: int, base: Style) -> Strip:
        here = index == self.cursor
        gutter = (">" if here else " ") + ("*" if row.key in self.marked else " ") + " "
        pieces: list[tuple[str, Style | None]] = [(gutter, None)]
        for number, (column, cells) in enumerate(self._placed[0]):
            if number:
                pieces.append(("  ", pieces[-1][1]))  # in the style before it: one escape sequence less
            cell = row.cells[column] if column < len(row.cells) else ""
            for text, style in fit_cell(cell, cells, self.columns[column].align):
                pieces.append((text, None if here else self._style(style or row.style)))
        if here:
            base = self.get_component_rich_style("list--cursor" if self.has_focus else "list--cursor-blur")
        return strip_of(pieces, width, base)

    def _style(self, name: str) -> Style | None:
        return self.get_component_rich_style(f"list--{name}") if name else None

    def row_text(self) -> str:
        """Return the cursor row as text, cells parted by tabs, for copying."""
        row = self.current
        if row is None:
            return ""
        return "\t".join(
            cell
            if isinstance(cell, str)
            else cell.text
            if hasattr(cell, "text")
            else "".join(p.text for p in cell)
            for cell in row.cells
        )
