"""What an export leaves out or masks (SPEC.md 3, excludePersonalData and anonymizeData).

`excludePersonalData` drops who the user is, passport countries, notes and the texts of notifications.
`anonymizeData` gives every id a pseudonym keyed per export, so that relations hold, moves all dates by one
secret number of whole weeks, so that durations, weekdays and gaps hold, and masks texts.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, Final

from dinotui.domain.configuration import Privacy
from dinotui.domain.dates import LAST_DAY
from dinotui.domain.errors import DinoError
from dinotui.domain.export import ExportRow, NotificationRow
from dinotui.domain.masking import (
    DATE,
    EMAIL,
    FIRST_DAY,
    LINK,
    NAME,
    NUMBER,
    PHONE,
    masked,
    name_words,
    words_pattern,
)
from dinotui.domain.visa import fold_visa, visa_types
from dinotui.locale import _

ANONYMOUS: Final = "anonymous"
PERSONAL_TRIP_FIELDS: Final = ("passportCountry", "notes", "source")
PERSONAL_NOTIFICATION_FIELDS: Final = ("title", "message")
PERSONAL_PREFERENCES: Final = ("homePassport",)

_WRITTEN_BY_US: Final = " ".join((ANONYMOUS, "manual import", EMAIL, LINK, PHONE, NUMBER, DATE, NAME))
_WEEK: Final = 7
_FEWEST_WEEKS: Final = 4
_MOST_WEEKS: Final = 520
_OWN_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[478][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_PLAIN_KIND: Final = re.compile(r"[a-z][a-z-]{0,39}")


class Mask:
    """The privacy of one export: every row passes through it before it is written."""

    def __init__(self, privacy: Privacy, user: str, key: bytes, shift: int = 0) -> None:
        """Take what is asked, the user's name, the export's secret `key` and the days to move dates by."""
        self.on = privacy.exclude_personal_data or privacy.anonymize_data
        self.exclude = privacy.exclude_personal_data
        self.anonymize = privacy.anonymize_data
        self.shift = shift if privacy.anonymize_data else 0
        self._key = key
        self._words = name_words(user) if self.on else ()
        self._name = words_pattern(self._words)
        self._patterns = [(word, pattern) for word in self._words if (pattern := words_pattern((word,)))]
        self._user = user
        self._excused: set[str] = set()
        self.text = lru_cache(maxsize=4_096)(self._text)
        self._country = lru_cache(maxsize=4_096)(self._country_text)
        self._visa = lru_cache(maxsize=4_096)(self._visa_text)

    @property
    def user_id(self) -> str:
        """Who the metadata names."""
        if self.exclude:
            return ANONYMOUS
        return self.pseudonym("user", self._user) if self.anonymize else self._user

    def pseudonym(self, kind: str, id_: str) -> str:
        """Return what stands for an id in this export; the same id always has the same one."""
        digest = hmac.digest(self._key, f"{kind}:{id_}".encode(), "sha256").hex()
        variant = "89ab"[int(digest[16], 16) & 3]
        return f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"

    def id(self, id_: str) -> str:
        """Return an id as it leaves; one that came with a file may itself say who somebody is."""
        if self.anonymize or not _OWN_ID.fullmatch(id_):
            return self.pseudonym("id", id_)
        return id_

    def instant(self, text: str | None) -> str | None:
        """Return an instant as it leaves, None when dates are moved.

        Something was usually entered shortly before the export: an instant that moved along would tell by
        how much.
        """
        return None if self.anonymize else text

    def trip(self, row: ExportRow) -> ExportRow:
        """Return a trip as it leaves."""
        id_, country, code, entry, leaving, visa, most, passport, notes, created, updated, source = row
        return (
            self.id(id_),
            self._country(country, code),
            code,
            entry + self.shift,
            None if leaving is None else leaving + self.shift,
            self._visa(visa),
            most,
            "" if self.exclude else self.text(passport),
            "" if self.exclude else self._text(notes),
            self.instant(created),
            self.instant(updated),
            "" if self.exclude else "manual" if source == "manual" else "import",
        )

    def notification(self, row: NotificationRow) -> NotificationRow:
        """Return a message as it leaves."""
        id_, kind, title, message, created, read, trip, subject = row
        return (
            self.id(id_),
            self._excuse(kind) if _PLAIN_KIND.fullmatch(kind) else self.text(kind),
            "" if self.exclude else self._text(title),
            "" if self.exclude else self._text(message),
            self.instant(created),
            self.instant(read),
            None if trip is None else self.id(trip),
            None if subject is None else self.pseudonym("subject", subject),
        )

    def preferences(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings as they leave."""
        dropped = PERSONAL_PREFERENCES if self.exclude else ()
        return {name: value for name, value in values.items() if name not in dropped}

    def analytics(self, value: Any) -> Any:
        """Return figures as they leave: ids and country names are treated like those of the trips."""
        if isinstance(value, list):
            return [self.analytics(each) for each in value]
        if not isinstance(value, dict):
            return value
        found = {name: self.analytics(each) for name, each in value.items()}
        if "tripId" in found:
            found["tripId"] = self.id(found["tripId"])
        if "tripIds" in found:
            found["tripIds"] = [self.id(each) for each in found["tripIds"]]
        if "country" in found:
            found["country"] = self._country(found["country"], found["countryCode"])
        return found

    def statement(self) -> dict[str, Any]:
        """Return what the metadata says about privacy."""
        removed = ["userId", *(f"trips.{name}" for name in PERSONAL_TRIP_FIELDS)]
        removed += [f"notifications.{name}" for name in PERSONAL_NOTIFICATION_FIELDS]
        removed += [f"preferences.{name}" for name in PERSONAL_PREFERENCES]
        return {
            "excludePersonalData": self.exclude,
            "anonymizeData": self.anonymize,
            "removed": removed if self.exclude else [],
            "notes": self.notes(),
        }

    def notes(self) -> list[str]:
        """Return in sentences what was left out and masked."""
        found = []
        if self.exclude:
            found.append(
                _(
                    "Left out: who the user is, passport countries, notes, sources, and the texts of notifications."
                )
            )
        if self.anonymize:
            found += [
                _("Ids are pseudonyms. All dates are moved by the same secret number of weeks."),
                _(
                    "When something was entered or changed is left out. Figures count up to the last recorded day."
                ),
                _(
                    "E-mail addresses, phone and document numbers, links and the user's name are masked in texts."
                ),
            ]
        return found

    def traces(self, constant: str) -> list[str]:
        """Return the spellings of the user's name that must not occur in the written bytes.

        A name that is also a word of the format (`constant`), of a recognised country or of a known visa type
        cannot be told from it there; in such a place it is no trace of the user.
        """
        if self._name is None:
            return []
        self._excuse(f"{constant} {_WRITTEN_BY_US}")
        return [word for word in self._words if word not in self._excused]

    def _text(self, text: str) -> str:
        named = self._name.sub(NAME, text) if self._name else text
        return masked(named, self.shift, self._pseudonymous) if self.anonymize else named

    def _pseudonymous(self, id_: str) -> str:
        return self.pseudonym("id", id_.lower())

    def _country_text(self, country: str, code: str | None) -> str:
        return self._excuse(country) if code else self._text(country)

    def _visa_text(self, visa: str) -> str:
        return self._excuse(visa) if fold_visa(visa) in _known_visas() else self._text(visa)

    def _excuse(self, text: str) -> str:
        """Remember which of the user's names were met in a text that is kept as it is."""
        if self._name and self._name.search(text):
            self._excused.update(word for word, pattern in self._patterns if pattern.search(text))
        return text


@cache
def _known_visas() -> frozenset[str]:
    return frozenset(fold_visa(name) for name in visa_types())


def shift_for(key: bytes, first_day: int, last_day: int) -> int:
    """Return the secret number of days, whole weeks, that moves `first_day` to `last_day` within all years.

    Raises `DinoError` where the days span the whole calendar.
    """
    weeks = [
        week
        for week in range(-_MOST_WEEKS, _MOST_WEEKS + 1)
        if abs(week) >= _FEWEST_WEEKS
        and first_day + week * _WEEK >= FIRST_DAY
        and last_day + week * _WEEK <= LAST_DAY
    ]
    if not weeks:
        message = _("The dates span the whole calendar, so they cannot be moved. Choose a range of dates.")
        raise DinoError("cannot-shift", message)
    chosen = int.from_bytes(hmac.digest(key, b"shift", "sha256"), "big") % len(weeks)
    return weeks[chosen] * _WEEK
