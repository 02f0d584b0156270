"""What the screens over the user's data share: the store, writing beside the screen, noticing changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from dinotui.domain.errors import DinoError
from dinotui.engine.progress import Progress
from dinotui.engine.progress import Report as EngineReport
from dinotui.locale import _
from dinotui.storage.store import Store
from dinotui.tui.jobs import Job, Report
from dinotui.tui.live_settings import follow_settings
from dinotui.tui.screens.base import DinoScreen

LOOK_EVERY: Final = 1.0
"""Seconds between two looks whether somebody else changed the data."""

StoreWork = Callable[[Store, EngineReport, Callable[[], bool]], Any]
"""Work over a store of its own: gets it, the engine's `report`, and `cancelled`."""


def store_of(screen: DinoScreen) -> Store:
    """Return the store that the app works on."""
    return cast("Store", screen.dino.context)


def start_store_job(
    screen: DinoScreen,
    title: str,
    work: StoreWork,
    done: Callable[[Any], None],
    failed: Callable[[DinoError], None] | None = None,
) -> Job:
    """Run `work` in a thread with a store of its own: the screen never waits for a lock."""
    store = store_of(screen)

    def run(report: Report, cancelled: Callable[[], bool]) -> Any:
        def told(progress: Progress) -> None:
            report(_(progress.phase), progress.done, progress.total)

        with store.sibling() as own:
            return work(own, told, cancelled)

    return screen.start_job(title, run, done, failed)


class DataScreen(DinoScreen):
    """A screen over the store that shows changes made elsewhere within a second."""

    _seen_version = 0

    @property
    def store(self) -> Store:
        """The store that the app works on."""
        return store_of(self)

    def on_mount(self) -> None:
        """Begin to look for changes."""
        self._seen_version = self.store.database.data_version()
        self.set_interval(LOOK_EVERY, self.look)

    def look(self) -> None:
        """Show what somebody else changed meanwhile."""
        if self.dino.front is not self:  # `is_current` also holds for the screen behind
            return
        try:
            self.store.refuse_moved()
            version = self.store.database.data_version()
        except DinoError as error:
            self.say(str(error), "error")
            return
        if version != self._seen_version:
            self._seen_version = version
            follow_settings(self.dino, self.store)
            self.data_changed()
            self.refresh_commands()

    def data_changed(self) -> None:
        """Show the data as it is now; a subclass reads it anew."""

    def on_screen_resume(self) -> None:
        """Show what happened while another screen was in front."""
        self.look()
