"""The language of messages: gettext catalogues, switchable while the program runs.

Every text a user reads goes through `_` or `ngettext`. The catalogue is looked up at the moment of the
call, so a text that must follow a later switch of language is marked with `N_` where it is written and
translated with `_` where it is shown. Placeholders are named: ``_("{count} records").format(count=3)``.
"""

from __future__ import annotations

import gettext
import locale as _locale
import os
import re
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Final

LANGUAGES: Final = ("en", "ko")
_CATALOGUES: Final = Path(__file__).parent
_ENGLISH: Final = gettext.NullTranslations()
_state: dict[str, gettext.NullTranslations | str] = {"language": "en", "catalogue": _ENGLISH}


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


def retold(text: str, *messages: str) -> str:
    """Return a text that was made earlier, perhaps in another language, in the current one.

    What is kept with an import keeps its sentences. `messages` are the ids that this one may have been made
    of; a text without values needs none. What is recognised as nothing stays as it is.
    """
    for name in sorted(LANGUAGES, key=lambda name: name != language()):
        for message in messages:
            found = _pattern(name, message).fullmatch(text)
            if found is not None:
                return text if name == language() else _filled(_(message), found.groupdict())
    return _(_made_of(text))


@cache
def _pattern(name: str, message: str) -> re.Pattern[str]:
    """Return what recognises a sentence made of `message` in language `name`."""
    parts: list[str] = []
    for literal, field, _spec, _how in Formatter().parse(_catalogue_of(name).gettext(message)):
        parts.append(re.escape(literal))
        if field:
            known = f"(?P<{field}>" in "".join(parts)
            parts.append(f"(?P={field})" if known else f"(?P<{field}>.*?)")
    return re.compile("".join(parts), re.DOTALL)


def _filled(template: str, values: dict[str, str]) -> str:
    """Return a template with values that are texts already, whatever form it asks for."""
    values = {name: retold(value) if name == "field" else value for name, value in values.items()}
    return "".join(
        literal + (values.get(field, "") if field else "")
        for literal, field, _spec, _how in Formatter().parse(template)
    )


@cache
def _ids(name: str) -> dict[str, str]:
    """Return the message id of each text of language `name`."""
    known: dict[object, str] = getattr(_catalogue_of(name), "_catalog", {})
    return {text: message for message, text in known.items() if isinstance(message, str) and message}


def _made_of(text: str) -> str:
    if text.isascii():
        return text  # no other language than English is written so: the text is its id
    return next((_ids(name)[text] for name in LANGUAGES if text in _ids(name)), text)


def language() -> str:
    """Return the current language, one of `LANGUAGES`."""
    return str(_state["language"])


def use_language(name: str) -> None:
    """Switch to language `name`; one that has no catalogue means English."""
    chosen = name if name in LANGUAGES else "en"
    _state["catalogue"] = _catalogue_of(chosen)
    _state["language"] = chosen


def language_of_environment() -> str:
    """Return the language that the locale variables ask for, `en` where they ask for none of ours."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable)
        if value:
            code = (_locale.normalize(value).split(".")[0]).split("_")[0].lower()
            return code if code in LANGUAGES else "en"
    return "en"


def _catalogue_of(name: str) -> gettext.NullTranslations:
    """Return the catalogue of language `name`, read once; English is what the texts are written in."""
    if name == "en":
        return _ENGLISH
    return gettext.translation("dinotui", _CATALOGUES, languages=[name], fallback=True)


def _catalogue() -> gettext.NullTranslations:
    catalogue = _state["catalogue"]
    assert isinstance(catalogue, gettext.NullTranslations)
    return catalogue
