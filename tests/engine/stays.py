"""Stays put straight into the database, for tests of what is made of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dinotui.domain.country import recognise
from dinotui.domain.dates import iso_day
from dinotui.domain.folding import fold
from dinotui.storage.store import Store

CODES = {
    "Japan": "JP",
    "France": "FR",
    "Germany": "DE",
    "Croatia": "HR",
    "대한민국": "KR",
    "Spain": "ES",
    "Thailand": "TH",
    "Jordan": "JO",
}


def stay(country: str, entry: str, leaving: str | None = None, **more: Any) -> dict[str, Any]:
    """Return one stay with dates as text; `more` overrides columns of the trip table."""
    return {
        "country": country,
        "country_code": CODES.get(country),
        "entry_day": iso_day(entry),
        "exit_day": None if leaving is None else iso_day(leaving),
        "visa_type": "tourist",
        "max_days": None,
        "passport_country": "",
        "notes": "",
        "created_at": "2024-01-02T03:04:05.678Z",
        "updated_at": "2024-02-03T04:05:06.789Z",
        "source": "manual",
        **more,
    }


def put(store: Store, stays: Iterable[dict[str, Any]]) -> None:
    """Store stays; one without an id gets the next of a fixed series."""
    count = store.database.value("SELECT count(*) FROM trip")
    with store.database.write():
        for number, each in enumerate(stays, count + 1):
            columns = {
                "id": f"0190aaaa-0000-7000-8000-{number:012x}",
                **each,
                "user": store.user,
                "country_fold": fold(each["country"]),
                "visa_fold": fold(each["visa_type"]),
                "passport_fold": recognise(each["passport_country"]).code or fold(each["passport_country"]),
                "changed_by": 0,
            }
            names = ", ".join(columns)
            marks = ", ".join(f":{name}" for name in columns)
            store.database.execute(f"INSERT INTO trip ({names}) VALUES ({marks})", columns)
