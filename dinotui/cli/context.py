"""What every command gets: its options, the streams, the stop switch, and the user's open data."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from dinotui.cli.arguments import is_text
from dinotui.cli.interruption import Interruption
from dinotui.cli.output import Output
from dinotui.cli.times import use_zone
from dinotui.domain.errors import UsageError
from dinotui.locale import _, use_language

if TYPE_CHECKING:
    from dinotui.engine.demo import Demo
    from dinotui.storage.store import Store

_YES: Final = ("yes", "y", "예", "네")


class App(Protocol):
    """The other faces, which the command line knows by these doors only: the terminal app and the server."""

    def refuse_without_terminal(self) -> None:
        """Raise `DinoError` where the app cannot run."""

    def run(
        self,
        database: Path,
        user: str | None,
        *,
        mouse: bool = False,
        open_review: str | None = None,
        demo_files: Path | None = None,
    ) -> int:
        """Show the app until the user leaves it, and return the exit code."""

    def serve(self, database: Path, chosen: dict[str, Any]) -> int:
        """Run the HTTP API with the options of `serve`, and return the exit code."""


@dataclass(frozen=True, slots=True)
class Context:
    """One command at work."""

    options: Namespace
    output: Output
    interruption: Interruption
    app: App

    @property
    def json(self) -> bool:
        """Whether the answer is wanted as JSON."""
        return bool(self.options.json)

    @property
    def user(self) -> str | None:
        """The name given with --user."""
        name: str | None = self.options.user
        if name is not None and not name.strip():
            raise UsageError("usage", _("A user needs a name."), "--user")
        return name

    @property
    def database(self) -> Path:
        """The database file: --db, else DINOTUI_DB, else the one in the user's data folder."""
        given = self.options.db if self.options.db is not None else os.environ.get("DINOTUI_DB", "")
        if not is_text(given):
            text = _("The name of the database is not valid text. Name another file with --db.")
            raise UsageError("usage", text, "DINOTUI_DB")
        if given:
            return Path(os.path.abspath(os.path.expanduser(given)))
        if self.options.db is not None:
            raise UsageError("usage", _("Name a file, as in --db trips.db."), "--db")
        from platformdirs import user_data_path

        return user_data_path("dinotui", appauthor=False) / "dinotui.db"

    @contextmanager
    def store(self, *, new_user: bool = False) -> Iterator[Store]:
        """Open the user's data; what was interrupted before is said.

        With `new_user` a name that the database does not hold becomes a user, and that is said: for commands
        that may bring somebody's first data. For every other command it is a slip, unless nobody is there yet.
        """
        from dinotui.engine.preferences import get_preferences
        from dinotui.engine.recovery import recover
        from dinotui.storage.database import waiting_ends_with
        from dinotui.storage.store import Store

        existed = self.database.exists()
        with (
            waiting_ends_with(self.interruption.stopping),
            Store(self.database, self.user, known_user=not new_user) as store,
        ):
            if existed and store.created_user and self.user is not None:
                text = _("{name} is a new user of this database and has no trips yet.")
                self.output.message(text.format(name=store.user_name))
            wanted = get_preferences(store)
            if wanted.language is not None:
                use_language(wanted.language)
            use_zone(wanted.time_zone)
            for sentence in recover(store):
                self.output.message(sentence)
            yield store

    @property
    def by_hand(self) -> bool:
        """Whether a person sits at the terminal who can be asked: standard input is no pipe and no data."""
        reading = sys.stdin is not None and sys.stdin.isatty() and "-" not in self.options.words
        return reading and self.output.messages_to_terminal and not self.json

    def agreed(self, question: str, *, unless_said: bool = False) -> bool:
        """Ask a person and return whether the answer is yes; `unless_said` is what an empty answer means."""
        answer = self.output.ask(question)
        return unless_said if answer == "" else answer is not None and answer.casefold() in _YES

    def show_app(self, *, open_review: str | None = None, demo: Demo | None = None) -> int:
        """Hand over to the terminal app, on the user's data or on a demo, and return its exit code."""
        self.app.refuse_without_terminal()
        self.output.finish()
        self.interruption.give_back()
        try:
            return self.app.run(
                self.database if demo is None else demo.database,
                self.user if demo is None else demo.user,
                mouse=bool(getattr(self.options, "mouse", False)),
                open_review=open_review,
                demo_files=None if demo is None else demo.files,
            )
        finally:
            self.interruption.take()

    def serve(self, chosen: dict[str, Any]) -> int:
        """Hand over to the HTTP API until a signal ends it, and return its exit code."""
        self.output.finish()
        self.interruption.give_back()
        try:
            return self.app.serve(self.database, chosen)
        finally:
            self.interruption.take()
