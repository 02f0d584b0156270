"""Starting the app: the terminal, the data, what was interrupted before, the first screen, and the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

from dinotui.domain.errors import DinoError
from dinotui.domain.visible import visible
from dinotui.engine.importing.waiting import waiting_imports
from dinotui.engine.preferences import get_preferences
from dinotui.engine.recovery import recover
from dinotui.locale import _, language, ngettext
from dinotui.storage.store import Store
from dinotui.tui.messages import Level
from dinotui.tui.recent import remember_files
from dinotui.tui.theme import check_terminal
from dinotui.tui.view import use_preferences

if TYPE_CHECKING:
    from dinotui.tui.app import DinoApp
    from dinotui.tui.screens.base import DinoScreen


@dataclass(frozen=True, slots=True)
class DemoInfo:
    """A demo on a throwaway database: where its files to import are, and what to do when it is over."""

    files: Path
    clean_up: Callable[[], None]


def run(
    db: Path,
    user: str | None,
    *,
    mouse: bool = False,
    open_review: str | None = None,
    import_paths: Sequence[Path] = (),
    demo: DemoInfo | None = None,
) -> int:
    """Run the app over the database `db` until the user leaves, and return the exit code.

    Opens the review of the staged import `open_review`, or an import of `import_paths`, over Home. What keeps
    it from running, and what still waits at the end, is said on standard error.
    """
    refused = check_terminal(os.environ, sys.stdin.isatty() and sys.stdout.isatty())
    if refused is not None:
        _last_words(refused)
        return 1
    try:
        code, wants_demo = _run_once(db, user, mouse, _opening(open_review, import_paths), demo)
        while wants_demo and code == 0:
            code = _run_demo(mouse)
            if code == 0:
                code, wants_demo = _run_once(db, user, mouse, _opening(None, ()), None)
    except DinoError as error:
        _last_words(str(error))
        return error.exit_code
    finally:
        if demo is not None:
            demo.clean_up()
    return code


Opening = Callable[["DinoScreen"], None]
"""What is opened over Home when the app starts."""


def _opening(open_review: str | None, import_paths: Sequence[Path]) -> Opening:
    from dinotui.tui import doors

    def opening(home: DinoScreen) -> None:
        if open_review is not None:
            doors.open_review(home, open_review)
        elif import_paths:
            doors.open_import(home, import_paths)

    return opening


def _run_once(
    db: Path, user: str | None, mouse: bool, opening: Opening, demo: DemoInfo | None
) -> tuple[int, bool]:
    """Run the app once; return its exit code, and whether the user wants to see the demo."""
    wanted: list[bool] = []
    with Store(db, user) as store:

        def change() -> None:
            wanted.append(True)
            app.leave(0)

        app = make_app(store, mouse=mouse, opening=opening, demo=demo, change_to_demo=change)
        code = app.start()
        waiting = waiting_imports(store) if demo is None and not wanted else []
        if waiting and code == 0:
            _last_words(_waiting_text(len(waiting)))
    return code, bool(wanted)


def _run_demo(mouse: bool) -> int:
    """Run the app on a new demo until the user leaves it."""
    from tempfile import TemporaryDirectory

    from dinotui.engine.demo import build_demo

    with TemporaryDirectory(prefix="dinotui-demo-", ignore_cleanup_errors=True) as folder:
        made = build_demo(Path(folder))
        info = DemoInfo(made.files, clean_up=lambda: rmtree(folder, ignore_errors=True))
        return _run_once(made.database, made.user, mouse, _opening(None, ()), info)[0]


def make_app(
    store: Store,
    *,
    mouse: bool = False,
    opening: Opening = lambda _home: None,
    demo: DemoInfo | None = None,
    change_to_demo: Callable[[], None] | None = None,
) -> DinoApp:
    """Return the app over an open store, ready to be started; what was interrupted before is put in order.

    `opening` may open a screen over Home; `change_to_demo` leaves for the demo.
    """
    from dinotui.tui import doors, undoing
    from dinotui.tui.app import DinoApp
    from dinotui.tui.everywhere import Hooks
    from dinotui.tui.screens.home import HomeScreen
    from dinotui.tui.screens.trip_form import DRAFT

    wanted = get_preferences(store)
    use_preferences(wanted)
    notices = _notices(store, demo)

    def at_risk() -> str | None:
        drafts = sum(name.startswith(DRAFT) for name in app.memory)
        return (
            ngettext(
                "{count} trip you began to type is not saved.",
                "{count} trips you began to type are not saved.",
                drafts,
            ).format(count=drafts)
            if drafts
            else None
        )

    app = DinoApp(
        store,
        lambda: HomeScreen(notices, opening, None if demo else change_to_demo),
        language=wanted.language or language(),
        key_map=wanted.key_map,
        mouse=mouse,
        theme_name=wanted.theme,
        hooks=Hooks(
            undo=lambda screen: undoing.ask(screen, "undo"),
            redo=lambda screen: undoing.ask(screen, "redo"),
            can_undo=lambda: undoing.can_act(store, "undo"),
            can_redo=lambda: undoing.can_act(store, "redo"),
            drop=doors.open_import,
            at_risk=at_risk,
            clean_up=demo.clean_up if demo else None,
        ),
    )
    return app


def _notices(store: Store, demo: DemoInfo | None) -> list[tuple[str, Level]]:
    """Return what to say first: what was interrupted, whose data it is when that is new, that it is a demo."""
    notices: list[tuple[str, Level]] = [(sentence, "warn") for sentence in recover(store)]
    if demo is not None:
        remember_files(store, sorted(demo.files.iterdir()))
        text = _("This is the demo: made-up trips, gone when you leave. Files to import are in {folder}.")
        notices.append((text.format(folder=demo.files), "info"))
    return notices


def _waiting_text(count: int) -> str:
    return ngettext(
        "{count} import waits for you. Go on with: dinotui review",
        "{count} imports wait for you. Go on with: dinotui review",
        count,
    ).format(count=count)


def _last_words(text: str) -> None:
    """Say something on standard error, harmless whatever it quotes."""
    sys.stderr.write(visible(text) + "\n")
