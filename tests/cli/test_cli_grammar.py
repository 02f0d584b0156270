"""Which command lines make sense, and what is said of those that do not (SPEC.md 6)."""

from __future__ import annotations

import re
import typing
from pathlib import Path

import pytest

from dinotui import __version__
from dinotui.cli import export_options, import_options
from dinotui.cli.commands import COMMANDS
from dinotui.cli.tables import width
from dinotui.domain import configuration
from dinotui.domain.settings import DateOrder
from tests.cli.conftest import Dino, FakeApp

NAMES = [name for name in COMMANDS if name]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_command_explains_itself_with_examples(dino: Dino, name: str, flag: str, db: Path) -> None:
    ran = dino(*name.split(), flag)
    assert (ran.code, ran.err) == (0, "")
    assert f"dinotui {name}" in ran.out
    assert "Examples:" in ran.out
    assert "--db PATH" in ran.out
    assert not db.exists()


def test_the_overview_names_every_command(dino: Dino) -> None:
    ran = dino("--help")
    assert all(f"dinotui {name} " in ran.out for name in NAMES)
    group = dino("trip", "--help")
    assert "trip add" in group.out
    assert "import" not in group.out


@pytest.mark.parametrize("words", [["--version"], ["trips", "--version"]])
def test_the_version(dino: Dino, words: list[str]) -> None:
    assert dino(*words).out == f"dinotui {__version__}\n"


WRONG = [
    (["trpis"], "Did you mean “trips”?"),
    (["trip"], "trip add, trip edit, trip delete"),
    (["trip", "frobnicate"], "There is no command “trip frobnicate”"),
    (["trips", "--foo"], "There is no option --foo here. See: dinotui trips --help."),
    (["trips", "--foo=bar"], "There is no option --foo here"),
    (["trips", "extra"], "“extra” is one word too many"),
    (["trips", "--from"], "--from: This option needs a value"),
    (["trips", "--from", "yesterday"], "--from: “yesterday” is no date. Write it as YYYY-MM-DD"),
    (["trips", "--to", "2024-02-30"], "--to: “2024-02-30” is no date"),
    (["trips", "--from", "2024-05-01", "--to", "2024-04-01"], "Swap --from and --to"),
    (["trips", "--json=yes"], "--json: This option takes no value"),
    (["demo", "--db", "x"], "--db: The demo has a database"),
    (["trips", "--user", " "], "--user: A user needs a name."),
    (["import"], "FILE is missing. See: dinotui import --help."),
    (
        ["import", "x", "--strategy", "burn"],
        "--strategy: There is no “burn”. Choose merge, replace or skip-existing.",
    ),
    (["import", "x", "--duplicates", "maybe"], "--duplicates: There is no “maybe”"),
    (["import", "x", "--on-duplicate", "x"], "Choose skip, update, prompt or keep-both."),
    (["import", "x", "--threshold", "0.5"], "--threshold: “0.5” is no number from 0.6 to 1.0."),
    (["import", "x", "--threshold", "nan"], "“nan” is no number"),
    (
        ["import", "x", "--criteria", "colour"],
        "--criteria: There is no “colour”. There are: country, entryDate",
    ),
    (["import", "x", "--criteria", ","], "Name at least one of"),
    (["import", "x", "--date-order", "ydm"], "Choose dmy, mdy or ymd."),
    (["import", "x", "--partial-dates", "guess"], "Choose reject, first or last."),
    (["import", "x", "--backup-format", "zip"], "Choose json, sql or sqlite."),
    (["import", "x", "--strategy", "replace", "--no-backup"], "A replace always makes a backup first."),
    (["import", "x", "--rejects", "-"], "--rejects: Name a file for the rejects"),
    (["import", "-", "-"], "Standard input can be read only once."),
    (["export", "--format", "pdf"], "Choose json, csv or xlsx."),
    (["export", "--categories", "photos"], "There are: trips, preferences, notifications, analytics."),
    (["export", "--compress", "rar"], "Choose gzip or zip."),
    (["export", "--compress", "zip", "--level", "9"], "--level: “9” is no whole number from 1 to 5."),
    (["export", "--level", "3"], "--level: This goes with --compress"),
    (["export", "-o", ""], "-o: Name a file"),
    (["export", "--format", "csv", "--categories", "preferences"], "A CSV file holds trips only."),
    (["trip", "edit", "1"], "Say what to change"),
    (["trip", "edit", "--notes", "x"], "ID is missing"),
    (["trip", "delete"], "ID is missing"),
    (["show"], "ID is missing"),
    (["undo", "a", "b"], "“b” is one word too many"),
    (["review", "--list", "--discard"], "--list: This stands alone."),
    (["review", "--discard"], "Name the import that is to go."),
]


WRONG_AS_JSON = [
    (["trips", "--json", "--foo"], "unknown-option", None),
    (["--json", "trpis"], "unknown-command", None),
    (["import", "--json", "x", "--threshold", "2"], "usage", "--threshold"),
    (["export", "-o", "-", "--json"], "usage", "--json"),
    (["trips", "--from", "--json"], "usage", "--from"),
    (["review", "--json"], "usage", "--json"),
    (["--json"], "usage", None),
    (["demo", "--json"], "usage", "--json"),
]


def _named(value: object) -> str:
    return " ".join(value) if isinstance(value, list) else ""


@pytest.mark.parametrize(("words", "said"), WRONG, ids=_named)
def test_wrong_usage_is_code_2_and_a_sentence(dino: Dino, words: list[str], said: str) -> None:
    ran = dino(*words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(("words", "code", "where"), WRONG_AS_JSON, ids=_named)
def test_wrong_usage_as_json(dino: Dino, words: list[str], code: str, where: str | None) -> None:
    ran = dino(*words)
    assert (ran.code, ran.err) == (2, "")
    assert set(ran.error) == {"code", "message", "where"}
    assert (ran.error["code"], ran.error["where"]) == (code, where)


@pytest.mark.parametrize(
    "words",
    [
        ["--db", "{db}", "--user", "Kim", "trips", "--json"],
        ["trips", "--db", "{db}", "--json", "--user", "Kim"],
        ["--json", "--user=Kim", "trips", "--db={db}"],
    ],
)
def test_options_for_every_command_stand_anywhere(dino: Dino, words: list[str], tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    ran = dino(*(word.format(db=other) for word in words))
    assert (ran.code, ran.json) == (0, [])
    assert other.exists()


def test_words_behind_two_dashes_are_no_options(dino: Dino, tmp_path: Path) -> None:
    (tmp_path / "--json").write_text("Country,Entry Date,Visa Type\nPeru,2024-03-02,work\n")
    ran = dino("import", "--", "--json")
    assert ran.code == 0
    assert ran.out.startswith("Imported --json: 1 record\n")


def test_the_database_is_the_option_then_the_variable_then_the_data_folder(
    dino: Dino, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DINOTUI_DB")
    dino("trips")
    assert (tmp_path / "home" / "XDG_DATA_HOME" / "dinotui" / "dinotui.db").is_file()
    monkeypatch.setenv("DINOTUI_DB", "~/by-variable.db")
    dino("trips")
    assert (tmp_path / "home" / "HOME" / "by-variable.db").is_file()
    dino("trips", "--db", "by-option.db")
    assert (tmp_path / "by-option.db").is_file()


def test_a_name_that_is_new_to_a_database_is_said(dino: Dino) -> None:
    assert dino("trips", "--user", "Kim").err == "There are no such trips. Add one with: dinotui trip add.\n"
    words = ("trip", "add", "--country", "Peru", "--entry", "2024-01-02", "--visa-type", "work")
    assert dino(*words, "--user", "Kin", "--json").err.startswith("Kin is a new user of this database")
    assert dino("trips", "--user", "Kin", "--json").err == ""


READING = (
    "trips", "stats", "history", "messages", "settings", "profiles", "undo", "redo", "check", "export -o -",
    "trip delete 1", "backup list", "backup create", "preset list", "token list", "review --list", "show x",
)  # fmt: skip
WRITING = ("settings dateFormat=DD.MM.YYYY", "import five.csv", "profile save mine", "token create phone")


@pytest.mark.parametrize("words", READING)
def test_a_name_that_no_user_has_is_a_slip_where_nothing_is_brought(two_trips: Dino, words: str) -> None:
    own = two_trips("settings", "--json").json
    ran = two_trips(*words.split(), "--user", "Kin")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("--user: There is no user Kin in this database. There are: ")
    added = two_trips("import", "five.csv", "--user", "Kin", "--dry-run", "--json")
    assert "no such file" in added.error["message"]
    assert two_trips(*words.split(), "--user", "Kin").code == 1
    assert two_trips("settings", "--json").json == own


@pytest.mark.parametrize("words", WRITING)
def test_what_brings_something_may_bring_a_user(two_trips: Dino, five: Path, words: str) -> None:
    ran = two_trips(*words.split(), "--user", "Kin")
    assert ran.code in (0, 3)
    assert "Kin is a new user of this database" in ran.err
    assert two_trips("trips", "--user", "Kin").code == 0


def test_values_are_written_in_any_case_and_with_or_without_hyphens(dino: Dino, five: Path) -> None:
    words = ("--strategy", "skipExisting", "--on-duplicate", "KEEP_BOTH", "--criteria", "Entry Date,country")
    assert dino("import", five, *words, "--dry-run").code == 0


def test_the_choices_are_those_of_the_domain() -> None:
    assert set(import_options.DETECTIONS) <= set(typing.get_args(configuration.Detection))
    assert import_options.CRITERIA == configuration.CRITERIA
    assert set(export_options.FORMATS) == set(typing.get_args(configuration.ExportFormat))
    assert export_options.CATEGORIES == configuration.CATEGORIES
    assert set(typing.get_args(DateOrder)) == {"dmy", "mdy", "ymd"}


def test_alone_it_opens_the_app(dino: Dino, app: FakeApp, db: Path) -> None:
    assert dino().code == 0
    assert dino("--user", "Kim", "--mouse").code == 0
    common = {"database": db, "open_review": None, "demo_files": None}
    assert app.opened == [
        {**common, "user": None, "mouse": False},
        {**common, "user": "Kim", "mouse": True},
    ]


def test_alone_without_a_terminal_it_says_so_and_makes_no_database(
    dino: Dino, app: FakeApp, db: Path
) -> None:
    app.refusal = "It needs a terminal."
    ran = dino()
    assert (ran.code, ran.out, ran.err) == (1, "", "It needs a terminal.\n")
    assert not db.exists()


def test_messages_follow_the_language_of_the_user(dino: Dino, monkeypatch: pytest.MonkeyPatch) -> None:
    from dinotui.locale import language

    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    dino("trips")
    assert language() == "ko"
    monkeypatch.setenv("LANG", "xx")
    dino("trips")
    assert language() == "en"


@pytest.mark.parametrize("command", ["", "import", "export", "backup prune", "stats", "serve"])
def test_help_in_korean_is_korean_and_fits(dino: Dino, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    monkeypatch.setenv("COLUMNS", "80")
    shown = dino(*command.split(), "--help").out
    for word in ("usage", "Usage", "options", "Options", "arguments", "default", "show this"):
        assert word not in shown
    examples = shown.index("예:")
    assert "사용법: dinotui" in shown
    assert "옵션:" in shown
    assert not [line for line in shown[:examples].split("\n") if width(line) > 80]


def test_errors_of_the_command_line_are_korean(dino: Dino, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    for words in (
        ("import", "--threshold"),
        ("import", "--json=3", "a.csv"),
        ("import", "--strategy", "foo", "a.csv"),
        ("import",),
        ("export", "--nope"),
        ("export", "--from", "soon"),
        ("impor",),
        ("backup",),
    ):
        ran = dino(*words)
        assert ran.code == 2
        assert re.search("[가-힣]", ran.err), ran.err
        assert not re.search(r"\b(is|the|no|not|an?|expected|argument|invalid|choose)\b", ran.err), ran.err


def test_a_stream_that_shows_ascii_only_is_spoken_to_in_english(
    dino: Dino, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dinotui.cli.output import Output
    from dinotui.locale import language

    monkeypatch.setenv("LANG", "ko_KR.EUC-KR")
    monkeypatch.setattr(Output, "letters", property(lambda _output: False))
    dino("trips")
    assert language() == "en"


OPTIONS = {
    "import": "--strategy --duplicates --threshold --on-duplicate --criteria --map --set --date-order --encoding"
    " --sheet --partial-dates --rule --rules --country --strict --stop-on-invalid --rejects --no-backup"
    " --backup-format --dry-run --yes",
    "review": "--list --discard",
    "export": "--format --categories --from --to --compress --level --exclude-personal --anonymize --no-metadata"
    " --no-bom -o --force",
    "trips": "--country --from --to",
    "trip add": "--country --entry --exit --visa-type --max-days --passport --notes",
    "trip edit": "--country --entry --exit --visa-type --max-days --passport --notes",
    "trip delete": "",
    "stats": "",
    "history": "",
    "show": "",
    "undo": "",
    "redo": "",
    "demo": "",
}
"""The options of SPEC.md 6, to the letter; every command also takes --db, --user and --json."""


@pytest.mark.parametrize("name", OPTIONS)
def test_the_options_are_those_of_the_specification(dino: Dino, name: str) -> None:
    told = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", dino(*name.split(), "--help").out))
    assert {*OPTIONS[name].split(), "--db", "--user", "--json"} <= told
