"""What the screens over a running import share: work on it in a job, with the staging handle in one hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dinotui.domain.errors import DinoError
from dinotui.engine.progress import Report, Stop
from dinotui.locale import _
from dinotui.storage.store import Store
from dinotui.tui.import_session import ImportSession, Picture, planned_anew_text
from dinotui.tui.screens.stored import DataScreen, start_store_job

Do = Callable[[Store, Report, Stop], Any]
"""Work on a session: gets a store of its own, reports and can be stopped."""


class SessionScreen(DataScreen):
    """A screen over `session`; `session_changed` is called whenever there is something new to show."""

    session: ImportSession
    keeps_palette = False  # it has many keys of its own, and each is more to the point

    @property
    def picture(self) -> Picture | None:
        """What is known about the import."""
        return self.session.picture

    def session_changed(self) -> None:
        """Show the session as it is now."""

    def tell_planned_anew(self) -> None:
        """Say, once and on the screen in front, that the import was planned again over other trips."""
        if self.session.planned_anew and self.picture is not None:
            self.session.planned_anew = False
            self.dino.call_later(self.dino.say, planned_anew_text(self.picture), "warn")

    def work(
        self,
        title: str,
        do: Do,
        done: Callable[[Any], None],
        failed: Callable[[DinoError], None] | None = None,
    ) -> bool:
        """Run `do` on the session in a job; False, with a sentence, while another one has it."""
        session = self.session
        if session.busy:
            self.dino.say(_("The import is still being worked on."), "warn")
            return False

        def run(store: Store, report: Report, cancelled: Stop) -> Any:
            try:
                answer = do(store, report, cancelled)
                if isinstance(answer, Picture):
                    session.picture = answer
                return answer
            finally:
                session.give_back()

        def refused(error: DinoError) -> None:
            self.session_changed()
            if failed is not None:
                failed(error)
            else:
                self._job_failed(error)

        def finished(answer: Any) -> None:
            self.session_changed()
            done(answer)

        self.dino.say("")
        session.take()
        start_store_job(self, title, run, finished, refused)
        self.refresh_commands()
        return True
