"""The made-up traveller of the demo: a Korean who lives between Seoul and Europe.

Years are counted back from today's, so that the demo is never out of date; the newest stays lie by days in
front of today and come near the 90 days of the Schengen rule.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, NamedTuple

PASSPORT: Final = "KR"
TRAVELLER: Final = "Demo"


class Stay(NamedTuple):
    """One made-up stay; `exit` is the day of leaving, None while it goes on."""

    country: str
    entry: dt.date
    exit: dt.date | None
    visa: str
    max_days: int | None
    notes: str = ""

    def fields(self) -> dict[str, str]:
        """Return the stay as a person would type it."""
        return {
            "country": self.country,
            "entryDate": self.entry.isoformat(),
            "exitDate": "" if self.exit is None else self.exit.isoformat(),
            "visaType": self.visa,
            "maxDays": "" if self.max_days is None else str(self.max_days),
            "passportCountry": PASSPORT,
            "notes": self.notes,
        }


# years back, month and day, days, country, visa type, max days, notes
_EARLIER: Final[tuple[tuple[int, str, int, str, str, int | None, str], ...]] = (
    (7, "01-12", 9, "Japan", "tourist", 90, "스키, 온천. 눈이 많이 왔다."),
    (7, "03-04", 12, "Vietnam", "tourist", 45, "Hanoi → Hội An by night train"),
    (7, "05-18", 20, "France", "tourist", 90, 'Paris, Lyon; the "good" bakery, rue Mercière 12'),
    (7, "08-02", 14, "Italy", "tourist", 90, ""),
    (7, "10-09", 6, "Taiwan", "tourist", 90, "야시장, 우육면 세 그릇"),
    (6, "01-21", 8, "Thailand", "tourist", 90, "Chiang Mai; last trip for a while"),
    (6, "02-10", 5, "Japan", "business", 90, "오사카 출장"),
    (5, "08-14", 44, "대한민국", "resident", None, "부모님 댁, 서울"),
    (5, "11-03", 10, "United Arab Emirates", "tourist", 90, ""),
    (4, "03-15", 26, "Spain", "tourist", 90, "Valencia (Las Fallas), then Granada"),
    (4, "05-02", 13, "Portugal", "tourist", 90, "Lisboa, Sintra"),
    (4, "06-20", 8, "United Kingdom", "tourist", 180, "Conference, hotel paid by them"),
    (4, "07-09", 25, "Germany", "tourist", 90, "베를린. 호수, 자전거, 9-Euro-Ticket"),
    (4, "10-11", 12, "Türkiye", "tourist", 90, "Istanbul,\nCappadocia (balloon cancelled twice)"),
    (4, "12-18", 21, "대한민국", "resident", None, "겨울, 가족"),
    (3, "02-06", 11, "Austria", "tourist", 90, "Innsbruck, snow"),
    (3, "03-20", 6, "Japan", "business", 90, "도쿄 본사 방문\n저녁: 이자카야"),
    (3, "04-11", 30, "Greece", "tourist", 90, "Athens, Crete; boat late, of course"),
    (3, "06-01", 17, "Croatia", "tourist", 90, ""),
    (3, "07-22", 10, "Iceland", "tourist", 90, "Ring road, 1,332 km"),
    (3, "09-12", 15, "United States", "ESTA", 90, "New York, Boston; visa waiver, ESTA no. in mail"),
    (3, "11-17", 9, "Morocco", "tourist", 90, "Fès, Merzouga"),
    (2, "01-08", 19, "대한민국", "resident", None, "서울, 부산"),
    (2, "02-24", 7, "Singapore", "business", 90, "Client workshop"),
    (2, "04-03", 22, "Netherlands", "tourist", 90, "Tulips, bicycles, rain"),
    (2, "05-14", 16, "Czechia", "tourist", 90, "Praha, Brno"),
    (2, "07-06", 29, "France", "tourist", 90, "니스, 마르세유, 아를"),
    (2, "09-19", 12, "Georgia", "tourist", 365, "Tbilisi; khinkali, 30 pieces"),
    (2, "11-04", 14, "Mexico", "tourist", 180, "Día de Muertos"),
    (1, "01-15", 24, "대한민국", "resident", None, "설날"),
    (1, "03-02", 9, "Japan", "tourist", 90, "교토, 나라"),
    (1, "04-05", 5, "Switzerland", "business", 90, "Basel fair"),
    (1, "04-22", 11, "Poland", "tourist", 90, "Kraków, Gdańsk"),
)
# days before today, days, country, visa type, max days, notes
_LATELY: Final[tuple[tuple[int, int | None, str, str, int | None, str], ...]] = (
    (152, 34, "Germany", "tourist", 90, "Berlin; apartment in Neukölln"),
    (112, 15, "United Kingdom", "tourist", 180, "London, friends"),
    (90, 24, "Italy", "tourist", 90, 'Bologna → Palermo, "the slow way"'),
    (62, 12, "대한민국", "resident", None, "추석, 가족 모임"),
    (46, 12, "France", "tourist", 90, "Strasbourg, 출장 아님"),
    (31, 15, "Türkiye", "tourist", 90, "Izmir"),
    (11, None, "Portugal", "tourist", 90, "Porto; back ticket still open"),
)


def earlier_stays(today: dt.date) -> list[Stay]:
    """Return the stays that the demo imports, the oldest first."""
    return [
        _stay(dt.date.fromisoformat(f"{today.year - back}-{day}"), days, country, visa, most, notes)
        for back, day, days, country, visa, most, notes in _EARLIER
    ]


def late_stays(today: dt.date) -> list[Stay]:
    """Return the stays of the last half year, the newest one still going on."""
    return [
        _stay(today - dt.timedelta(days=back), days, country, visa, most, notes)
        for back, days, country, visa, most, notes in _LATELY
    ]


def _stay(
    entry: dt.date, days: int | None, country: str, visa: str, max_days: int | None, notes: str
) -> Stay:
    leaving = None if days is None else entry + dt.timedelta(days=days - 1)
    return Stay(country, entry, leaving, visa, max_days, notes)
