"""What is said about country texts that got no code: which countries they may mean, and how to settle it.

A suggestion is an offer and never becomes a code by itself (SPEC.md 2).
"""

from __future__ import annotations

from typing import Final

from dinotui.domain.country import country_name
from dinotui.domain.problems import shown
from dinotui.engine.suggestions import suggest_countries
from dinotui.locale import _, language, ngettext
from dinotui.storage import plan_rows
from dinotui.storage.staging import Staging

NAMED: Final = 20
"""How many country texts without a code get a warning each; of more it is said how many they are."""
_OFFERED: Final = 3  # countries that are only spelt like a text
_MEANT: Final = 12  # countries that a text may say
_SAID: Final = 90.0  # from this score on a suggestion is what the text says, below it is only spelt like it


def country_warnings(staging: Staging) -> list[str]:
    """Return a sentence for each country text without a code, most frequent first, and one for the rest."""
    found = [
        _warning(text, count, ambiguous=ambiguous)
        for text, count, ambiguous in plan_rows.unsettled_countries(staging, NAMED)
    ]
    if len(found) == NAMED:
        more = plan_rows.count_unsettled_countries(staging) - NAMED
        if more > 0:
            text = ngettext(
                "{count} more country name has no code. In the answer of --json each record of it has a warning.",
                "{count} more country names have no code. In the answer of --json each record of theirs has a warning.",
                more,
            )
            found.append(text.format(count=more))
    return found


def _warning(text: str, count: int, *, ambiguous: bool) -> str:
    offered = offers(text)
    if ambiguous and offered:
        sentence = ngettext(
            "“{name}” may be {countries}, so {count} record gets no country code.",
            "“{name}” may be {countries}, so {count} records get no country code.",
            count,
        )
    elif offered:
        sentence = ngettext(
            "No country code for “{name}” ({count} record). Near: {countries}.",
            "No country code for “{name}” ({count} records). Near: {countries}.",
            count,
        )
    else:
        sentence = ngettext(
            "No country code for “{name}” ({count} record), and no country has a name like it.",
            "No country code for “{name}” ({count} records), and no country has a name like it.",
            count,
        )
    name = shown(text)
    told = sentence.format(name=name, countries=offered, count=count)
    return told + " " + _('Say which country it is with --country "{name}=CODE".').format(name=name)


def strict_refusal(text: str, *, ambiguous: bool) -> str:
    """Return why a strict import takes no record with this country text."""
    offered = offers(text)
    if ambiguous and offered:
        sentence = _(
            "“{name}” may be {countries}, and a strict import takes no record without a country code."
        )
    elif offered:
        sentence = _(
            "“{name}” is no country that is known (near: {countries}), and a strict import takes no such record."
        )
    else:
        sentence = _("“{name}” is no country that is known, and a strict import takes no such record.")
    name = shown(text)
    told = sentence.format(name=name, countries=offered)
    return told + " " + _('Settle it with --country "{name}=CODE".').format(name=name)


def offers(text: str) -> str:
    """Return the countries that `text` may mean, with their codes, empty where none is near.

    What the text says (the candidates of an ambiguous one) is not mixed with what is only spelt like it.
    """
    near = suggest_countries(text, _MEANT, language())
    said = [one for one in near if one.score >= _SAID]
    names = [f"{country_name(one.code, language())} ({one.code})" for one in said or near[:_OFFERED]]
    if len(names) < 2:
        return "".join(names)
    return _("{names} or {last}").format(names=", ".join(names[:-1]), last=names[-1])
