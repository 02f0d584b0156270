"""Presets: remembered by the header's shape, named, exported; they never go against the dates' own proof."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dinotui.domain.configuration import ImportConfiguration
from dinotui.domain.errors import FormatError, UsageError
from dinotui.domain.presets import LAST, REMEMBERED, Preset
from dinotui.domain.settings import ImportSettings
from dinotui.engine import presets
from dinotui.engine.importing import applying, planning, reading, understanding
from dinotui.storage.staging import Staging
from dinotui.storage.store import Store

AGENCY = "Wohin,Von,Bis,Code\nSpain,03.04.2024,05.04.2024,A1\nJapan,06.07.2024,08.07.2024,B2\n"
MAPS = ("Wohin=country", "Von=entryDate", "Bis=exitDate", "Code=notes+")


def open_import(store: Store, path: Path, settings: ImportSettings) -> tuple[Staging, list[str]]:
    files = [reading.SourceFile(path, path.name)]
    staging = reading.stage_files(files, settings, ImportConfiguration(), store)
    questions = understanding.understand(staging)
    planning.plan_import(staging, store)
    return staging, [question.code for question in questions]


def import_agency(store: Store, path: Path, **more: object) -> None:
    settings = ImportSettings(
        maps=MAPS,
        constants={"visaType": "tourist"},
        date_order="dmy",
        **more,  # type: ignore[arg-type]
    )
    staging, asked = open_import(store, path, settings)
    assert asked == []
    with staging:
        applying.apply_import(staging, store)


@pytest.fixture
def agency(tmp_path: Path) -> Path:
    path = tmp_path / "agency.csv"
    path.write_text(AGENCY, "utf-8")
    return path


def save(store: Store, agency: Path, name: str = "agency v2") -> Preset:
    import_agency(store, agency)
    known = presets.remembered(store, ["Wohin", "Von", "Bis", "Code"])
    assert known is not None
    return presets.save_preset(store, known.preset, name)


def test_an_import_is_remembered_by_its_header_in_any_order(store: Store, agency: Path) -> None:
    import_agency(store, agency)
    known = presets.remembered(store, ["CODE", "bis", "von ", "wohin"])
    assert known is not None
    assert known.preset.constants == {"visaType": "tourist"}
    assert known.preset.date_order == "dmy"
    assert presets.remembered(store, ["Wohin", "Von", "Bis"]) is None


def test_what_is_remembered_feeds_columns_and_leaves_the_rest_to_the_user(
    store: Store, agency: Path, tmp_path: Path
) -> None:
    import_agency(store, agency)
    again = tmp_path / "next.csv"
    again.write_text("Code,Bis,Von,Wohin\nC3,02.01.2025,01.01.2025,Peru\n", "utf-8")
    staging, asked = open_import(store, again, ImportSettings(preset=REMEMBERED))
    with staging:
        table = staging.tables()[0]
        used = understanding.mapping_of(table, reading.settings_of(staging))
        assert [m.field for m in used.columns] == [None, "exitDate", "entryDate", "country"]
        assert used.keep_in_notes == (0,)
        assert set(asked) == {"column-missing", "date-order"}


def test_the_last_way_is_taken_whole_by_the_users_word(store: Store, agency: Path, tmp_path: Path) -> None:
    import_agency(store, agency)
    again = tmp_path / "next.csv"
    again.write_text("Code,Bis,Von,Wohin\nC3,02.01.2025,01.01.2025,Peru\n", "utf-8")
    staging, asked = open_import(store, again, ImportSettings(preset=LAST))
    with staging:
        assert asked == []
        result = applying.apply_import(staging, store)
        assert result.summary.imported == 1
    day, visa, notes = store.database.rows("SELECT entry_date, visa_type, notes FROM stay ORDER BY number")[
        -1
    ]
    assert (day, visa, notes) == ("2025-01-01", "tourist", "Code: C3")


def test_nothing_remembered_is_said(store: Store, agency: Path) -> None:
    with pytest.raises(UsageError, match="No file with such a header"):
        open_import(store, agency, ImportSettings(preset=LAST))
    assert not list(store.staging.iterdir())


def test_plain_imports_are_not_remembered_and_forget_only_when_asked(store: Store, tmp_path: Path) -> None:
    plain = tmp_path / "plain.csv"
    plain.write_text("Country,Entry Date,Exit Date,Visa Type\nSpain,2024-03-04,,tourist\n", "utf-8")
    staging, _asked = open_import(store, plain, ImportSettings())
    with staging:
        applying.apply_import(staging, store)
    assert store.database.value("SELECT count(*) FROM preset") == 0


@pytest.mark.parametrize(
    ("cells", "asked"),
    [("03.04.2024,05.04.2024", False), ("04.23.2024,04.25.2024", False), ("04.23.2024,25.04.2024", True)],
)
def test_a_preset_never_goes_against_the_dates(
    store: Store, agency: Path, tmp_path: Path, cells: str, asked: bool
) -> None:
    save(store, agency)
    path = tmp_path / "other.csv"
    path.write_text(f"Wohin,Von,Bis,Code\nPeru,{cells},x\n", "utf-8")
    staging, questions = open_import(store, path, ImportSettings(preset="agency v2"))
    with staging:
        assert ("date-order" in questions) is asked
        readings = understanding.readings_of(staging.tables()[0])
        expected = None if asked else "mdy" if "23" in cells else "dmy"
        assert readings["entryDate"].order == expected


def test_a_preset_that_does_not_fit_names_the_missing_columns(
    store: Store, agency: Path, tmp_path: Path
) -> None:
    save(store, agency)
    path = tmp_path / "other.csv"
    path.write_text("Wohin,Von,Visa\nPeru,2024-01-01,x\n", "utf-8")
    with pytest.raises(FormatError, match="does not fit this file: the columns Bis, Code are not there"):
        open_import(store, path, ImportSettings(preset="Agency V2"))


def test_unknown_names_list_the_known_ones(store: Store, agency: Path) -> None:
    with pytest.raises(UsageError, match="no other one yet"):
        presets.find_preset(store, "agency")
    save(store, agency)
    with pytest.raises(UsageError, match="There are: agency v2"):
        presets.find_preset(store, "agency")


def test_presets_are_renamed_deleted_and_carried_to_another_user(
    store: Store, agency: Path, tmp_path: Path
) -> None:
    preset = save(store, agency)
    with pytest.raises(UsageError, match="already"):
        presets.save_preset(store, preset, "agency v2")
    assert presets.rename_preset(store, "agency v2", "agency") == "agency"
    text = presets.export_presets(store)
    with Store(store.path, "lee") as other:
        assert presets.list_presets(other) == []
        assert [each.name for each in presets.import_presets(other, text)] == ["agency"]
        with pytest.raises(UsageError, match="already"):
            presets.import_presets(other, text)
        presets.import_presets(other, text, replace=True)
        staging, asked = open_import(other, agency, ImportSettings(preset="agency"))
        with staging:
            assert asked == []
    presets.delete_preset(store, "agency")
    assert presets.list_presets(store) == []


@pytest.mark.parametrize("name", ["", "  ", "last", "NONE", "*", "a" * 61, "a\x1bb"])
def test_a_preset_needs_a_name(store: Store, agency: Path, name: str) -> None:
    preset = save(store, agency)
    with pytest.raises(UsageError):
        presets.save_preset(store, preset, name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"dinotuiPresets": 2, "presets": []}',
        '{"dinotuiPresets": 1, "presets": {}}',
        '{"dinotuiPresets": 1, "presets": [1]}',
        '{"dinotuiPresets": 1, "presets": [{"name": "a"}]}',
        '{"dinotuiPresets": 1, "presets": [{"name": "a", "columns": ["x"], "mapping": {"keepInNotes": [4]}}]}',
        '{"dinotuiPresets": 1, "presets": [{"name": "a", "columns": [], "mapping": {}, "countries": {"X": "ZZ"}}]}',
        "[" * 100_000,
    ],
    ids=range(10),
)
def test_files_that_are_no_presets_are_refused(store: Store, text: str) -> None:
    with pytest.raises(UsageError):
        presets.import_presets(store, text)


def test_one_bad_preset_stores_none(store: Store, agency: Path) -> None:
    data = json.loads(presets.export_presets(store, [save(store, agency).name]))
    data["presets"] = [{**data["presets"][0], "name": "good"}, {**data["presets"][0], "name": "last"}]
    with pytest.raises(UsageError, match="preset 2"):
        presets.import_presets(store, json.dumps(data))
    assert [each.preset.name for each in presets.list_presets(store)] == ["agency v2"]
