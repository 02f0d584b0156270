"""Reviewing conflicts: one at a time, side by side, each decision on disk before the next is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final, cast

from textual.app import ComposeResult

from dinotui.domain.errors import DinoError, NotFound, UsageError
from dinotui.domain.merging import FIELD_COLUMNS
from dinotui.engine.importing import deciding, planning, preview
from dinotui.engine.importing.deciding import Conflict, DecisionAction
from dinotui.engine.progress import Report, Stop
from dinotui.locale import _, ngettext
from dinotui.storage import oplog
from dinotui.storage.store import Store
from dinotui.tui.commands import Command
from dinotui.tui.import_session import ImportSession, Picture, step_of
from dinotui.tui.plan_rows import paragraph
from dinotui.tui.review_choices import (
    Choice,
    Choosing,
    action_of,
    open_fields,
    preselected,
    shown_fields,
    value_of,
)
from dinotui.tui.review_dates import meanings
from dinotui.tui.review_rows import Shown, page_lines
from dinotui.tui.rows import field_label
from dinotui.tui.screens.import_choice import AskScreen
from dinotui.tui.screens.import_step import Page
from dinotui.tui.screens.review_commands import COMMANDS
from dinotui.tui.screens.session_screen import SessionScreen
from dinotui.tui.widgets.form import Field
from dinotui.tui.widgets.line import Piece

_NEXT_SHOWN: Final = 3


class ReviewScreen(SessionScreen):
    """The conflicts of a staged import. Dismisses with True when the import can go on to its last step.

    Without a `session` it opens the import itself and hands over to the wizard at the end.
    """

    ACTIONS: ClassVar[tuple[Command, ...]] = COMMANDS

    def __init__(
        self,
        import_id: str,
        *,
        session: ImportSession | None = None,
        record: int | None = None,
        take_back: bool = False,
    ) -> None:
        super().__init__()
        self.import_id = import_id
        self.own = session is None
        self.session = session or ImportSession()
        self.conflict: Conflict | None = None
        self.chosen = Choosing()
        self.counts: deciding.ReviewCounts | None = None
        self.made = 0
        """How many decisions were made since the screen was opened."""
        self._record = record
        self._begin_taking_back = take_back
        self._cursor = ""
        self._equal = False
        self._saved = False
        self._place = 0
        self._known = (0, 0)
        self._auto = 0
        self._coming: list[tuple[int, int]] = []
        self._around: dict[str, list[str]] = {}
        self._handed = False

    # the frame

    def title_text(self) -> str:
        """Return its crumb."""
        return _("Review")

    def right_text(self) -> str:
        """Return how far the review is."""
        counts = self.counts
        if counts is None:
            return ""
        parts = (
            [_("{place} of {count}").format(place=self._place, count=counts.conflicts)] if self._place else []
        )
        parts += [
            _("decided {count}").format(count=counts.decided),
            _("later {count}").format(count=counts.later),
        ]
        if self._auto and self.app.size.width >= 80:
            parts.append(_("auto {count}").format(count=self._auto))
        if self._saved:
            parts.append(_("saved"))
        return "  ".join(parts)

    def body(self) -> ComposeResult:
        """Yield the page."""
        yield Page(self._lines, taking=True, id="review")

    @property
    def filters(self) -> bool:
        """One conflict at a time: nothing to filter."""
        return False

    def copy_text(self) -> str:
        """Copy both versions."""
        conflict = self.conflict
        if conflict is None:
            return ""
        return "\n".join(
            f"{field_label(name)}\t{value_of(conflict.existing, name)}\t{value_of(conflict.incoming, name)}"
            for name in FIELD_COLUMNS
        )

    def ready(self) -> None:
        """Open the import, or go on where it stands."""
        self.query_one(Page).focus()
        if self.own:
            self._open()
        else:
            self._begin()

    def _open(self) -> None:
        def do(store: Store, report: Report, cancelled: Stop) -> Picture:
            return self.session.reopen(self.import_id, store, report, cancelled)

        def opened(picture: Picture) -> None:
            step = step_of(self.session.held)
            if not picture.review.conflicts or (step in ("map", "check") and picture.state != "later"):
                self._hand_over("map" if step == "map" else "check")
            else:
                self._begin()

        def refused(error: DinoError) -> None:
            self.leave()
            self.dino.call_later(self.dino.say, str(error), "error")

        self.work(_("Opening the import"), do, opened, refused)

    def _begin(self) -> None:
        staging = self.session.held
        self._refresh_counts()
        counts = planning.count_plan(staging) if self.picture is None else self.picture.counts
        self._auto = max(0, counts.update + counts.skip - (self.counts.decided if self.counts else 0))
        if self._begin_taking_back:
            self.action_take_back()
            return
        record = self._record if self._record is not None else deciding.resume_at(staging)
        if record is None:
            self._finish()
        else:
            self.show(record)

    def _refresh_counts(self) -> None:
        self.counts = deciding.review_counts(self.session.held)

    def show(self, record: int) -> None:
        """Show a conflict."""
        staging = self.session.held
        try:
            conflict = deciding.load_conflict(staging, self.store, record)
        except NotFound as error:
            self.conflict = None
            self.dino.say(str(error), "warn")
            self._redraw()
            return
        self.conflict = conflict
        self.chosen = preselected(conflict)
        undecided = open_fields(conflict, self.chosen)
        names = shown_fields(conflict, equal=self._equal)
        self._cursor = (undecided or list(conflict.differs) or names or [""])[0]
        asked = conflict.row.action == "ask" or conflict.row.decision is not None
        if asked:
            self._place = deciding.position_of(staging, record, self._known)
            self._known = (record, self._place)
        else:
            self._place = 0
        deciding.set_position(staging, record)
        self._coming = self._coming_up(record)
        self._redraw()

    def _coming_up(self, record: int) -> list[tuple[int, int]]:
        """Return the next undecided conflicts: place and confidence."""
        staging, found = self.session.held, []
        for number in deciding.conflict_numbers(staging, after=record, limit=_NEXT_SHOWN, undecided=True):
            row = preview.record(staging, number)
            if row is not None:
                found.append((deciding.position_of(staging, number, self._known), row.confidence or 0))
        return found

    def _redraw(self) -> None:
        if self.conflict is not None:
            self._around = meanings(self.store, self.conflict, self.chosen, self._cursor)
        self.query_one(Page).refresh(layout=True)
        self.refresh_commands()

    def session_changed(self) -> None:
        """Show the session as it is now."""
        self.refresh_commands()

    # drawing

    def _lines(self, width: int) -> Sequence[Sequence[Piece]]:
        if self.conflict is None:
            said = "" if self.session.busy else _("There is no conflict here. Esc goes back.")
            return [[], *paragraph(said, width, 2, "dim")]
        shown = Shown(
            self.conflict,
            self.chosen,
            self._cursor,
            self.picture.source if self.picture else "",
            equal=self._equal,
            around=self._around,
            coming=self._coming,
        )
        return page_lines(shown, width, self.query_one(Page).size.height or self.app.size.height - 6)

    # moving

    def action_up(self) -> None:
        """Go to the field above."""
        self._move(-1)

    def action_down(self) -> None:
        """Go to the field below."""
        self._move(1)

    def _move(self, by: int) -> None:
        if self.conflict is None:
            return
        names = shown_fields(self.conflict, equal=self._equal)
        place = names.index(self._cursor) if self._cursor in names else 0
        self._cursor = names[min(max(0, place + by), len(names) - 1)]
        self._redraw()

    def action_equal(self) -> None:
        """Show or hide the equal fields."""
        self._equal = not self._equal
        if self.conflict is not None and self._cursor not in shown_fields(self.conflict, equal=self._equal):
            self._cursor = (list(self.conflict.differs) or [""])[0]
        self._redraw()

    def action_next(self) -> None:
        """Go to the next conflict; after the last one, on."""
        assert self.conflict is not None
        found = deciding.neighbour(self.session.held, self.conflict.row.record)
        if found is not None:
            self.show(found)
        else:
            self._end()

    def action_previous(self) -> None:
        """Go to the conflict before."""
        assert self.conflict is not None
        found = deciding.neighbour(self.session.held, self.conflict.row.record, back=True)
        if found is not None:
            self.show(found)
        else:
            self.say(_("This is the first conflict."))

    def action_first(self) -> None:
        """Go to the first conflict."""
        found = deciding.conflict_numbers(self.session.held, limit=1) if self.conflict else []
        if found:
            self.show(found[0])

    def action_last(self) -> None:
        """Go to the last conflict."""
        found = deciding.neighbour(self.session.held, 1 << 60, back=True) if self.conflict else None
        if found is not None:
            self.show(found)

    def _end(self) -> None:
        """At the last conflict: back to one that is undecided, else on to the last step."""
        rest = deciding.conflict_numbers(self.session.held, limit=1, undecided=True)
        if rest and self.conflict is not None and rest[0] != self.conflict.row.record:
            self.say(_("That was the last one; this one is not decided yet."))
            self.show(rest[0])
        elif rest:
            self.say(_("This is the only one left. Decide it, or 7 sets it aside."), "warn")
        else:
            self._finish()

    # choosing

    def action_existing(self) -> None:
        """Keep the existing value."""
        self._choose("existing")

    def action_incoming(self) -> None:
        """Take the incoming value."""
        self._choose("incoming")

    def action_both(self) -> None:
        """Keep both texts."""
        if self._cursor != "notes":
            self.say(_("Only notes can keep both texts."), "warn")
        else:
            self._choose("both")

    def _choose(self, choice: Choice) -> None:
        """Choose for the field under the cursor and go to the next field without a choice."""
        conflict = self.conflict
        assert conflict is not None
        if self._cursor not in conflict.differs and isinstance(choice, str):
            self.say(_("Both have the same here; 4 types a value of your own."))
            return
        self.chosen.choose(self._cursor, choice)
        undecided = open_fields(conflict, self.chosen)
        if undecided:
            self._cursor = undecided[0]
        self.say("")
        self._redraw()

    def action_edit(self) -> None:
        """Type a value of one's own."""
        conflict, name = self.conflict, self._cursor
        assert conflict is not None
        if not name:
            return
        choice = self.chosen.choices.get(name)
        value = (
            choice["text"]
            if isinstance(choice, dict)
            else value_of(conflict.incoming, name) or value_of(conflict.existing, name)
        )

        def check(values: Mapping[str, str]) -> dict[str, str]:
            own: dict[str, str | Mapping[str, str]] = {name: {"text": values["value"]}}
            _result, errors = deciding.outcome_of(conflict, "merge", own)
            fault = next((problem.message for problem in errors if problem.field == name), "")
            return {"value": fault} if fault else {}

        def typed(values: Mapping[str, str] | None) -> None:
            if values is not None:
                self._choose({"text": values["value"]})

        text = _("The value that the trip gets for this field:")
        self.dino.push_screen(
            AskScreen(
                lambda: field_label(name), lambda: text, [Field("value", field_label(name), value)], check
            ),
            typed,
        )

    # deciding

    def action_accept(self) -> None:
        """Decide as shown and go to the next undecided conflict."""
        conflict = self.conflict
        assert conflict is not None
        undecided = open_fields(conflict, self.chosen)
        if self.whole is not None:
            self._go_on()
            return
        if undecided:
            self._cursor = undecided[0]
            self.say(
                _("Choose for {field} first: 1 existing, 2 incoming, 4 your own.").format(
                    field=field_label(undecided[0]).lower()
                ),
                "warn",
            )
            self._redraw()
            return
        self._decide(self.decision())

    @property
    def whole(self) -> DecisionAction | None:
        """The decision about the record as a whole that holds: separate trips, left out, or for later."""
        if self.conflict is None or "you" in self.chosen.origins.values():
            return None
        found = {"separate": "separate", "skip": "skip", "later": "later"}.get(self.conflict.decided or "")
        return cast("DecisionAction | None", found)

    def decision(self) -> DecisionAction:
        """Return the decision that RESULT shows now."""
        assert self.conflict is not None
        own = any(isinstance(choice, dict) for choice in self.chosen.choices.values())
        return "merge" if own else action_of(self.conflict, self.chosen)

    def action_separate(self) -> None:
        """They are two trips."""
        self._decide("separate")

    def action_skip(self) -> None:
        """Leave the incoming record out."""
        self._decide("skip")

    def action_later(self) -> None:
        """Set the conflict aside."""
        self._decide("later")

    def _decide(self, action: DecisionAction) -> None:
        conflict = self.conflict
        assert conflict is not None
        choices = self.choices_made() if action == "merge" else {}
        try:
            deciding.decide(self.session.held, conflict, action, choices)
        except UsageError as error:
            self.say(str(error), "error")
            return
        except DinoError as error:
            self.say(str(error), "error")
            return
        self.made += 1
        self._saved = True
        self._refresh_counts()
        self.say("")
        self._go_on()

    def choices_made(self) -> dict[str, str | Mapping[str, str]]:
        """Return what is chosen by field, as the engine takes it."""
        return {
            name: choice if isinstance(choice, str) else dict(choice)
            for name, choice in self.chosen.choices.items()
        }

    def _go_on(self) -> None:
        """Show the next undecided conflict; when there is none, say that all is done."""
        conflict, staging = self.conflict, self.session.held
        assert conflict is not None
        record = conflict.row.record
        following = deciding.neighbour(staging, record, undecided=True)
        if following is None:
            rest = deciding.conflict_numbers(staging, limit=1, undecided=True)
            following = rest[0] if rest else None
        if following is not None:
            self.show(following)
            return
        self._finish()

    def _finish(self) -> None:
        """Everything is decided or set aside."""
        if self.own:
            self._hand_over("done")
        else:
            self._handed = True
            self.dismiss(True)

    def action_take_back(self) -> None:
        """Take the newest decision back and show what it was about."""
        record = deciding.take_back(self.session.held)
        if record is None:
            self.say(_("Nothing is decided yet."), "warn")
            return
        self.made = max(0, self.made - 1)
        self._refresh_counts()
        self.show(record)
        self.say(_("Taken back: this is open again."), "good")

    def action_alike(self) -> None:
        """Ask whether to decide all conflicts like this one in the same way."""
        from dinotui.tui.screens.review_alike import ask_alike

        ask_alike(self)

    def decided_many(self, count: int) -> None:
        """Go on after several conflicts were decided as one."""
        self.made += 1
        self._saved = True
        self._refresh_counts()
        self._go_on()
        text = ngettext(
            "{count} decided as one: u takes it back.", "{count} decided as one: u takes them back.", count
        )
        self.dino.call_later(self.dino.say, text.format(count=count), "good")

    # leaving

    def leave(self) -> None:
        """Leave; every decision is on disk."""
        self._let_go()
        self.dismiss(False)

    def _let_go(self) -> None:
        if self.own and not self._handed:
            self.session.close()

    def on_unmount(self) -> None:
        """Let go of an import that this screen opened, however it ends."""
        self._let_go()

    def _hand_over(self, step: str) -> None:
        """Go on in the wizard."""
        from dinotui.tui.screens.importing import ImportWizard

        def do(_store: Store, _report: Report, _cancelled: Stop) -> Picture:
            return self.session.take_picture()

        def counted(_picture: Picture) -> None:
            self._handed = True
            self.app.switch_screen(ImportWizard(session=self.session, step=step))  # type: ignore[arg-type]

        self.work(_("Counting"), do, counted)

    # changes from elsewhere

    def data_changed(self) -> None:
        """Plan again when the user's trips changed meanwhile; decisions that no longer fit are taken back."""
        session = self.session
        if (
            session.busy
            or session.staging is None
            or session.staging.meta("revision") == oplog.revision(self.store)
        ):
            return
        record = self.conflict.row.record if self.conflict else None

        def planned(picture: Picture) -> None:
            self._refresh_counts()
            text = _("Your trips changed meanwhile, so the plan was made again.")
            if picture.outdated:
                text += " " + ngettext(
                    "{count} decision was taken back, because its trip is another now.",
                    "{count} decisions were taken back, because their trips are others now.",
                    picture.outdated,
                ).format(count=picture.outdated)
            self.dino.say(text, "warn")
            again = (
                record if record is not None and _still(session, record) else deciding.resume_at(session.held)
            )
            if again is None:
                self._finish()
            else:
                self.show(again)

        self.work(_("Planning"), session.plan_again, planned)

    def relabel(self) -> None:
        """Show everything in the language of now."""
        if self.conflict is not None:
            self.show(self.conflict.row.record)
        super().relabel()


def _still(session: ImportSession, record: int) -> bool:
    row = preview.record(session.held, record)
    return row is not None and row.action == "ask"
