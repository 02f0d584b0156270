"""What the program told the user: stays near their limit, Schengen days nearly used, rejects of an import."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from textual.app import ComposeResult

from dinotui.domain.errors import DinoError
from dinotui.domain.notification import Notification
from dinotui.engine.notifications import list_notifications, mark_read
from dinotui.locale import N_, _
from dinotui.storage.store import Store
from dinotui.storage.trips import find_row
from dinotui.tui import doors
from dinotui.tui.commands import Command, State
from dinotui.tui.messages import FilterChanged
from dinotui.tui.rows import MESSAGE_COLUMNS, message_row
from dinotui.tui.screens.stored import DataScreen, start_store_job
from dinotui.tui.widgets.detail_text import DetailText
from dinotui.tui.widgets.paged_list import PagedList
from dinotui.tui.widgets.row_source import ListSource

_MESSAGES: Final = N_("Messages")
_MOST: Final = 1000
"""Messages that are listed, the newest."""


def _has_trip(screen: MessagesScreen) -> State:
    current = screen.current
    return True if current is not None and current.trip_id else _("this message is about no single trip")


class MessagesScreen(DataScreen):
    """All messages, newest first; leaving marks them as read."""

    memory = "messages"
    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command(
            "messages.open",
            ("enter",),
            N_("trip"),
            N_("Show the trip it is about"),
            _MESSAGES,
            enabled=_has_trip,
        ),
    )

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Notification] = []

    @property
    def messages(self) -> PagedList:
        """The list."""
        return self.query_one("#messages", PagedList)

    @property
    def current(self) -> Notification | None:
        """The message under the cursor."""
        row = self.messages.current
        return next((each for each in self.told if row is not None and each.id == row.key), None)

    def title_text(self) -> str:
        """Return its crumb."""
        return _("Messages")

    def body(self) -> ComposeResult:
        """Yield the list and the message under the cursor in full."""
        yield PagedList(MESSAGE_COLUMNS, empty=N_("Nothing to tell you so far."), id="messages")
        yield DetailText(lambda: self.current.message if self.current else "")

    def ready(self) -> None:
        """Show the messages."""
        self.data_changed()
        self.messages.focus()

    def on_filter_changed(self, event: FilterChanged) -> None:
        """Show what holds the filter's words."""
        event.stop()
        self._show()

    def data_changed(self) -> None:
        """Read the messages anew."""
        try:
            self.told = list_notifications(self.store, limit=_MOST).notifications
        except DinoError as error:
            self.say(str(error), "error")
        self._show()

    def _show(self) -> None:
        words = self.filter_text.casefold().split()
        rows = [
            message_row(each)
            for each in self.told
            if all(word in f"{each.title} {each.message}".casefold() for word in words)
        ]
        self.messages.set_source(ListSource(rows), keep=True)

    def on_paged_list_moved(self) -> None:
        """Show the message under the cursor."""
        self.query_one(DetailText).redraw()

    def relabel(self) -> None:
        """Show the rows' own words in the language of now."""
        self._show()
        super().relabel()

    def leave(self) -> None:
        """Go back; what was shown is read."""
        unread = [each.id for each in self.told if each.read is None]
        front = self.dino.screen_stack[-2]
        super().leave()
        if unread and isinstance(front, DataScreen):

            def work(store: Store, _report: Any, _cancelled: Any) -> int:
                return mark_read(store, unread)

            start_store_job(front, _("Saving"), work, lambda _count: front.look())

    def action_open(self) -> None:
        """Show the trip that the message is about."""
        current = self.current
        if current is None or current.trip_id is None:
            return
        try:
            row = find_row(self.store, current.trip_id)
        except DinoError as error:
            self.say(error.message, "warn")
            return
        doors.open_trips(self, row["number"])
