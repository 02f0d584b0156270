"""Keys in order: each has done what it does before the next is looked at.

Textual sends a key to the widget that has the keys when it arrives, and does what it is bound to only after the
key has gone through the queues of that widget, its parents, and the app. Keys that arrive together, as they do
over a slow line, would all reach the widget that had the keys before the first of them moved on.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final

from textual import events
from textual.app import App, ScreenStackError
from textual.message import Message

_LOST_AFTER: Final = 0.5
"""Seconds after which a key that never came back (its screen is gone) holds up the others no more."""


class KeyFollower(Message):
    """Goes the way of a key right behind it; at the app it says that the key has been everywhere."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class KeysInOrder(App[None]):
    """An app that looks at a key when the one before is done."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._waiting_keys: deque[events.Key | events.Paste] = deque()
        self._key_number = 0
        self._key_under_way = False

    async def on_event(self, event: events.Event) -> None:
        """Queue a key, or a pasted text, behind the one under way."""
        if isinstance(event, (events.Key, events.Paste)) and not event.is_forwarded:
            self._waiting_keys.append(event)
            if not self._key_under_way:
                await self._look_at_next_key()
        else:
            await super().on_event(event)

    async def deliver(self, event: events.Key | events.Paste) -> None:
        """Give what was typed to what has the keys now."""
        await super().on_event(event)

    async def _look_at_next_key(self) -> None:
        self._key_under_way = bool(self._waiting_keys)
        if not self._key_under_way:
            return
        try:
            taker = self.focused or self.screen
        except ScreenStackError:  # the app is closing: nobody is there to take it
            self._waiting_keys.clear()
            return
        event = self._waiting_keys.popleft()
        self._key_number += 1
        number = self._key_number
        await self.deliver(event)
        taker.post_message(KeyFollower(number))
        self.set_timer(_LOST_AFTER, lambda: self._key_is_done(number))

    def on_key_follower(self, message: KeyFollower) -> None:
        """Look at the next key, behind all that this one has asked the app for."""
        message.stop()
        self.call_later(self._key_is_done, message.number)

    async def _key_is_done(self, number: int) -> None:
        if number == self._key_number and self._key_under_way:
            await self._look_at_next_key()
