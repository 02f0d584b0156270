"""`dinotui settings`: the user's preferences, to be read and to be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dinotui.cli.arguments import Offer, Parser
from dinotui.cli.context import Context
from dinotui.cli.tables import Column, write_table
from dinotui.domain.errors import UsageError
from dinotui.locale import _, use_language

if TYPE_CHECKING:
    from dinotui.domain.preferences import Preferences


def parser(name: str, summary: str) -> Parser:
    """Return the options of `settings`."""
    made = Parser(name, summary)
    made.takes(
        "NAME=VALUE",
        _("a preference and its new value; an empty value goes back to the default"),
        most=None,
        offer=Offer(_changes),
    )
    made.examples(
        "dinotui settings",
        "dinotui settings homePassport=KR visaExpiryDays=7,14,30",
        "dinotui settings dateFormat=DD.MM.YYYY timeZone=Asia/Seoul",
        "dinotui settings theme=",
    )
    return made


def _changes() -> list[str]:
    from dinotui.domain.preferences import PREFERENCE_NAMES

    return [f"{name}=" for name in PREFERENCE_NAMES]


def run(context: Context) -> int:
    """Change what is given, show all settings, and return the exit code."""
    from dinotui.engine.preferences import get_preferences, set_preferences

    changes = dict(map(_change, context.options.words))
    with context.store(new_user=bool(changes)) as store:
        if changes:
            with context.interruption.writing():
                set_preferences(store, changes)
        found = get_preferences(store)
    if found.language is not None:
        use_language(found.language)
    _show(context, found)
    return 0


def _change(word: str) -> tuple[str, Any]:
    from dinotui.domain.preference_texts import setting_of

    name, equals, text = word.partition("=")
    if not equals:
        message = _("Write a change as NAME=VALUE, as in homePassport=KR.")
        raise UsageError("usage", message, name)
    return name.strip(), setting_of(name.strip(), text)


def _show(context: Context, found: Preferences) -> None:
    from dinotui.domain.preference_texts import text_of

    values = found.model_dump(mode="json", by_alias=True)
    if context.json:
        context.output.json(values)
        return
    rows = [[name, text_of(name, value) or _unset(name)] for name, value in values.items()]
    write_table(context.output, (Column(_("Preference")), Column(_("Value"), gives=True)), rows)


def _unset(name: str) -> str:
    return _("(as the system has it)") if name in ("language", "timeZone") else "-"
