"""Reviewing conflicts: one at a time, side by side, each decision on disk before the next is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult

from dinotui.domain.errors import DinoError, NotFound
from dinotui.domain.merging import FIELD_COLUMNS
from dinotui.engine.importing import deciding, preview
from dinotui.engine.importing.deciding import DecisionAction
from dinotui.engine.progress import Report, Stop
from dinotui.locale import _, ngettext, pgettext
from dinotui.storage import oplog
from dinotui.storage.conflict_filter import EVERY, ConflictFilter
from dinotui.storage.store import Store
from dinotui.tui.commands import Command
from dinotui.tui.import_session import ImportSession, Picture, StepName, planned_anew_text, step_of
from dinotui.tui.plan_rows import paragraph
from dinotui.tui.review_choices import Choice, value_of
from dinotui.tui.review_rows import page_lines
from dinotui.tui.reviewing import Reviewing
from dinotui.tui.rows import field_label
from dinotui.tui.screens.import_step import Page
from dinotui.tui.screens.review_commands import COMMANDS
from dinotui.tui.screens.session_screen import SessionScreen
from dinotui.tui.widgets.line import Piece


class ReviewScreen(SessionScreen):
    """The conflicts of a staged import. Dismisses with True when the import can go on to its last step.

    Without a `session` it opens the import itself and hands over to the wizard at the end. With a `record`
    that nobody is asked about (a policy decided it) it goes back once that is decided otherwise.
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
        self.review: Reviewing | None = None
        self._record = record
        self._begin_taking_back = take_back
        self._handed = False
        self._only_label = ""

    # the frame

    def title_text(self) -> str:
        """Return its crumb."""
        return _("Review")

    def right_text(self) -> str:
        """Return how far the review is."""
        review, picture = self.review, self.picture
        if review is None:
            return ""
        counts = review.counts
        parts = [self._only_label] if self._only_label else []
        parts += [
            _("decided {count}").format(count=counts.decided),
            _("later {count}").format(count=counts.later),
        ]
        if review.place:
            parts.insert(
                len(parts) - 2, _("{place} of {count}").format(place=review.place, count=counts.conflicts)
            )
        auto = picture.auto if picture else 0
        if auto and self.app.size.width >= 80:
            parts.append(_("auto {count}").format(count=auto))
        if review.saved:
            parts.append(pgettext("decisions", "saved"))
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
        conflict = self.review.conflict if self.review else None
        if conflict is None:
            return ""
        return "\n".join(
            f"{field_label(name)}\t{value_of(conflict.existing, name)}\t{value_of(conflict.incoming, name)}"
            for name in FIELD_COLUMNS
        )

    def _lines(self, width: int) -> Sequence[Sequence[Piece]]:
        shown = self.review.shown(self.picture.source if self.picture else "") if self.review else None
        if shown is None:
            said = "" if self.session.busy else _("There is no conflict here. Esc goes back.")
            return [[], *paragraph(said, width, 2, "dim")]
        return page_lines(shown, width, self.query_one(Page).size.height or self.app.size.height - 6)

    def redraw(self) -> None:
        """Draw the page and look which keys are valid."""
        self.query_one(Page).refresh(layout=True)
        self.refresh_commands()

    def session_changed(self) -> None:
        """Show the session as it is now."""
        self.refresh_commands()

    # opening

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
            # one that the command line staged was never at a step: it opens at the conflict
            step = step_of(self.session.held) if self.session.held.meta("step") else "review"
            if not picture.review.conflicts or (step in ("map", "check") and picture.state != "later"):
                self._hand_over("map" if step == "map" else "check")
            else:
                self._begin()
                self.tell_planned_anew()

        def refused(error: DinoError) -> None:
            self.leave()
            self.dino.call_later(self.dino.say, str(error), "error")

        self.work(_("Opening the import"), do, opened, refused)

    def _begin(self) -> None:
        self.review = Reviewing(self.session.held, self.store)
        if self._begin_taking_back:
            self.action_take_back()
        else:
            self._show_or_finish(
                self._record if self._record is not None else deciding.resume_at(self.session.held)
            )

    def show(self, record: int) -> None:
        """Show a conflict."""
        assert self.review is not None
        try:
            self.review.load(record)
        except NotFound as error:
            self.dino.say(str(error), "warn")
        self.redraw()

    def _show_or_finish(self, record: int | None) -> None:
        if record is None:
            if not self._past_filter():
                self._finish()
        else:
            self.show(record)

    # moving

    def action_up(self) -> None:
        """Go to the field above."""
        self._with(lambda review: review.move(-1))

    def action_down(self) -> None:
        """Go to the field below."""
        self._with(lambda review: review.move(1))

    def action_equal(self) -> None:
        """Show or hide the equal fields."""
        self._with(Reviewing.turn_equal)

    def _with(self, act: Callable[[Reviewing], None]) -> None:
        if self.review is not None:
            act(self.review)
            self.redraw()

    def action_next(self) -> None:
        """Go to the next conflict; after the last one back to one that is undecided, else on."""
        assert self.review is not None
        found = self.review.neighbour()
        rest = self.review.first_undecided() if found is None else None
        self.say("")
        if found is not None:
            self.show(found)
        elif rest == self.review.record:
            self.say(_("This is the only one left. Decide it, or 7 sets it aside."), "warn")
        else:
            self._show_or_finish(rest)
            if rest is not None:
                self.say(_("That was the last one; this one is not decided yet."))

    def action_previous(self) -> None:
        """Go to the conflict before."""
        assert self.review is not None
        found = self.review.neighbour(back=True)
        if found is None:
            self.say(_("This is the first conflict."))
        else:
            self.show(found)

    def action_first(self) -> None:
        """Go to the first conflict."""
        self._to_edge(last=False)

    def action_last(self) -> None:
        """Go to the last conflict."""
        self._to_edge(last=True)

    def _to_edge(self, *, last: bool) -> None:
        found = self.review.edge(last=last) if self.review and not self.session.busy else None
        if found is not None:
            self.show(found)

    # choosing

    def action_existing(self) -> None:
        """Keep the existing value."""
        self.choose("existing")

    def action_incoming(self) -> None:
        """Take the incoming value."""
        self.choose("incoming")

    def action_both(self) -> None:
        """Keep both texts."""
        if self.review is not None and self.review.cursor != "notes":
            self.say(_("Only notes can keep both texts."), "warn")
        else:
            self.choose("both")

    def choose(self, choice: Choice) -> None:
        """Choose for the field under the cursor."""
        assert self.review is not None
        chosen = self.review.choose(choice)
        self.say("" if chosen else _("Both have the same here; 4 types a value of your own."))
        self.redraw()

    def action_edit(self) -> None:
        """Type a value of one's own."""
        from dinotui.tui.screens.review_typing import ask_value

        ask_value(self)

    # deciding

    def action_accept(self) -> None:
        """Decide as RESULT shows and go to the next undecided conflict."""
        review = self.review
        assert review is not None
        assert review.conflict is not None
        undecided = review.open_fields
        if review.whole not in (None, "later"):
            self._go_on()
        elif undecided:
            review.stand_on(undecided[0])
            text = _("Choose for {field} first: 1 existing, 2 incoming, 4 your own.")
            self.say(text.format(field=field_label(undecided[0]).lower()), "warn")
            self.redraw()
        elif not review.conflict.differs and not review.place and not review.chosen.choices:
            self.leave()  # the two are the same: there is nothing to decide
        else:
            self._decide(review.decision())

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
        assert self.review is not None
        try:
            self.review.decide(action)
        except DinoError as error:
            self.say(str(error), "error")
            return
        self.say("")
        self._go_on()

    def _go_on(self) -> None:
        """Show the next undecided conflict; when there is none, go on."""
        assert self.review is not None
        if self._record is not None and not self.review.place:
            self.leave()
        else:
            self._show_or_finish(self.review.following())

    def _past_filter(self) -> bool:
        """Go on among all conflicts once those of the filter are decided; False where there is no filter."""
        assert self.review is not None
        if self.review.only == EVERY:
            return False
        label = self._only_label
        self.go_through(EVERY, "")
        text = _("All of “{label}” are decided; on with the others.")
        self.dino.call_later(self.dino.say, text.format(label=label), "good")
        return self.review.first_undecided() is not None

    def action_take_back(self) -> None:
        """Take the newest decision back and show what it was about."""
        assert self.review is not None
        before = self.review.counts
        record = self.review.take_back()
        if record is None:
            self.say(_("Nothing is decided yet."), "warn")
            return
        now = self.review.counts
        count = max(1, before.decided + before.later - now.decided - now.later)
        self.show(record)
        text = ngettext(
            "Taken back: this is open again.", "Taken back: {count} are open again, this is the first.", count
        )
        self.say(text.format(count=count), "good")

    def action_alike(self) -> None:
        """Ask whether to decide all conflicts like this one in the same way."""
        from dinotui.tui.screens.review_alike import ask_alike

        ask_alike(self)

    def action_many(self) -> None:
        """Decide many by a rule, or everything as it is suggested."""
        from dinotui.tui.screens.review_many import ask_rule

        ask_rule(self)

    def action_only(self) -> None:
        """Go through some of the conflicts alone."""
        from dinotui.tui.screens.review_many import ask_only

        ask_only(self)

    def action_jump(self) -> None:
        """Go to a conflict by its place."""
        from dinotui.tui.screens.review_many import ask_jump

        ask_jump(self)

    def go_through(self, only: ConflictFilter, label: str) -> None:
        """Go through these conflicts alone, which `label` names; beginning with the first undecided one."""
        assert self.review is not None
        self.review.go_through(only)
        self._only_label = label
        found = self.review.first_undecided() or self.review.edge()
        if found is None:
            self.redraw()
        else:
            self.show(found)

    def decided_many(self, count: int) -> None:
        """Go on after several conflicts were decided as one."""
        assert self.review is not None
        self.review.decided_many()
        self._go_on()
        text = ngettext(
            "{count} decided as one: u takes it back.", "{count} decided as one: u takes them back.", count
        )
        self.dino.call_later(self.dino.say, text.format(count=count), "good")

    # leaving

    def _finish(self) -> None:
        """Everything is decided or set aside: go on to the last step."""
        if self.own:
            self._hand_over("done")
        else:
            self.dismiss(True)

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

    def _hand_over(self, step: StepName) -> None:
        """Go on in the wizard."""
        from dinotui.tui.screens.importing import ImportWizard

        def counted(_picture: Picture) -> None:
            self._handed = True
            self.app.switch_screen(ImportWizard(session=self.session, step=step))

        self.work(_("Counting"), lambda *_given: self.session.take_picture(), counted)

    # changes from elsewhere

    def data_changed(self) -> None:
        """Plan again when the user's trips changed meanwhile; decisions that no longer fit are taken back."""
        session = self.session
        if session.busy or session.staging is None or self.review is None:
            return
        if session.staging.meta("revision") != oplog.revision(self.store):
            self.work(_("Planning"), session.plan_again, self._planned_again)

    def _planned_again(self, picture: Picture) -> None:
        before = self.review.record if self.review else 0
        self.review = Reviewing(self.session.held, self.store)
        self.dino.say(planned_anew_text(picture), "warn")
        row = preview.record(self.session.held, before) if before else None
        still = row is not None and row.action == "ask"
        self._show_or_finish(before if still else deciding.resume_at(self.session.held))

    def relabel(self) -> None:
        """Show everything in the language of now."""
        if self.review is not None and self.review.conflict is not None and not self.session.busy:
            self.show(self.review.record)  # what a job works on is shown anew at its end
        super().relabel()
