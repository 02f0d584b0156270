"""`--preset NAME` and `dinotui preset …`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Dino

AGENCY = "Wohin,Von,Bis\nSpain,03.04.2024,05.04.2024\n"
CHOICES = (
    "--map",
    "Wohin=country",
    "--map",
    "Von=entryDate",
    "--map",
    "Bis=exitDate",
    "--set",
    "visaType=tourist",
)


def test_a_file_is_imported_as_last_time(dino: Dino, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(AGENCY)
    (tmp_path / "b.csv").write_text("Bis,Von,Wohin\n02.01.2025,01.01.2025,Peru\n")
    assert dino("import", "a.csv", *CHOICES, "--date-order", "dmy").code == 0
    refused = dino("import", "b.csv")
    assert refused.code == 1
    assert "--preset last" in refused.err
    assert dino("import", "b.csv", "--preset", "last", "--json").json["summary"]["imported"] == 1


def test_an_unknown_preset_is_wrong_usage(dino: Dino, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(AGENCY)
    ran = dino("import", "a.csv", "--preset", "agency")
    assert ran.code == 2
    assert "There is no preset" in ran.err
    assert dino("import", "a.csv", "--preset", "").code == 2


def test_presets_travel_as_a_file(dino: Dino, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(
        '{"dinotuiPresets": 1, "presets": [{"name": "agency v2", "columns": ["Wohin", "Von", "Bis"],'
        ' "dateOrder": "dmy", "constants": {"visaType": "tourist"}, "mapping": {"columns": ['
        '{"column": 0, "header": "Wohin", "field": "country"}, {"column": 1, "header": "Von", "field": "entryDate"},'
        '{"column": 2, "header": "Bis", "field": "exitDate"}]}}]}'
    )
    (tmp_path / "a.csv").write_text(AGENCY)
    (tmp_path / "c.csv").write_text("Country,Date\nSpain,2024-01-01\n")
    assert dino("preset", "import", "p.json").code == 0
    assert dino("preset", "import", "p.json").code == 2
    assert dino("preset", "list", "--json").json[0]["name"] == "agency v2"
    assert "Wohin → country" in dino("preset", "list").out
    assert dino("import", "a.csv", "--preset", "agency v2").code == 0
    misfit = dino("import", "c.csv", "--preset", "agency v2")
    assert misfit.code == 1
    assert "does not fit" in misfit.err
    unknown = dino("import", "a.csv", "--preset", "agency")
    assert unknown.code == 2
    assert "agency v2" in unknown.err
    assert dino("preset", "rename", "agency v2", "agency").code == 0
    assert dino("preset", "export", "-o", "out.json").code == 0
    assert dino("preset", "export", "-o", "out.json").code == 1
    assert (tmp_path / "out.json").stat().st_mode & 0o777 == 0o600
    assert dino("preset", "delete", "agency").code == 0
    assert dino("preset", "list").out == ""
    assert dino("preset", "import", "out.json").code == 0
    assert dino("preset", "export").json == dino("preset", "export", "agency").json
