"""The words of dates: months, weekdays, "still there", and the zones that exist. Data only.

All words are casefolded and NFKC-normalised, as `dates.folded` makes them. English and Korean are complete
(Korean months are numbers); the months of six more languages are here because spreadsheets write them by
themselves. No word means two different months in two of these languages.
"""

from __future__ import annotations

from typing import Final

_MONTH_LINES: Final = (
    "jan january januar jänner janvier janv enero ene gennaio gen janeiro januari",
    "feb february februar février fevrier févr fevr febrero febbraio fevereiro fev februari",
    "mar march märz maerz mär mars marzo março marco maart mrt",
    "apr april avril avr abril abr aprile",
    "may mai mayo maggio mag maio mei",
    "jun june juni juin junio giugno giu junho",
    "jul july juli juillet juil julio luglio lug julho",
    "aug august août aout agosto ago augustus",
    "sep sept september septembre septiembre settembre setembro set",
    "oct october oktober okt octobre octubre ottobre ott outubro out",
    "nov november novembre noviembre novembro",
    "dec december dezember dez décembre decembre déc diciembre dic dicembre dezembro",
)
MONTHS: Final[dict[str, int]] = {
    word: number for number, line in enumerate(_MONTH_LINES, start=1) for word in line.split()
}

_WEEKDAY_LINES: Final = (
    "monday tuesday wednesday thursday friday saturday sunday",
    "thurs tues thur mon tue wed thu fri sat sun",
    "월요일 화요일 수요일 목요일 금요일 토요일 일요일",
)
WEEKDAYS: Final[tuple[str, ...]] = tuple(word for line in _WEEKDAY_LINES for word in line.split())
WEEKDAY_LETTERS: Final = "월화수목금토일"  # only inside brackets: 일 alone also means day

# Words that say "no exit yet". "unknown", "?" and "today" are not among them: the first two may hide a
# stay that is over, and the last one names a day.
_OPEN_LINES: Final = (
    "current|currently|present|ongoing|now|open|tbd|still there|still here|still in country|in progress",
    "to date|until now|till now|up to now|to present|until present|till present",
    "null|none|nil|nat|nan|undefined|n/a|#n/a|-|--|---|\N{EN DASH}|\N{EM DASH}|\N{MINUS SIGN}|...|/",
    "현재|현재까지|지금|지금까지|체류중|체류 중|현재 체류중|현재 체류 중|거주중|거주 중|진행중|진행 중",
    "계속|미정|없음|해당없음|해당 없음|미출국",
)
OPEN_WORDS: Final[frozenset[str]] = frozenset(word for line in _OPEN_LINES for word in line.split("|"))

# Abbreviations after a time of day. Which offset each means does not matter: the date counts as written.
_ZONE_LINES: Final = (
    "kst jst hkt sgt ist msk cet cest eet eest wet west bst",
    "est edt cst cdt mst mdt pst pdt akst akdt hst aest aedt acst acdt awst nzst nzdt",
)
ZONE_WORDS: Final[tuple[str, ...]] = tuple(word for line in _ZONE_LINES for word in line.split())

# Offsets from UTC, in minutes, at which some place has its midnight (IANA tz database, current rules).
REAL_OFFSETS: Final[frozenset[int]] = frozenset(
    {hour * 60 for hour in range(-12, 15)}
    | {-570, -210, -150, 210, 270, 330, 345, 390, 525, 570, 630, 765, 825}
)

# Times of day in UTC, in minutes, that are midnight at two offsets, and the one that is taken when the
# user's own zone does not tell. 10:00 is Hawaii rather than Kiritimati; 11:00 New Zealand in summer, Tonga
# and Samoa rather than Niue; 12:00 is written by programs that put noon so that no zone moves the date.
DOUBTFUL_MIDNIGHTS: Final[dict[int, int]] = {600: -600, 660: 780, 720: -720}
