"""The entry: stands above all rooms and alone knows both the command line and the terminal app."""

from __future__ import annotations

import sys

TYPE_CHECKING = (
    False  # that of `typing` costs the import of it, and until `main` begins nobody hears a signal
)
if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any


class EarlySignals:
    """Hears Ctrl+C and the other wishes to stop while the program is still being loaded.

    Nothing is broken off meanwhile: a module that was imported by half would end in a traceback. `came` says
    whether one came, for whoever takes over; a second one ends the process, which has changed nothing yet.
    """

    def __init__(self) -> None:
        import _signal as signal  # built in; `signal` itself is a file that takes a moment, in which one may come

        self.came = False
        self.before: dict[int, Any] = {}
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            before = signal.getsignal(number)
            if before != signal.SIG_IGN:
                self.before[number] = signal.signal(number, self._note)

    def _note(self, _number: int, _frame: object) -> None:
        if self.came:
            import os

            os._exit(130)
        self.came = True


class TerminalApp:
    """What the command line knows of the app: nothing of it is imported before it is asked for."""

    def refuse_without_terminal(self) -> None:
        """Raise `DinoError` where the app cannot run: no terminal, or one without a screen."""
        import os

        from dinotui.domain.errors import DinoError
        from dinotui.tui.theme import check_terminal

        streams = (sys.stdin, sys.stdout)
        interactive = all(stream is not None and stream.isatty() for stream in streams)
        refusal = check_terminal(os.environ, interactive)
        if refusal is not None:
            raise DinoError("no-terminal", refusal)

    def run(
        self,
        database: Path,
        user: str | None,
        *,
        mouse: bool = False,
        open_review: str | None = None,
        demo_files: Path | None = None,
    ) -> int:
        """Show the app over `database` until the user leaves it, and return the exit code.

        `demo_files` is the folder of files to import where `database` is a demo; its maker removes both.
        """
        from dinotui.tui.start import DemoInfo, run

        demo = None if demo_files is None else DemoInfo(demo_files, clean_up=lambda: None)
        return run(database, user, mouse=mouse, open_review=open_review, demo=demo)

    def serve(self, database: Path, chosen: dict[str, Any]) -> int:
        """Run the HTTP API over `database`; raises `DinoError` where its libraries are missing."""
        from dinotui.domain.errors import DinoError
        from dinotui.locale import _

        try:
            from dinotui.api.server import run
            from dinotui.api.settings import Settings
        except ImportError as error:
            if (error.name or "").startswith("dinotui"):
                raise
            text = _("The HTTP API needs more libraries. Install them with: pip install 'dinotui[api]'")
            raise DinoError("no-api", text) from error
        return run(Settings(database=database, **chosen))


def main(argv: Sequence[str] | None = None) -> int:
    """Run dinotui with `argv` (by default the process's) and return the exit code (SPEC.md 6)."""
    early = EarlySignals() if argv is None else None  # first of all
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments == ["--version"]:
        from dinotui import __version__

        sys.stdout.write(f"dinotui {__version__}\n")
        return 0
    from dinotui.cli.entry import run

    return run(arguments, TerminalApp(), last=argv is None, early=early)


if __name__ == "__main__":
    sys.exit(main())
