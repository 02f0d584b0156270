"""Repeats among the trips themselves, decided on the review screen; then merged as one operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Final

from dinotui.domain.errors import DinoError
from dinotui.engine import duplicates
from dinotui.engine.duplicates import Merged
from dinotui.engine.importing import deciding
from dinotui.engine.progress import Report, Stop
from dinotui.locale import N_, _, ngettext
from dinotui.storage.store import Store
from dinotui.tui.commands import Command, State
from dinotui.tui.import_session import ImportSession, Picture
from dinotui.tui.plan_rows import paragraph
from dinotui.tui.reviewing import Reviewing
from dinotui.tui.screens.review import ReviewScreen
from dinotui.tui.screens.review_commands import COMMANDS
from dinotui.tui.widgets.confirm import Question
from dinotui.tui.widgets.line import Piece

_DUPLICATES: Final = N_("Duplicates")
_LEFT_OUT: Final = ("review.skip", "review.later")
_SAID: Final = {
    "review.existing": N_("Field: keep the earlier trip's value"),
    "review.incoming": N_("Field: take the later trip's value"),
    "review.separate": N_("They are two trips: both stay, and are not asked about again"),
}


class FinderSession(ImportSession):
    """The user's trips as a session of the review: found again instead of read again."""

    def reopen(self, import_id: str, store: Store, report: Report, cancelled: Stop) -> Picture:
        """Find the repeats among the trips of now; `import_id` has no meaning here."""
        del import_id
        self.staging = duplicates.find_duplicates(store, report=report, cancelled=cancelled)
        return self.take_picture()

    def plan_again(self, store: Store, report: Report, cancelled: Stop) -> Picture:
        """Find again among the trips of now."""
        duplicates.find_again(self.held, store, report=report, cancelled=cancelled)
        return self.take_picture()


def _some_decided(screen: DuplicatesScreen) -> State:
    if screen.session.busy:
        return _("the trips are being worked on")
    some = screen.review is not None and duplicates.count_merges(screen.session.held)
    return True if some else _("no pair is decided to be one trip")


class DuplicatesScreen(ReviewScreen):
    """The pairs of trips that may be one. Decisions wait on disk; `w` merges what was decided."""

    ACTIONS: ClassVar[tuple[Command, ...]] = (
        *(
            replace(command, group=_DUPLICATES, description=_SAID.get(command.id, command.description))
            for command in COMMANDS
            if command.id not in _LEFT_OUT
        ),
        Command(
            "duplicates.merge",
            ("w",),
            N_("merge"),
            N_("Merge the pairs that were decided to be one trip; can be undone"),
            _DUPLICATES,
            enabled=_some_decided,
        ),
    )

    def __init__(self) -> None:
        super().__init__("")
        self.session = FinderSession()
        self._found = False

    def title_text(self) -> str:
        """Return its crumb."""
        return _("Duplicates")

    def _lines(self, width: int) -> Sequence[Sequence[Piece]]:
        if self.review is not None and self.review.conflict is None and self._found:
            text = _("No two trips look like one. Esc goes back.")
            return [[], *paragraph(text, width, 2, "dim")]
        return super()._lines(width)

    def _open(self) -> None:
        def do(store: Store, report: Report, cancelled: Stop) -> Picture:
            return self.session.reopen("", store, report, cancelled)

        def refused(error: DinoError) -> None:
            self.leave()
            self.dino.call_later(self.dino.say, str(error), "error")

        self.work(_("Looking for repeats"), do, self._opened, refused)

    def _opened(self, _picture: Picture) -> None:
        self._found = True
        self.review = Reviewing(self.session.held, self.store)
        record = deciding.resume_at(self.session.held)
        if record is None:
            self.redraw()
        else:
            self.show(record)

    def _finish(self) -> None:
        """Every pair is decided: offer to merge."""
        if _some_decided(self) is True:
            self.action_merge()
        else:
            self.redraw()
            self.say(_("All are decided, and none is to be merged. Esc goes back."), "good")

    def action_merge(self) -> None:
        """Ask, and merge what was decided."""
        count = duplicates.count_merges(self.session.held)
        text = ngettext(
            "Merge {count} trip into the one that it repeats? u undoes it.",
            "Merge {count} trips, each into the one that it repeats? u undoes it.",
            count,
        ).format(count=count)

        def do(store: Store, report: Report, cancelled: Stop) -> Merged | None:
            return duplicates.merge_decided(self.session.held, store, report=report, cancelled=cancelled)

        def answered(said: bool) -> None:
            if said:
                self.work(_("Merging"), do, self._merged, self._refused)

        yes = ngettext("merge {count}", "merge {count}", count).format(count=count)
        self.ask(Question(text, yes, _("not yet"), answered, key="enter"))

    def _merged(self, done: Merged | None) -> None:
        count = done.merged if done else 0
        said = ngettext("Merged {count} trip. u undoes.", "Merged {count} trips. u undoes.", count)
        self.leave()
        self.dino.call_later(self.dino.say, said.format(count=count), "good")

    def _refused(self, error: DinoError) -> None:
        self._opened(self.session.take_picture())
        self.dino.say(str(error), "warn")
