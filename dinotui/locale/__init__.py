"""The language of messages: gettext catalogues, switchable while the program runs.

Every text a user reads goes through `_` or `ngettext`. The catalogue is looked up at the moment of the
call, so a text that must follow a later switch of language is marked with `N_` where it is written and
translated with `_` where it is shown. Placeholders are named: ``_("{count} records").format(count=3)``.
"""

from __future__ import annotations

import gettext
import locale as _locale
import os
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("en", "ko")
_CATALOGUES: Final = Path(__file__).parent
_state: dict[str, gettext.NullTranslations | str] = {
    "language": "en",
    "catalogue": gettext.NullTranslations(),
}


def N_(message: str) -> str:  # noqa: N802 - the name every gettext tool looks for
    """Mark `message` for translation and return it as it is."""
    return message


def _(message: str) -> str:
    """Return `message` in the current language; no text stays none (gettext would answer with its header)."""
    return _catalogue().gettext(message) if message else ""


def pgettext(context: str, message: str) -> str:
    """Return `message` in the current language where the same English words mean something else elsewhere."""
    return _catalogue().pgettext(context, message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the form of the message that fits `count`, in the current language."""
    return _catalogue().ngettext(singular, plural, count)


def language() -> str:
    """Return the current language, one of `LANGUAGES`."""
    return str(_state["language"])


def use_language(name: str) -> None:
    """Switch to language `name`; one that has no catalogue means English."""
    chosen = name if name in LANGUAGES else "en"
    _state["catalogue"] = gettext.translation("dinotui", _CATALOGUES, languages=[chosen], fallback=True)
    _state["language"] = chosen


def language_of_environment() -> str:
    """Return the language that the locale variables ask for, `en` where they ask for none of ours."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable)
        if value:
            code = (_locale.normalize(value).split(".")[0]).split("_")[0].lower()
            return code if code in LANGUAGES else "en"
    return "en"


def _catalogue() -> gettext.NullTranslations:
    catalogue = _state["catalogue"]
    assert isinstance(catalogue, gettext.NullTranslations)
    return catalogue
