"""Where the screens open each other: late imports, so that no screen needs another to be loaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dinotui.tui.screens.base import DinoScreen


def open_trips(screen: DinoScreen, number: int | None = None) -> None:
    """Open the list of trips, on the trip with `number` where one is given."""
    from dinotui.tui.screens.trips import TripsScreen

    screen.dino.push_screen(TripsScreen(number))


def open_history(screen: DinoScreen, trip: int | None = None) -> None:
    """Open the log, of one trip where its number is given."""
    from dinotui.tui.screens.history import HistoryScreen

    screen.dino.push_screen(HistoryScreen(trip))


def open_backups(screen: DinoScreen) -> None:
    """Open the list of backups."""
    from dinotui.tui.screens.backups import BackupsScreen

    screen.dino.push_screen(BackupsScreen())


def open_check(screen: DinoScreen) -> None:
    """Open the check of the data."""
    from dinotui.tui.screens.check import CheckScreen

    screen.dino.push_screen(CheckScreen())


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
    from dinotui.tui.screens.review import ReviewScreen

    screen.dino.push_screen(ReviewScreen(import_id))


def open_waiting(screen: DinoScreen) -> None:
    """Open the list of all imports that wait."""
    from dinotui.tui.screens.waiting import WaitingScreen

    screen.dino.push_screen(WaitingScreen())


def open_duplicates(screen: DinoScreen) -> None:
    """Open the pairs of trips that may be one."""
    from dinotui.tui.screens.duplicates import DuplicatesScreen

    screen.dino.push_screen(DuplicatesScreen())


def open_export(screen: DinoScreen) -> None:
    """Open the export screen."""
    from dinotui.tui.screens.export import ExportScreen

    screen.dino.push_screen(ExportScreen())


def open_statistics(screen: DinoScreen) -> None:
    """Open the figures about all stays."""
    from dinotui.tui.screens.statistics import StatisticsScreen

    screen.dino.push_screen(StatisticsScreen())


def open_settings(screen: DinoScreen) -> None:
    """Open the preferences."""
    from dinotui.tui.screens.settings import SettingsScreen

    screen.dino.push_screen(SettingsScreen())


def open_messages(screen: DinoScreen) -> None:
    """Open what the program told the user."""
    from dinotui.tui.screens.messages import MessagesScreen

    screen.dino.push_screen(MessagesScreen())


def open_presets(screen: DinoScreen) -> None:
    """Open the presets of imports."""
    from dinotui.tui.screens.presets import PresetsScreen

    screen.dino.push_screen(PresetsScreen())


def open_rules(screen: DinoScreen) -> None:
    """Open the user's own validation rules."""
    from dinotui.tui.screens.rules import RulesScreen

    screen.dino.push_screen(RulesScreen())
