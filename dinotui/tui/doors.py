"""Where the screens open each other: late imports, so that no screen needs another to be loaded."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from dinotui.tui.screens.base import DinoScreen

_REVIEW: Final = "dinotui.tui.screens.review"
_EXPORT: Final = "dinotui.tui.screens.export"


def can_export() -> bool:
    """Tell whether the export screen is there."""
    return find_spec(_EXPORT) is not None


def open_trips(screen: DinoScreen, number: int | None = None) -> None:
    """Open the list of trips, on the trip with `number` where one is given."""
    from dinotui.tui.screens.trips import TripsScreen

    screen.dino.push_screen(TripsScreen(number))


def open_history(screen: DinoScreen) -> None:
    """Open the log."""
    from dinotui.tui.screens.history import HistoryScreen

    screen.dino.push_screen(HistoryScreen())


def open_operation(screen: DinoScreen, operation_id: str) -> None:
    """Open one operation with everything it changed."""
    from dinotui.tui.screens.operation import OperationScreen

    screen.dino.push_screen(OperationScreen(operation_id))


def open_import(screen: DinoScreen, paths: Sequence[Path] = ()) -> None:
    """Open the import wizard, with `paths` chosen already where there are some."""
    from dinotui.tui.screens.importing import ImportWizard

    screen.dino.push_screen(ImportWizard(tuple(paths)))


def open_review(screen: DinoScreen, import_id: str) -> None:
    """Open the review of a staged import."""
    screen.dino.push_screen(import_module(_REVIEW).ReviewScreen(import_id))


def open_export(screen: DinoScreen) -> None:
    """Open the export screen."""
    screen.dino.push_screen(import_module(_EXPORT).ExportScreen())
