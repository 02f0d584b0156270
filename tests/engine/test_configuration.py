"""Every field of the configuration of an import has an effect on its answer: none is carried for nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from dinotui.domain.configuration import ImportConfiguration
from dinotui.domain.errors import DinoError
from dinotui.domain.settings import ImportSettings
from dinotui.engine import trips
from dinotui.engine.importing import applying, planning, reading, understanding
from dinotui.storage.store import Store

ROWS = """\
Country,Entry Date,Exit Date,Visa Type,Max Days
Japan,2024-03-02,2024-03-10,business,
Japan,2024-03-02,2024-03-10,tourist,
Japan,2024-03-02,2024-03-09,tourist,90
Japan,2024-03-03,2024-03-11,tourist,
Peru,2024-07-02,2024-07-01,work,
Chad,2024-08,2024-08-09,work,
"""
RULE = {
    "id": "r",
    "field": "visaType",
    "operator": "oneOf",
    "value": ["work"],
    "severity": "error",
    "message": "no",
}

CHANGES: dict[str, tuple[Any, dict[str, Any]]] = {
    "strategy": ("skipExisting", {}),
    "duplicateHandling.detection": ("off", {}),
    "duplicateHandling.resolution": ("skip", {}),
    "duplicateHandling.criteria": (["visaType"], {}),
    "duplicateHandling.threshold": (1.0, {}),
    "duplicateHandling.actions.high": ("update", {}),
    "duplicateHandling.actions.medium": ("skip", {}),
    "duplicateHandling.actions.low": ("skip", {"duplicateHandling": {"threshold": 0.6}}),
    "validation.strict": (True, {}),
    "validation.customRules": ([RULE], {}),
    "validation.skipInvalid": (False, {}),
    "validation.partialDates": ("first", {}),
    "preview.enabled": (False, {}),
    "preview.sampleSize": (1, {}),
    "backup.createBackup": (False, {}),
    "backup.backupFormat": ("json", {}),
}


def leaves(model: type[BaseModel], before: str = "") -> list[str]:
    found = []
    for name, field in model.model_fields.items():
        path = before + (field.alias or name)
        inner = field.annotation
        nested = isinstance(inner, type) and issubclass(inner, BaseModel)
        found += leaves(inner, f"{path}.") if nested else [path]  # type: ignore[arg-type]
    return found


def test_the_table_has_every_field() -> None:
    assert sorted(CHANGES) == sorted(leaves(ImportConfiguration))


def answer(folder: Path, values: dict[str, Any]) -> Any:
    """Return everything that an import of the same file into the same data answers and leaves behind."""
    configuration = ImportConfiguration.model_validate(values)
    file = folder / "rows.csv"
    file.write_text(ROWS)
    with Store(folder / "x.db", "Kim") as store:
        stays = (
            ("Japan", "2024-03-02", "2024-03-09", "tourist"),
            ("Peru", "2024-01-01", "2024-01-05", "work"),
        )
        for country, entry, leaving, visa in stays:
            fields = {"country": country, "entryDate": entry, "exitDate": leaving, "visaType": visa}
            trips.add_trip(store, fields)
        files = [reading.SourceFile(file, file.name)]
        with reading.stage_files(files, ImportSettings(), configuration, store) as staging:
            understanding.understand(staging)
            planning.plan_import(staging, store)
            planned = applying.planned_result(staging, store, state="planned", started=0)
            try:
                done = applying.apply_import(staging, store, set_aside=True).summary
            except DinoError as error:
                done = error.code  # type: ignore[assignment]
        left = sorted(path.suffix for path in store.backups.iterdir())
    plan = planned.model_dump(exclude={"metadata"})
    plan["recommendations"] = [
        text.replace(planned.metadata.import_id, "ID") for text in planned.recommendations
    ]
    for lists in plan["details"].values():
        for one in lists if isinstance(lists, (list, tuple)) else ():
            one.pop("id", None)
            one.pop("existing_id", None)
    return plan, done, left


def changed(values: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    name, _dot, rest = path.partition(".")
    return {**values, name: changed(values.get(name, {}), rest, value) if rest else value}


@pytest.mark.parametrize("path", CHANGES)
def test_every_field_changes_the_answer(tmp_path: Path, path: str) -> None:
    value, base = CHANGES[path]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert answer(tmp_path / "a", base) != answer(tmp_path / "b", changed(base, path, value))


def test_the_same_configuration_gives_the_same_answer(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert answer(tmp_path / "a", {}) == answer(tmp_path / "b", {})
