"""The app in a terminal with a long import under way: ``python tests/faults/app_at_work.py DATABASE CSV MARK``.

MARK appears when the import is being written.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dinotui.tui  # noqa: F401 - sets Textual's switches before it is imported
from dinotui.engine.importing import applying
from dinotui.engine.progress import Progress
from dinotui.storage.store import Store
from dinotui.tui.screens.base import DinoScreen
from dinotui.tui.screens.stored import start_store_job
from dinotui.tui.start import make_app
from tests.engine.importer import stage


def main(database: Path, csv: Path, mark: Path) -> int:
    """Run the app and begin to import at once."""

    def work(store: Store, report: Callable[[Progress], None], cancelled: Callable[[], bool]) -> Any:
        def told(progress: Progress) -> None:
            if progress.phase == "Writing":
                mark.touch()
            report(progress)

        with stage(store, csv, detection="off", resolution="keepBoth") as staging:
            return applying.apply_import(staging, store, report=told, cancelled=cancelled)

    def opening(home: DinoScreen) -> None:
        start_store_job(home, "Importing", work, lambda _result: None)

    with Store(database) as store:
        return make_app(store, opening=opening).start()


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:4])))
