"""The app: screens over each other, the keys that work everywhere, jobs, leaving in good order."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from rich.color import ColorSystem
from rich.segment import Segment, Segments
from textual import events, on
from textual._compositor import CompositorUpdate, LayoutUpdate
from textual.geometry import Offset
from textual.screen import Screen

from dinotui.domain.visible import visible
from dinotui.engine.failures import record_failure
from dinotui.locale import LANGUAGES, _, language, use_language
from dinotui.tui import theme
from dinotui.tui.cells import NoColour, Safety, clean
from dinotui.tui.commands import Command, Commanded
from dinotui.tui.driver import DinoDriver
from dinotui.tui.everywhere import COMMANDS, Hooks
from dinotui.tui.frames import Frame
from dinotui.tui.glyphs import glyphs, glyphs_for, use_glyphs
from dinotui.tui.jobs import Job, Jobs
from dinotui.tui.key_order import KeysInOrder
from dinotui.tui.keys import check_key_map, plain_key
from dinotui.tui.messages import Level, PathsDropped, Say, TextPasted
from dinotui.tui.paste import dropped_paths, filter_words
from dinotui.tui.screens.base import DinoScreen
from dinotui.tui.signals import LeaveGuard
from dinotui.tui.styles import style_sheets
from dinotui.tui.widgets.confirm import Question

_STOP_JOBS_WITHIN: Final = 1.2
"""Seconds for running jobs to end when the app leaves."""


class DinoApp(KeysInOrder, Commanded, inherit_bindings=False):
    """The terminal application over an opaque `context` (the engine's store)."""

    ENABLE_COMMAND_PALETTE = False
    TITLE = "dinotui"
    ACTIONS: ClassVar[tuple[Command, ...]] = COMMANDS

    def __init__(
        self,
        context: object,
        first_screen: Callable[[], DinoScreen],
        *,
        language: str | None = None,
        key_map: Mapping[str, str] | None = None,
        mouse: bool = False,
        theme_name: str = "auto",
        hooks: Hooks | None = None,
    ) -> None:
        """Show `first_screen()` over `context`; `key_map` maps command ids to comma-separated keys."""
        self.context = context
        self.hooks = hooks or Hooks()
        self.key_map: Mapping[str, str] = dict(key_map or {})
        self.mouse = mouse
        self.memory: dict[str, dict[str, Any]] = {}
        """How screens were left, by their `memory` name."""
        self.jobs = Jobs(self._jobs_changed, self.call_later)
        self._first_screen = first_screen
        self._guard: LeaveGuard | None = None
        self._frame = Frame()
        use_glyphs(glyphs_for(os.environ))
        if language is not None:
            use_language("en" if glyphs().ascii_only else language)
        plain = theme.no_colour(os.environ)
        super().__init__(
            driver_class=DinoDriver,
            css_path=[str(path) for path in style_sheets()],
            ansi_color=True if plain else None,
        )
        for known in theme.ALL:
            self.register_theme(known)
        self.theme = theme.theme_for(theme_name, os.environ)
        self.no_color = plain
        # Textual's own filters for NO_COLOR still send colour codes (grey, or "default"): ours send none
        kept = [kind for kind in self._filters if type(kind).__name__ not in ("NoColor", "Monochrome")]
        self._filters = [*kept, *([NoColour()] if plain else []), Safety()]

    # Textual's hooks

    def get_default_screen(self) -> Screen[Any]:
        """Return the first screen: the stack begins with it."""
        return self._first_screen()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return our variables, for the moment before our theme is set."""
        return dict(theme.DEFAULTS)

    def validate_title(self, title: Any) -> str:
        """Clean the title: it may name a file."""
        return visible(str(title))

    def on_load(self) -> None:
        """Begin to listen for the signals to leave, when there is a real terminal."""
        if self._guard is not None:
            self._guard.start(asyncio.get_running_loop())

    def on_resize(self) -> None:
        """Send everything: terminals differ in what they keep when their size changes."""
        self._frame.forget()

    def on_mount(self) -> None:
        """Take the user's keys; what is wrong with them is said."""
        self.bind_actions(self.key_map)
        faults = check_key_map(self.key_map, self.known_commands())
        if faults:
            self.call_after_refresh(self.say, " ".join(faults), "warn")

    def known_commands(self) -> dict[str, tuple[str, ...]]:
        """Return the keys of every command there is, by its id."""
        owners: list[type[Commanded]] = [Commanded]
        for owner in owners:
            owners += [kind for kind in owner.__subclasses__() if kind not in owners]
        return {command.id: command.keys for owner in owners for command in owner.ACTIONS}

    async def deliver(self, event: events.Key | events.Paste) -> None:
        """Read Hangul and capital letters as the keys they sit on, and take pastes that no field takes."""
        if isinstance(event, events.Key):
            taker = self.focused
            if taker is None or not taker.check_consume_key(event.key, event.character):
                event.key, event.character = plain_key(event.key, event.character)
        elif not self._text_has_focus():
            self._pasted(event.text)
            return
        await super().deliver(event)

    def _text_has_focus(self) -> bool:
        return self.focused is not None and self.focused.check_consume_key("a", "a")

    def _pasted(self, text: str) -> None:
        paths, words = dropped_paths(text), filter_words(text)
        if words and not paths and self.front and self.front.filters and not self.front.asking:
            self.front.filter_for(words)
        else:
            self.screen.post_message(PathsDropped(paths) if paths else TextPasted(text))

    @on(PathsDropped)
    def _dropped(self, event: PathsDropped) -> None:
        if self.front and self.front.asking:
            self.say(_("Answer the question first."), "warn")
        elif self.hooks.drop is not None and self.front:
            self.forget_said()
            self.hooks.drop(self.front, event.paths)

    @on(TextPasted)
    def _text_pasted(self, event: TextPasted) -> None:
        shown = visible(event.text.strip())
        shown = shown if len(shown) <= 40 else shown[:39] + glyphs().more
        self.say(_("Taken for pasted text, so no key was pressed: {text}").format(text=shown), "warn")

    # telling

    def say(self, text: str, level: Level = "info") -> None:
        """Show a message on the status line of the screen in front."""
        if self.front:
            self.front.say(text, level)

    def forget_said(self) -> None:
        """Take away what the status line of the screen in front says: it was about what the user did before."""
        self.say("")

    @on(Say)
    def _said(self, event: Say) -> None:
        self.say(event.text, event.level)

    def notify(
        self, message: str, *, title: str = "", severity: str = "information", **_unused: object
    ) -> None:
        """Show a notification as a status message: cleaned, without markup, a tenth of a toast's bytes."""
        levels: dict[str, Level] = {"information": "info", "warning": "warn", "error": "error"}
        self.say(f"{title}: {message}" if title else message, levels.get(severity, "info"))

    def _set_pointer_shape(self, shape: str) -> None:
        """Leave the pointer alone where the mouse is off."""
        if self.mouse:
            super()._set_pointer_shape(shape)

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        """Send only what differs from what the terminal shows."""
        if not isinstance(renderable, CompositorUpdate) or self._driver is None or self.is_headless:
            super()._display(screen, renderable)
            return
        if self._batch_count or not self._running or self._closed:
            return
        lines = (
            [list(line) for line in renderable.strips]
            if isinstance(renderable, LayoutUpdate)
            else [[strip] for strip in screen._compositor.render_strips()]  # noqa: SLF001 - no public way
        )
        sent = self._frame.update(lines, self.console._color_system or ColorSystem.EIGHT_BIT)  # noqa: SLF001
        x, y = screen.outer_size.clamp_offset(self.cursor_position)
        if sent or (x, y) != self._previous_cursor_position:
            self._previous_cursor_position = Offset(x, y)
            self._begin_update()
            self._driver.write(f"{sent}\x1b[{y + 1};{x + 1}H")
            self._end_update()
        self.post_display_hook()

    def repaint(self) -> None:
        """Send the whole screen again: something else has written on the terminal."""
        self._frame.forget()
        self.refresh()

    def _handle_exception(self, error: Exception) -> None:
        """Leave after a fault of our own: a sentence for the user, the traceback for the log."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        sentence = _(
            "The program failed and had to stop; your data is as the last finished step left it. "
            "Details are in {log}."
        )
        self._exit_renderables.append(
            Segments([Segment(clean(sentence.format(log=record_failure(error))) + "\n")])
        )
        self._close_messages_no_wait()

    # commands

    @property
    def at_home(self) -> bool:
        """Whether the first screen is in front."""
        return len(self.screen_stack) <= 1

    @property
    def front(self) -> DinoScreen | None:
        """The screen in front, once its widgets are there."""
        screen = self.screen
        return screen if isinstance(screen, DinoScreen) and screen.is_mounted else None

    def action_repaint(self) -> None:
        """Send the whole screen again."""
        self.repaint()

    async def action_back(self) -> None:
        """Go back one layer: an open filter, a running job of this screen, then the screen itself."""
        if self.front and not self.front.go_back() and not self.at_home:
            self.front.leave()

    def action_home(self) -> None:
        """Leave one screen after the other until the first one is in front; each keeps what it keeps on Esc."""
        for screen in reversed(self.screen_stack[1:]):
            if isinstance(screen, DinoScreen) and screen is self.screen:
                screen.leave()

    async def action_command(self, command_id: str) -> None:
        """Run a command; Esc and ``q`` decide themselves what there is to leave."""
        if command_id == "app.back":
            if not self.at_home:
                self.forget_said()
            await self.action_back()
        else:
            await super().action_command(command_id)

    def action_next_pane(self) -> None:
        """Give the keys to the next pane."""
        self.screen.focus_next()

    def action_previous_pane(self) -> None:
        """Give the keys to the pane before."""
        self.screen.focus_previous()

    def action_filter(self) -> None:
        """Open the screen's filter."""
        if self.front:
            self.front.action_filter()

    def action_undo(self) -> None:
        """Undo the last operation."""
        if self.hooks.undo and self.front:
            self.hooks.undo(self.front)

    def action_redo(self) -> None:
        """Redo what was undone last."""
        if self.hooks.redo and self.front:
            self.hooks.redo(self.front)

    def action_copy(self) -> None:
        """Send the screen's text to the terminal's clipboard; whether it takes it, nobody can tell."""
        if self.front:
            self.copy_to_clipboard(self.front.copy_text())
            self.say(_("Sent to the terminal's clipboard."), "good")

    def action_palette(self) -> None:
        """Open the palette over the screen in front."""
        from dinotui.tui.screens.palette import PaletteScreen

        if self.front and not isinstance(self.front, PaletteScreen):
            self.push_screen(PaletteScreen(self.front))

    def action_help(self) -> None:
        """Open the help of the screen in front."""
        from dinotui.tui.screens.help import HelpScreen

        if self.front and not isinstance(self.front, HelpScreen):
            self.push_screen(HelpScreen(self.front))

    def action_language(self) -> None:
        """Switch to the next language, at once and everywhere."""
        following = LANGUAGES[(LANGUAGES.index(language()) + 1) % len(LANGUAGES)]
        if glyphs().ascii_only:
            self.say(_("This terminal shows ASCII only, so the language stays English."), "warn")
            return
        use_language(following)
        if self.hooks.language_changed:
            self.hooks.language_changed(following)
        for screen in self.screen_stack:
            if isinstance(screen, DinoScreen):
                screen.relabel()

    async def action_quit(self) -> None:
        """Go back; on the first screen leave, asking only when work is at risk."""
        if not self.at_home:
            await self.action_back()
            return
        risk = self._risk()
        if risk:
            self._ask_quit(risk)
        else:
            self.leave(0)

    def action_stop(self) -> None:
        """Stop the running job, else ask whether to quit."""
        job = self.jobs.current
        if job is not None:
            self.stop_job(job)
        else:
            self.action_ask_quit()

    def action_ask_quit(self) -> None:
        """Ask whether to quit."""
        self._ask_quit(self._risk() or "")

    def _risk(self) -> str | None:
        job = self.jobs.current
        if job is not None:
            return _("{job} is still running and would be stopped.").format(job=job.title)
        return self.hooks.at_risk() if self.hooks.at_risk else None

    def _ask_quit(self, risk: str) -> None:
        if self.front is None or self.front.asking:
            return
        text = f"{_('Quit dinotui?')} {risk}".strip()
        self.front.ask(
            Question(text, _("quit"), _("stay"), lambda yes: self.leave(0) if yes else None, key="enter")
        )

    # jobs

    def stop_job(self, job: Job) -> None:
        """Ask a job to stop, and say so."""
        job.stop()
        self._jobs_changed()

    def _jobs_changed(self) -> None:
        if self.is_running and self.front:
            self.front.refresh_progress()

    # leaving

    def leave(self, code: int) -> None:
        """Leave with exit code `code`: ask the jobs to stop, keep what the screens hold, end."""
        for job in self.jobs.all:
            job.stop()
        for screen in self.screen_stack:
            if isinstance(screen, DinoScreen):
                screen.remember()
        self.exit(return_code=code)

    def terminal_lost(self) -> None:
        """Leave because the terminal is gone; called from the driver's threads."""
        if self._guard is not None:
            self._guard.lost()

    def clean_up(self) -> None:
        """Run the owner's clean-up once."""
        hook, self.hooks = self.hooks.clean_up, Hooks()
        if hook is not None:
            hook()

    def start(self) -> int:
        """Run in the terminal until the user leaves or a signal comes, and return the exit code."""
        self._guard = LeaveGuard(self.leave, self.clean_up)
        try:
            self.run(mouse=self.mouse)
        finally:
            self.jobs.stop_all(_STOP_JOBS_WITHIN)
            self.clean_up()
            self._guard.stop()
        return self.return_code or 0
