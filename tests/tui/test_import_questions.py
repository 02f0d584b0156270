"""What the wizard asks and shows about reading a file: the order of dates, with all its evidence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from import_pilot import app_over, lines_of, press, settle, text_of
from textual.pilot import Pilot

from dinotui.storage.store import Store

Write = Callable[[str, str], Path]

OPEN_ORDER = """\
[{"country": "Japan", "entryDate": "2024-03-05", "exitDate": "2024-03-08", "visaType": "tourist"},
 {"country": "Spain", "entryDate": "04.04.2021", "exitDate": "07.04.2021", "visaType": "tourist"},
 {"country": "France", "entryDate": "05.06.2023", "exitDate": "07.06.2023", "visaType": "tourist"},
 {"country": "Peru", "entryDate": "01.02.2022", "exitDate": "03.02.2022", "visaType": "tourist"}]
"""


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_the_answers_about_a_date_order_differ_in_what_they_show(
    store: Store, write_file: Write, size: tuple[int, int]
) -> None:
    app = app_over(store, [write_file("a.json", OPEN_ORDER)])
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "home", "enter")
        asked = {line.strip(" >").split("  ")[0]: line for line in lines_of(pilot)}
        assert "05.06.2023 → 2023-06-05" in asked["day, month, year"]
        assert "05.06.2023 → 2023-05-06" in asked["month, day, year"]
        assert "2024-03-05" not in text_of(pilot), "a date that every order reads alike tells nothing"
        assert "01.02.2022 → 2022-02-01" in text_of(pilot)
        await press(pilot, "down")
        assert "01.02.2022 → 2022-01-02" in text_of(pilot)
        assert "…" not in "".join(lines_of(pilot)[3:-2])


async def test_each_sheet_of_a_workbook_says_how_many_records_it_has(store: Store, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    head = ("Country", "Entry Date", "Exit Date", "Visa Type")
    first = book.active
    assert first is not None
    for row in (("My trips",), (), head, ("Japan", "2024-01-01", "2024-01-03", "tourist")):
        first.append(row)
    second = book.create_sheet("Old")
    for row in (head, *[("Spain", f"202{n}-01-01", f"202{n}-01-03", "tourist") for n in range(3)]):
        second.append(row)
    book.save(tmp_path / "book.xlsx")
    app = app_over(store, [tmp_path / "book.xlsx"])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "p")
        assert "header row 3 | 1 record" in text_of(pilot)
        assert "header row 1 | 3 records" in text_of(pilot)
        await press(pilot, "o")
        assert "header row 3 | 1 record" in text_of(pilot)
        assert "header row 1 | 3 records" in text_of(pilot)


EVIDENCE = """\
Country;Entry Date;Exit Date;Visa Type
Japan;25.12.2023;02.01.2024;tourist
France;05.06.2023;07.06.2023;tourist
Spain;2023;31.02.2023;tourist
Peru;01.02.2022;13.02.2022;tourist
"""


def plain(pilot: Pilot[Any]) -> str:
    """Return what the screen shows between its rules and its keys, without line breaks."""
    return " ".join(" ".join(lines_of(pilot)[2:-3]).split())


async def test_the_evidence_for_the_dates_can_be_read_in_full(store: Store, write_file: Write) -> None:
    app = app_over(store, [write_file("a.csv", EVIDENCE)])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        sentences = (
            "2 cells can only be day-first, none month-first.",
            "2 cells that do not tell their order are read day-first, as 05.06.2023.",
            "1 cell names a month or a year but no day (2023).",
            "1 cell is a date that does not exist (31.02.2023).",
        )
        for sentence in sentences:
            assert sentence in plain(pilot)
        await press(pilot, "p")
        for sentence in sentences:
            assert sentence in plain(pilot)
        await press(pilot, "o")
        for sentence in sentences:
            assert sentence in plain(pilot)
        await press(pilot, "escape")
        await pilot.resize_terminal(60, 20)
        await press(pilot, "home", "down", "enter")
        assert "What does the column “Entry Date” feed?" in plain(pilot)
        assert sentences[0] in plain(pilot)
        assert sentences[2] in plain(pilot)


async def test_a_long_plan_keeps_its_rows_beside_the_evidence(store: Store, write_file: Write) -> None:
    more = "".join(f"Japan;1{n}.0{n}.2019;2{n}.0{n}.2019;tourist\n" for n in range(1, 9)) * 3
    app = app_over(store, [write_file("a.csv", EVIDENCE + more)])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "n") if "Countries" in text_of(pilot) else None
        assert sum("Japan" in line for line in lines_of(pilot)[6:-9]) >= 5
        assert sum(" day-first" in line for line in lines_of(pilot)) <= 2
