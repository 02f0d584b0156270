"""The first screen: what waits, where the user is, what was done last, and the way to everything else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar, Final

from textual.app import ComposeResult

from dinotui.domain.errors import DinoError
from dinotui.engine.overview import Glance, Presently, glance, presently
from dinotui.locale import N_, _, ngettext
from dinotui.storage.store import Store
from dinotui.tui import doors
from dinotui.tui.background import Background
from dinotui.tui.commands import Command, State
from dinotui.tui.home_rows import COLUMNS, Chosen, home_rows, welcome_lines
from dinotui.tui.messages import Level
from dinotui.tui.recent import recent_files
from dinotui.tui.screens.base import DinoScreen
from dinotui.tui.screens.stored import DataScreen
from dinotui.tui.view import view_of
from dinotui.tui.widgets.label import Label
from dinotui.tui.widgets.menu_list import MenuList

_HOME: Final = N_("Home")
_FRAME: Final = 5
"""Lines that header, status line and footer take."""

_NARROW: Final = 72
"""Columns of the terminal under which a command's words stand close to its name."""

_LOW: Final = 22
"""Lines of the terminal under which no line is left empty above the welcome."""

_ROOMY: Final = ("home.messages", "home.backups", "home.check")
"""Commands that have a row where nothing else has to go for it; the footer shows their keys."""


def _can_review(screen: HomeScreen) -> State:
    return True if screen.glance and screen.glance.waiting else _("no import waits")


def _can_demo(screen: HomeScreen) -> State:
    return True if screen.first_start and screen.has_demo else _("type: dinotui demo")


class HomeScreen(DataScreen):
    """A menu in groups; every command has its own key as well. `notices` are said when it opens."""

    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command(
            "home.choose", ("enter",), N_("open"), N_("Open what the cursor is on"), _HOME, palette=False
        ),
        Command(
            "home.trips", ("1", "t"), N_("trips"), N_("List, add, edit, delete trips"), _HOME, anywhere=True
        ),
        Command(
            "home.import", ("2", "i"), N_("import"), N_("Bring trips in from a file"), _HOME, anywhere=True
        ),
        Command("home.export", ("3", "e"), N_("export"), N_("Write trips into a file"), _HOME, anywhere=True),
        Command(
            "home.history",
            ("4", "h"),
            N_("history"),
            N_("What was done; undo any of it"),
            _HOME,
            anywhere=True,
        ),
        Command(
            "home.review",
            ("5", "v"),
            N_("review"),
            N_("Go on with the newest import that waits"),
            _HOME,
            anywhere=True,
            enabled=_can_review,
        ),
        Command(
            "home.messages",
            ("6", "m"),
            N_("messages"),
            N_("What the program told you"),
            _HOME,
            anywhere=True,
        ),
        Command(
            "home.statistics",
            ("7", "a"),
            N_("stats"),
            N_("Days, visits, Schengen days, gaps and overlaps"),
            _HOME,
            anywhere=True,
            enabled=lambda screen: not screen.first_start or _("there is no trip yet"),
        ),
        Command(
            "home.settings",
            ("8", "s"),
            N_("settings"),
            N_("Language, dates, warnings, colours, keys"),
            _HOME,
            anywhere=True,
        ),
        Command(
            "home.backups",
            ("0", "b"),
            N_("backups"),
            N_("List, make, verify, restore backups"),
            _HOME,
            anywhere=True,
        ),
        Command(
            "home.check",
            (";", "c"),
            N_("check"),
            N_("Check the data and the backups, and put right what can be"),
            _HOME,
            anywhere=True,
        ),
        Command(
            "home.rules",
            (),
            N_("rules"),
            N_("Rules that imports are checked with"),
            _HOME,
            footer=False,
            anywhere=True,
        ),
        Command(
            "home.presets",
            (),
            N_("presets"),
            N_("How files are mapped and read"),
            _HOME,
            footer=False,
            anywhere=True,
        ),
        Command(
            "home.waiting",
            (),
            N_("waiting"),
            N_("All imports that wait: go on with one, or discard it"),
            _HOME,
            anywhere=True,
            footer=False,
            enabled=_can_review,
        ),
        Command(
            "home.demo",
            ("9", "d"),
            N_("demo"),
            N_("Look around with made-up trips"),
            _HOME,
            enabled=_can_demo,
        ),
    )

    def __init__(
        self,
        notices: Sequence[tuple[str, Level]] = (),
        opening: Callable[[DinoScreen], None] = lambda _screen: None,
        demo: Callable[[], None] | None = None,
    ) -> None:
        """Say `notices` first; `opening` may open another screen over this one, `demo` changes to the demo."""
        super().__init__()
        self.glance: Glance | None = None
        self.presently: Presently | None = None
        self.files: list[Path] = []
        self._notices = tuple(notices)
        self._opening = opening
        self._demo = demo
        self._reading = Background()

    @property
    def menu(self) -> MenuList:
        """The menu."""
        return self.query_one("#menu", MenuList)

    @property
    def first_start(self) -> bool:
        """Whether there is nothing yet that the user could look at."""
        return self.glance is not None and not (
            self.glance.trips or self.glance.waiting or self.glance.operations
        )

    @property
    def has_demo(self) -> bool:
        """Whether there is a demo to change to."""
        return self._demo is not None

    def title_text(self) -> str:
        """Return its crumb."""
        return _("Home")

    def right_text(self) -> str:
        """Say whose data it is and how much."""
        if self.glance is None:
            return ""
        count = self.glance.trips
        return f"{self.store.user_name}   " + ngettext("{count:,} trip", "{count:,} trips", count).format(
            count=count
        )

    @property
    def filters(self) -> bool:
        """The menu is short: nothing to filter."""
        return False

    def body(self) -> ComposeResult:
        """Yield the welcome, where there is nothing yet, and the menu."""
        yield Label(self._welcome, id="welcome")
        yield MenuList(COLUMNS, titles=False, id="menu")

    def _welcome(self) -> str:
        above = "" if self.app.size.height < _LOW else "\n"
        return above + "\n".join(welcome_lines(self.store.path)) + "\n "

    def ready(self) -> None:
        """Show what is known at once, and find out the rest beside."""
        self.data_changed()
        self.menu.focus()
        if self._notices:
            text = " ".join(text for text, _level in self._notices)
            level: Level = "warn" if any(level == "warn" for _text, level in self._notices) else "info"
            self.say(text, level)
        self.call_after_refresh(self._opening, self)

    def data_changed(self) -> None:
        """Look again at everything."""
        self.files = recent_files(self.store)[:3]
        self._look_at_glance()

        def read(store: Store, publish: Callable[[Presently], None], _cancelled: Callable[[], bool]) -> None:
            publish(presently(store))

        self._reading.start(self.store, read, self._told, lambda error: self.say(str(error), "error"))

    def _look_at_glance(self) -> None:
        try:
            self.glance = glance(self.store)
        except DinoError as error:
            self.say(str(error), "error")
        self._show()

    def _told(self, answer: Presently) -> None:
        self.presently = answer
        self._look_at_glance()  # something new may have been told meanwhile

    def _show(self) -> None:
        if self.glance is None or not self.is_mounted:
            return
        self.query_one("#welcome").display = self.first_start
        rows = home_rows(
            self.glance,
            self.presently,
            self.files,
            [
                (command, command.shown_keys(self.dino.key_map)[0], self._beside(command.id))
                for command in self.ACTIONS[1:]
                if self._in_menu(command) and command.state(self) is True
            ],
            _ROOMY,
            view_of(self.store),
            self.menu.size.height or self.app.size.height - _FRAME,
            narrow=self.app.size.width < _NARROW,
        )
        waiting = self.glance.waiting
        first = Chosen("review", waiting[0].import_id) if waiting else Chosen("command", "home.trips")
        self.menu.show(rows, Chosen("command", "home.import") if self.first_start else first)
        self.refresh_commands()

    def _in_menu(self, command: Command) -> bool:
        """Tell whether a command has a row: the welcome of the first start leaves room for few."""
        return command.footer and not (self.first_start and command.id in ("home.settings", *_ROOMY))

    def _beside(self, command_id: str) -> str:
        """Return what is said beside a command."""
        texts = {
            "home.trips": _("list, search, add, edit, delete"),
            "home.import": _("from JSON, CSV, Excel, zipped or not"),
            "home.export": _("to JSON, CSV or Excel, also private"),
            "home.history": _("what was done, and undoing any of it"),
            "home.review": _("decide what may be there already"),
            "home.statistics": _("days, visits, Schengen, gaps"),
            "home.settings": _("language, dates, colours"),
            "home.messages": _("what the program told you"),
            "home.backups": _("make, verify, restore"),
            "home.check": _("the data and the backups"),
            "home.demo": _("look around with made-up trips"),
        }
        return texts[command_id]

    def on_resize(self) -> None:
        """Part the groups where there is room."""
        self._show()

    def on_screen_resume(self) -> None:
        """Imports and files may have changed without the data changing."""
        if self.is_mounted and self.glance is not None:
            self.data_changed()

    def on_unmount(self) -> None:
        """End what is being read."""
        self._reading.stop()

    def relabel(self) -> None:
        """Say everything in the language of now."""
        self._show()
        super().relabel()

    # commands

    async def action_choose(self) -> None:
        """Open what the cursor is on."""
        row = self.menu.current
        if row is None or not isinstance(row.key, Chosen):
            return
        kind, what = row.key
        if kind == "command":
            await self.action_command(what)
        elif kind == "review":
            doors.open_review(self, what)
        elif kind == "waiting":
            doors.open_waiting(self)
        elif kind == "message":
            doors.open_messages(self)
        elif kind == "operation":
            doors.open_operation(self, what)
        elif kind == "file":
            doors.open_import(self, (Path(what),))
        elif kind == "schengen":
            doors.open_statistics(self)
        elif kind == "trip":
            doors.open_trips(self, int(what))
        else:
            doors.open_trips(self)

    def action_trips(self) -> None:
        """Open the list of trips."""
        doors.open_trips(self)

    def action_import(self) -> None:
        """Open the import wizard."""
        doors.open_import(self)

    def action_export(self) -> None:
        """Open the export screen."""
        doors.open_export(self)

    def action_history(self) -> None:
        """Open the log."""
        doors.open_history(self)

    def action_review(self) -> None:
        """Go on with the newest import that waits."""
        if self.glance and self.glance.waiting:
            doors.open_review(self, self.glance.waiting[0].import_id)

    def action_waiting(self) -> None:
        """List all imports that wait."""
        doors.open_waiting(self)

    def action_rules(self) -> None:
        """Open the rules."""
        doors.open_rules(self)

    def action_presets(self) -> None:
        """Open the presets."""
        doors.open_presets(self)

    def action_messages(self) -> None:
        """Open what the program told the user."""
        doors.open_messages(self)

    def action_statistics(self) -> None:
        """Open the figures about all stays."""
        doors.open_statistics(self)

    def action_settings(self) -> None:
        """Open the preferences."""
        doors.open_settings(self)

    def action_backups(self) -> None:
        """Open the list of backups."""
        doors.open_backups(self)

    def action_check(self) -> None:
        """Open the check of the data."""
        doors.open_check(self)

    def action_demo(self) -> None:
        """Change to the demo, which has a database of its own."""
        risk = self.dino.hooks.at_risk() if self.dino.hooks.at_risk else None
        if risk:
            self.say(risk, "warn")
        elif self._demo is not None:
            self._demo()
