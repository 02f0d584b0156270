"""Labelled data: trips that are there already, an incoming file, and which of its rows is which trip.

Everything comes from a seed. A row of the file is a copy of a trip with what real files do to it, a new trip,
or a *neighbour*: a true stay of its own next to another one (the next border run, the day trip of the day
after, a companion's stay), which must not be taken for it.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

Profile: TypeAlias = Literal["dense", "person", "commuter"]
PROFILES: Final[tuple[Profile, ...]] = ("dense", "person", "commuter")

SPELLINGS: Final[dict[str, tuple[str, ...]]] = {
    "Japan": ("일본", "JP", "JPN", "Jpan", "Japn"),
    "South Korea": ("대한민국", "KR", "Korea, South", "Suth Korea", "South Koera"),
    "Thailand": ("태국", "TH", "THA", "Thailnd", "Tailand"),
    "Vietnam": ("베트남", "VN", "Viet Nam", "Vietnm", "Veitnam"),
    "Germany": ("독일", "DE", "DEU", "Germny", "Gremany"),
    "France": ("프랑스", "FR", "FRA", "Frnce", "Francee"),
    "Spain": ("스페인", "ES", "ESP", "Spian", "Spainn"),
    "Italy": ("이탈리아", "IT", "ITA", "Itally", "Itlay"),
    "United States": ("미국", "US", "USA", "United Sates", "Untied States"),
    "United Kingdom": ("영국", "GB", "UK", "United Kingdm", "Untied Kingdom"),
    "Netherlands": ("네덜란드", "NL", "Holland", "Netherlnds", "Nehterlands"),
    "Switzerland": ("스위스", "CH", "CHE", "Switzerlnd", "Swizterland"),
    "Czechia": ("체코", "CZ", "Czech Republic", "Czechia Republic", "Chzechia"),
    "Türkiye": ("튀르키예", "TR", "Turkey", "Turkye", "Turkiey"),
    "Singapore": ("싱가포르", "SG", "SGP", "Singapor", "Singapre"),
    "Malaysia": ("말레이시아", "MY", "MYS", "Malasia", "Malaysai"),
    "Indonesia": ("인도네시아", "ID", "IDN", "Indonsia", "Indoneisa"),
    "Australia": ("호주", "AU", "AUS", "Austrlia", "Australai"),
    "Canada": ("캐나다", "CA", "CAN", "Cananda", "Canda"),
    "Mexico": ("멕시코", "MX", "MEX", "Mexcio", "Mexco"),
}
_VISAS: Final = ("tourist", "business", "visa-free", "student", "work", "transit")
_REWORDED: Final = {
    "tourist": ("tourist visa", "tourism"),
    "business": ("business visa", "Business visitor"),
    "visa-free": ("visa free", "visa-free entry"),
    "student": ("student visa", "study"),
    "work": ("work permit", "employment"),
    "transit": ("transit visa", "airport transit"),
}
_PLACES: Final = ("Kyoto", "Lisbon", "Hanoi", "the lake", "Aunt Mina", "the trade fair", "Busan", "the coast")
_VERBS: Final = ("visited", "stayed near", "meetings in", "hiking around", "wedding at", "conference at")
_ENDS: Final = ("hotel paid in cash", "rain all week", "with the children", "booked late", "window seat", "")
_FIRST: Final = dt.date(2010, 1, 4).toordinal()


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay, as text where a file has text; `entry` and `leave` are ordinals of days (None: still there)."""

    country: str
    entry: int
    leave: int | None
    visa: str
    max_days: int | None
    passport: str
    notes: str


@dataclass(slots=True)
class Labelled:
    """Trips, rows of the file, and by row the number of the trip that it is (None: a trip of its own)."""

    trips: list[Stay] = field(default_factory=list)
    rows: list[Stay] = field(default_factory=list)
    truth: list[int | None] = field(default_factory=list)


def labelled(profile: Profile, seed: int) -> Labelled:
    """Return one set of data; equal arguments give equal data."""
    rng = random.Random(f"{profile}-{seed}")
    stays = {"dense": _dense, "person": _person, "commuter": _commuter}[profile](rng)
    made = Labelled()
    for stay in stays:
        place = len(made.trips)
        fate = rng.random()
        if fate < 0.3:  # only in the file: a new trip
            made.rows.append(stay)
            made.truth.append(None)
            continue
        made.trips.append(stay)
        if fate < 0.85:
            made.rows.append(_copied(rng, stay))
            made.truth.append(place)
        if profile == "dense" and rng.random() < 0.3:  # the stays of one person are each other's neighbours
            made.rows.append(_neighbour(rng, stay))
            made.truth.append(None)
    order = list(range(len(made.rows)))
    rng.shuffle(order)
    made.rows = [made.rows[at] for at in order]
    made.truth = [made.truth[at] for at in order]
    return made


def _stay(rng: random.Random, entry: int, length: int, country: str | None = None) -> Stay:
    notes = f"{rng.choice(_VERBS)} {rng.choice(_PLACES)} {rng.choice(_ENDS)}".strip()
    return Stay(
        country=country or rng.choice(list(SPELLINGS)),
        entry=entry,
        leave=entry + length - 1,
        visa=rng.choices(_VISAS, (50, 20, 15, 5, 5, 5))[0],
        max_days=rng.choice((30, 60, 90, 90, 90, 180, None)),
        passport=rng.choices(("KR", "US", "DE", ""), (50, 10, 10, 30))[0],
        notes=notes if rng.random() < 0.5 else "",
    )


def _dense(rng: random.Random) -> list[Stay]:
    """An agency's list: many travellers in few countries, stays overlap by chance."""
    return [
        _stay(rng, _FIRST + rng.randrange(3650), rng.choice((1, 2, 3, 4, 5, 7, 7, 10, 14, 21, 30)))
        for _ in range(2000)
    ]


def _person(rng: random.Random) -> list[Stay]:
    """A traveller's life since 1984: a few favourite countries at a time, never in two places at once."""
    stays: list[Stay] = []
    day = _FIRST - 9500
    while len(stays) < 300:
        home = rng.choice(("KR", "US", "DE", ""))
        favourites = rng.sample(list(SPELLINGS), 4)
        for _trip in range(30):
            length = rng.choice((1, 3, 4, 5, 7, 7, 10, 14, 21, 60))
            stays.append(replace(_stay(rng, day, length, rng.choice(favourites)), passport=home))
            day += length + rng.choice((0, 1, 5, 20, 60, 90))
    return stays


def _commuter(rng: random.Random) -> list[Stay]:
    """One person between two countries: day trips and border runs back to back, all of one visa type."""
    stays: list[Stay] = []
    day = _FIRST
    for _trip in range(600):
        length = rng.choice((1, 1, 1, 2, 3, 28, 30))
        stay = _stay(rng, day, length, rng.choice(("Germany", "Switzerland")))
        stays.append(
            replace(
                stay, visa="work", passport="DE", max_days=90, notes=rng.choice(("", "office", stay.notes))
            )
        )
        day += length - 1 + rng.choice((0, 0, 1, 1, 2, 4)) if length > 1 else rng.choice((1, 1, 2, 3, 7))
    return stays


def _neighbour(rng: random.Random, stay: Stay) -> Stay:
    """Return a stay beside another: the next or the one before, sharing at most the border day."""
    length = rng.choice((1, 2, 3, 5, 7, 14)) if rng.random() < 0.5 else _length(stay)
    gap = rng.choice((0, 1, 1, 2, 3))
    gap = max(gap, 1) if length == 1 or _length(stay) == 1 else gap
    last = stay.entry if stay.leave is None else stay.leave
    entry = last + gap if rng.random() < 0.5 else stay.entry - gap - length + 1
    other = _stay(rng, entry, length, stay.country)
    kept = {"passport": stay.passport, "max_days": stay.max_days}
    return replace(other, visa=stay.visa if rng.random() < 0.8 else other.visa, **kept)


def _length(stay: Stay) -> int:
    return 1 if stay.leave is None else stay.leave - stay.entry + 1


# what files do to a stay ---------------------------------------------------------------------------------


def _shifted(rng: random.Random, stay: Stay) -> Stay:
    by = rng.choice((-1, 1))
    return replace(stay, entry=stay.entry + by, leave=None if stay.leave is None else stay.leave + by)


def _entry_off(rng: random.Random, stay: Stay) -> Stay:
    by = rng.choice((-1, 1)) if _length(stay) > 1 else -1
    return replace(stay, entry=stay.entry + by)


def _exit_off(rng: random.Random, stay: Stay) -> Stay:
    by = rng.choice((-1, 1)) if _length(stay) > 1 else 1
    return replace(stay, leave=None if stay.leave is None else stay.leave + by)


def _other_visa(rng: random.Random, stay: Stay) -> Stay:
    return replace(stay, visa=rng.choice([visa for visa in _VISAS if visa != stay.visa]))


def _reworded_visa(rng: random.Random, stay: Stay) -> Stay:
    return replace(stay, visa=rng.choice(_REWORDED.get(stay.visa, (stay.visa,))))


def _respelt(rng: random.Random, stay: Stay) -> Stay:
    return replace(stay, country=rng.choice(SPELLINGS.get(stay.country, (stay.country,))))


def _typo(rng: random.Random, stay: Stay) -> Stay:
    text = stay.notes
    for _slip in range(rng.choice((1, 1, 2, 3)) if text else 0):
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice(("", text[at] * 2, rng.choice("aeiou"))) + text[at + 1 :]
    return replace(stay, notes=text)


def _emptied(rng: random.Random, stay: Stay) -> Stay:
    name = rng.choice(("notes", "passport", "max_days"))
    return replace(stay, **{name: None if name == "max_days" else ""})  # type: ignore[arg-type]


def _rewritten(rng: random.Random, stay: Stay) -> Stay:
    return replace(stay, notes=f"{rng.choice(_VERBS)} {rng.choice(_PLACES)}")


def _unfinished(_rng: random.Random, stay: Stay) -> Stay:
    return replace(stay, leave=None)


_CHANGES: Final[tuple[tuple[int, Callable[[random.Random, Stay], Stay]], ...]] = (
    (18, _shifted),
    (12, _entry_off),
    (12, _exit_off),
    (8, _other_visa),
    (8, _reworded_visa),
    (18, _respelt),
    (12, _typo),
    (10, _emptied),
    (6, _rewritten),
    (2, _unfinished),
)


def _copied(rng: random.Random, stay: Stay) -> Stay:
    """Return a copy with none to three changes."""
    weights, changes = zip(*_CHANGES, strict=True)
    for change in rng.choices(changes, weights, k=rng.choices((0, 1, 2, 3), (15, 45, 30, 10))[0]):
        stay = change(rng, stay)
    if stay.leave is not None and stay.leave < stay.entry:
        stay = replace(stay, leave=stay.entry)
    return stay


def date_text(day: int | None) -> str:
    """Return a day as ``YYYY-MM-DD``, empty for none."""
    return "" if day is None else dt.date.fromordinal(day).isoformat()
