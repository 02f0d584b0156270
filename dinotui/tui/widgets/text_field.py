"""A one-line text field: quiet on the line, safe with hostile text, and open to dropped files."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from rich.text import Text
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import Input

from dinotui.tui.cells import pictures
from dinotui.tui.commands import forget_said
from dinotui.tui.glyphs import glyphs
from dinotui.tui.messages import PathsDropped
from dinotui.tui.paste import dropped_paths


class TextField(Input):
    """Textual's input in its compact form, without a blinking cursor.

    Control characters in the value are kept and shown as pictures. Pasted paths of existing files go up as
    `PathsDropped` unless the field itself takes paths; further pasted lines are joined by spaces.
    """

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        takes_paths: bool = False,
        max_length: int = 0,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(
            value, pictures(placeholder), compact=True, select_on_focus=False, max_length=max_length, id=id
        )
        self.cursor_blink = False
        self.takes_paths = takes_paths

    @property
    def _value(self) -> Text:
        return Text(pictures(self.value), no_wrap=True, overflow="ignore", end="")

    def _position_to_cell(self, position: int) -> int:
        return cell_len(pictures(self.value)[:position])

    def on_focus(self) -> None:
        """Bring the cursor in sight: the value may have been set before there was a width."""
        self.scroll_to_region(Region(self._cursor_offset, 0, 1, 1), force=True, animate=False, x_axis=True)

    def render_line(self, y: int) -> Strip:
        """Draw the line; where the value goes on beyond an edge, a mark says so, unless the cursor is there."""
        strip = super().render_line(y)
        width, left = self.content_size.width, self.scroll_offset.x
        if not self.value or width < 4:
            return strip
        cursor = self._position_to_cell(self.cursor_position) - left if self.has_focus else -1
        if left > 0 and cursor != 0:
            strip = Strip.join([_mark(strip), strip.crop(1)])
        if cell_len(pictures(self.value)) - left > width and cursor != width - 1:
            strip = Strip.join([strip.crop(0, width - 1), _mark(strip), strip.crop(width)])
        return strip

    def replace(self, text: str, start: int, end: int) -> None:
        """Change the text, as every key does; what was said before is about the text of before."""
        forget_said(self)
        super().replace(text, start, end)

    def _on_paste(self, event: events.Paste) -> None:
        """Insert pasted text as one line, or hand pasted files on."""
        event.stop()
        event.prevent_default()
        paths = dropped_paths(event.text, certain=False)
        if paths and self.takes_paths and len(paths) == 1:
            self.value = str(paths[0])
            self.cursor_position = len(self.value)
        elif paths:
            self.post_message(PathsDropped(paths))
        else:
            line = " ".join(part.strip() for part in event.text.splitlines() if part.strip())
            self.replace(line, *sorted(self.selection))


def _mark(strip: Strip) -> Strip:
    """Return the mark of cut text in the style that the line begins with."""
    return Strip([Segment(glyphs().more, next((part.style for part in strip if part.text), None))])
