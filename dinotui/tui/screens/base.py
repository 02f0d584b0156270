"""What every screen has: commands, breadcrumb, footer, status, jobs, questions, a filter, a memory.

A concrete screen gives `title_text`, `ACTIONS` and `body`; see the class for what else it may say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.css.query import NoMatches
from textual.keys import key_to_character
from textual.screen import Screen
from textual.widget import Widget

from dinotui.domain.errors import DinoError
from dinotui.locale import _
from dinotui.tui.commands import Command, Commanded
from dinotui.tui.jobs import SHOWN_FROM, Job, Work
from dinotui.tui.keys import keys_of, show_key
from dinotui.tui.messages import CommandsChanged, Level, Say
from dinotui.tui.widgets.confirm import ConfirmLine, Question
from dinotui.tui.widgets.filter_line import FilterLine
from dinotui.tui.widgets.footer import Footer, Label
from dinotui.tui.widgets.form import Form
from dinotui.tui.widgets.header import Header
from dinotui.tui.widgets.line import RowDetail
from dinotui.tui.widgets.paged_list import PagedList, Place
from dinotui.tui.widgets.progress import Progress, ProgressLine
from dinotui.tui.widgets.status import StatusLine

if TYPE_CHECKING:
    from dinotui.tui.app import DinoApp


class DinoScreen(Screen[Any], Commanded, inherit_bindings=False):
    """A screen of the program.

    A subclass sets `ACTIONS` (its commands, each with a method ``action_…``), gives `title_text` and
    `body`, and may give `right_text` (header, right), `copy_text` (for ``y``), `save_state` and
    `restore_state`. With `memory` set it comes back as it was left.
    """

    AUTO_FOCUS = "#body *"
    ACTIONS: ClassVar[tuple[Command, ...]] = ()
    memory: ClassVar[str] = ""
    """Under which name the app remembers how the screen was left; empty for not at all."""
    keeps_palette: ClassVar[bool] = True
    """Whether the palette stays in the footer where that has no room for every key."""

    def __init__(self) -> None:
        super().__init__()
        self._focus_before: Widget | None = None

    # what a subclass gives

    def title_text(self) -> str:
        """Return its part of the breadcrumb, translated, raw from data where it is."""
        raise NotImplementedError

    def body(self) -> ComposeResult:
        """Yield the widgets between header and status line."""
        raise NotImplementedError

    def right_text(self) -> str:
        """Return what the header says at its right edge; by default where the list stands."""
        shown = self.main_list
        if shown is None or not shown.count:
            return ""
        text = _("{row:,} of {count:,}").format(row=shown.cursor + 1, count=shown.count)
        if shown.marked:
            return _("{marked:,} marked").format(marked=len(shown.marked)) + "   " + text
        return text

    def copy_text(self) -> str:
        """Return what ``y`` copies; by default the list's row."""
        return self.main_list.row_text() if self.main_list else ""

    def ready(self) -> None:
        """Do what needs the widgets, once they are there (after `restore_state`)."""

    def save_state(self) -> dict[str, Any]:
        """Return what has to be there on return; by default filter, lists and forms."""
        state: dict[str, Any] = {"filter": self.filter_text}
        for shown in self.query(PagedList):
            if shown.id:
                state[f"list-{shown.id}"] = (shown.place, dict(shown.marked))
        for form in self.query(Form):
            if form.id:
                state[f"form-{form.id}"] = form.values
        return state

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Bring back what `save_state` returned."""
        if state.get("filter"):
            self.query_one(FilterLine).set_text(state["filter"])
        for shown in self.query(PagedList):
            saved = state.get(f"list-{shown.id}")
            if saved is not None:
                shown.marked = dict(saved[1])
                shown.restore(cast("Place", saved[0]))
        for form in self.query(Form):
            if f"form-{form.id}" in state:
                form.set_values(state[f"form-{form.id}"])

    # the frame

    @property
    def dino(self) -> DinoApp:
        """The app, with its own type."""
        return cast("DinoApp", self.app)

    def compose(self) -> ComposeResult:
        """Lay out the frame around `body`."""
        yield Header(self._crumbs, self.right_text)
        yield FilterLine()
        with Container(id="body"):
            yield from self.body()
        yield ProgressLine(self._progress, self._stop_text)
        yield ConfirmLine(self._question_closed)
        yield StatusLine()
        yield Footer(self._labels)

    def on_mount(self) -> None:
        """Take the user's keys and come back as it was left."""
        self.bind_actions(self.dino.key_map)
        self.query_one(ConfirmLine).display = False
        if self.memory and self.memory in self.dino.memory:
            self.restore_state(self.dino.memory[self.memory])
        self.ready()
        self.query_one(Footer).look_again()

    def _crumbs(self) -> Sequence[str]:
        return [screen.title_text() for screen in self.app.screen_stack if isinstance(screen, DinoScreen)]

    def _progress(self) -> Progress | None:
        job = self.dino.jobs.current
        return job.progress if job and job.age >= SHOWN_FROM else None

    def _stop_text(self) -> str:
        return _("Esc stop") if self.dino.jobs.of(self) else _("Ctrl+C stop")

    def _labels(self) -> tuple[list[Label], list[Label], Label]:
        shown: list[Label] = []
        kept: list[Label] = []  # the palette finds what has no room, as help does
        for owner, command in self.commands():
            keys = self._open_keys(owner, command) if command.footer else []
            if keys and command.state(owner) is True:
                stays = self.keeps_palette and command.id == "app.palette"
                (kept if stays else shown).append((keys[0], _(command.label)))
        # a text field takes the "?", so that help is on F1 alone there
        return shown, kept, ("F1 ?" if self._typing else "?", _("help"))

    @property
    def _typing(self) -> bool:
        """Whether letters and signs go into a text field."""
        return self.focused is not None and not self.asking and self.focused.check_consume_key("a", "a")

    def _open_keys(self, owner: Commanded, command: Command) -> list[str]:
        """Return the keys of a command that get past what has the focus, as people write them."""
        keys = keys_of(command.id, command.keys, self.dino.key_map)
        taker = self.focused
        if taker is None or id(taker) == id(owner):
            return [show_key(key) for key in keys]
        return [show_key(key) for key in keys if not taker.check_consume_key(key, key_to_character(key))]

    def commands(self) -> Iterable[tuple[Commanded, Command]]:
        """Yield every command that a key can reach now, with its owner: screen first, then focus, then app.

        A command whose keys are all taken by one before it is left out: it cannot be reached. One that has no
        key is for the palette alone.
        """
        focused: list[object] = list(self.focused.ancestors_with_self) if self.focused else []
        owners: list[Commanded] = [self]
        owners += [node for node in focused if isinstance(node, Commanded) and node not in (self, self.app)]
        owners.append(self.dino)
        taken: set[str] = set()
        for owner in owners:
            for command in owner.ACTIONS:
                keys = set(command.shown_keys(self.dino.key_map))
                if keys - taken or not command.keys:
                    yield owner, command
                    taken |= keys

    @property
    def filters(self) -> bool:
        """Whether the filter line does something here: by default where there is a list."""
        return self.main_list is not None

    @property
    def main_list(self) -> PagedList | None:
        """The list that has the keys, or the screen's first one."""
        if isinstance(self.focused, PagedList):
            return self.focused
        try:
            return self.query(PagedList).first()
        except NoMatches:
            return None

    # telling, asking, working

    def say(self, text: str, level: Level = "info") -> None:
        """Show a message on the status line; `text` may come from anywhere, a screen on its way out says nothing."""
        for line in self.query(StatusLine):
            line.say(text, level)

    def ask(self, question: Question) -> None:
        """Ask before something that cannot be undone; the answer goes to ``question.answered``."""
        self._focus_before = self.focused
        self.say("")  # the question stands alone
        self.query_one(ConfirmLine).ask(question)
        self.query_one(Footer).look_again()

    @property
    def asking(self) -> bool:
        """Whether a question waits for its answer."""
        return self.query_one(ConfirmLine).question is not None

    def _question_closed(self) -> None:
        self.focus_body()
        self.refresh_commands()

    def start_job(
        self,
        title: str,
        work: Work,
        done: Callable[[Any], None],
        failed: Callable[[DinoError], None] | None = None,
    ) -> Job:
        """Run `work(report, cancelled)` in a thread; `done` gets its result, the status line an error.

        Esc on this screen, or Ctrl+C anywhere, stops it. When the screen has been left meanwhile, the end
        is told on the screen in front, and `done` and `failed` are not called.
        """

        def finished(result: Any) -> None:
            if self.is_attached:
                done(result)
            else:
                self.dino.say(_("{job}: finished.").format(job=title), "good")

        def refused(error: DinoError) -> None:
            if failed is not None and self.is_attached:
                failed(error)
            else:
                self._job_failed(error)

        return self.dino.jobs.start(Job(title, work, finished, refused, owner=self))

    def _job_failed(self, error: DinoError) -> None:
        self.dino.say(str(error), "warn" if error.code == "cancelled" else "error")

    # the filter

    @property
    def filter_text(self) -> str:
        """What the filter line holds."""
        return self.query_one(FilterLine).text

    def action_filter(self) -> None:
        """Open the filter line."""
        self._focus_before = self.focused
        self.query_one(FilterLine).open()

    def filter_for(self, words: str) -> None:
        """Open the filter line and look for `words`: the filter's key and they came at once."""
        self.action_filter()
        self.query_one(FilterLine).set_text(words)

    def focus_body(self) -> None:
        """Give the keys back to what had them before the filter or a question took them."""
        before = self._focus_before
        if before is not None and before.is_attached and before.focusable:
            before.focus()
        else:
            self.focus_next()

    # keeping the frame true

    def refresh_commands(self) -> None:
        """Look again which commands can run, and show where the list stands."""
        if self.is_mounted and self.is_current:
            self.query_one(Footer).look_again()
            self.query_one(Header).refresh()

    def refresh_progress(self) -> None:
        """Show the job's newest state; one that has just begun a little later."""
        job = self.dino.jobs.current
        if job is not None and job.age < SHOWN_FROM:
            self.set_timer(SHOWN_FROM - job.age + 0.01, self.refresh_progress)
        self.query_one(ProgressLine).redraw()

    def relabel(self) -> None:
        """Show everything in the language of now; a subclass with fixed texts of its own adds them.

        What was said last is not said again: it may have been true of another moment.
        """
        for line in self.query(StatusLine):
            line.clear()
        for form in self.query(Form):
            form.relabel()
        for widget in self.query("*"):
            widget.refresh(layout=True)

    @on(PagedList.Moved)
    @on(PagedList.Marked)
    def _list_moved(self) -> None:
        self.query_one(Header).refresh_right()
        for detail in self.query(RowDetail):
            detail.redraw()
        self.query_one(Footer).look_again()

    @on(FilterLine.Kept)
    def _filter_kept(self, event: FilterLine.Kept) -> None:
        event.stop()
        self.focus_body()
        self.refresh_commands()

    @on(CommandsChanged)
    def _commands_changed(self, event: CommandsChanged) -> None:
        event.stop()
        self.refresh_commands()

    def on_descendant_focus(self) -> None:
        """Other keys may be valid now."""
        self.call_next(self.refresh_commands)

    def on_screen_resume(self) -> None:
        """Show what happened meanwhile."""
        if self.is_mounted:
            self.refresh_commands()
            self.refresh_progress()

    @on(Say)
    def _said(self, event: Say) -> None:
        event.stop()
        self.say(event.text, event.level)

    def leave(self) -> None:
        """Remember how the screen is left and go back to the one before."""
        self.remember()
        self.dismiss(None)

    def remember(self) -> None:
        """Keep what has to be there on return."""
        if self.memory and self.is_mounted:
            self.dino.memory[self.memory] = self.save_state()

    def go_back(self) -> bool:
        """Undo one layer of the screen itself (an open filter, a running job); False when there is none."""
        line = self.query_one(FilterLine)
        if line.editing or line.text:
            editing = line.editing
            line.set_text("")
            if editing:
                self.focus_body()
            line.display = False
            self.refresh_commands()
            return True
        job = self.dino.jobs.of(self)
        if job is not None:
            self.dino.stop_job(job)
            return True
        return False
