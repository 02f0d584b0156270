"""Letting a changed preference take effect at once, wherever it was changed: here, by undo, by another process."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from dinotui.domain.errors import DinoError
from dinotui.domain.preferences import Preferences
from dinotui.engine.preferences import get_preferences
from dinotui.locale import language_of_environment, use_language
from dinotui.storage.store import Store
from dinotui.tui import theme
from dinotui.tui.commands import Commanded
from dinotui.tui.glyphs import glyphs
from dinotui.tui.view import preferences_in_force, use_preferences

if TYPE_CHECKING:
    from dinotui.tui.app import DinoApp


def follow_settings(app: DinoApp, store: Store) -> None:
    """Take the stored preferences over where they differ from those in force; the screen tells of bad data."""
    with suppress(DinoError):
        apply_settings(app, get_preferences(store))


def apply_settings(app: DinoApp, wanted: Preferences) -> None:
    """Show everything by `wanted` from now on; what stays the same is not touched."""
    before = preferences_in_force()
    if wanted == before:
        return
    use_preferences(wanted)
    if wanted.theme != before.theme:
        app.theme = theme.theme_for(wanted.theme, os.environ)
    if wanted.key_map != before.key_map:
        _take_keys(app, wanted)
    if wanted.language != before.language and not glyphs().ascii_only:
        use_language(wanted.language or language_of_environment())
    _draw_anew(app)


def _take_keys(app: DinoApp, wanted: Preferences) -> None:
    app.key_map = dict(wanted.key_map)
    owners: list[object] = [app, *app.screen_stack]
    owners += [widget for screen in app.screen_stack for widget in screen.query("*")]
    for owner in owners:
        if isinstance(owner, Commanded):
            owner.bind_actions(app.key_map)


def _draw_anew(app: DinoApp) -> None:
    from dinotui.tui.screens.base import DinoScreen

    for screen in app.screen_stack:
        if isinstance(screen, DinoScreen) and screen.is_mounted:
            screen.relabel()
            screen.refresh_commands()
