"""What the program told the user: stays near their limit, Schengen days nearly used, rejects of an import."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

from textual.app import ComposeResult

from dinotui.domain.errors import DinoError
from dinotui.domain.notification import Notification
from dinotui.engine.notifications import list_notifications, mark_read, mark_unread
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


def _has_message(screen: MessagesScreen) -> State:
    return True if screen.current is not None else _("there is no message here")


def _has_new(screen: MessagesScreen) -> State:
    return True if any(each.read is None for each in screen.told) else _("no message is new")


class MessagesScreen(DataScreen):
    """All messages, newest first; leaving marks as read what was not marked as new again."""

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
        Command(
            "messages.turn",
            ("+", "m"),
            N_("read or new"),
            N_("Mark the message as read, or as new again"),
            _MESSAGES,
            enabled=_has_message,
        ),
        Command(
            "messages.all",
            ("=", "a"),
            N_("all read"),
            N_("Mark all messages as read"),
            _MESSAGES,
            enabled=_has_new,
        ),
        Command(
            "messages.only-new",
            ("1", "n"),
            N_("only new"),
            N_("Show only messages that are new, or all again"),
            _MESSAGES,
        ),
    )

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Notification] = []
        self.only_new = False
        self._kept_new: set[str] = set()

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

    def right_text(self) -> str:
        """Return where the list stands, and that only new ones are shown."""
        return "   ".join(filter(None, [_("only new") if self.only_new else "", super().right_text()]))

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
            if (each.read is None or not self.only_new)
            and all(word in f"{each.title} {each.message}".casefold() for word in words)
        ]
        self.messages.set_source(ListSource(rows), keep=True)

    def relabel(self) -> None:
        """Show the rows' own words in the language of now."""
        self._show()
        super().relabel()

    def leave(self) -> None:
        """Go back; what was shown is read."""
        unread = [each.id for each in self.told if each.read is None and each.id not in self._kept_new]
        front = self.dino.screen_stack[-2]
        super().leave()
        if unread and isinstance(front, DataScreen):

            def work(store: Store, _report: Any, _cancelled: Any) -> int:
                return mark_read(store, unread)

            start_store_job(front, _("Saving"), work, lambda _count: front.look())

    def action_turn(self) -> None:
        """Mark the message as read, or as new again."""
        current = self.current
        if current is None:
            return
        if current.read is None:
            self._kept_new.discard(current.id)
            self._mark(lambda store: mark_read(store, [current.id]), _("Marked as read."))
        else:
            self._kept_new.add(current.id)
            self._mark(lambda store: mark_unread(store, [current.id]), _("Marked as new."))

    def action_all(self) -> None:
        """Mark all messages as read."""
        self._kept_new.clear()
        self._mark(mark_read, _("All messages are marked as read."))

    def _mark(self, work: Callable[[Store], int], said: str) -> None:
        def done(_count: int) -> None:
            self.look()
            self.say(said, "good")

        start_store_job(self, _("Saving"), lambda store, _report, _cancelled: work(store), done)

    def action_only_new(self) -> None:
        """Show only new messages, or all again."""
        self.only_new = not self.only_new
        self._show()
        self.refresh_commands()

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
