"""`dinotui completion`: scripts that real shells understand, and that know what the parsers know."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dinotui.cli.completion import SHELLS
from dinotui.cli.shells.described import Described, Option, commands
from dinotui.domain.preferences import PREFERENCE_NAMES
from tests.cli.conftest import Dino
from tests.cli.shells import Asked, Fish, wanted

FILES = {"a.csv", "b.json", "folder", "with space.csv"}
STRATEGIES = {"merge", "replace", "skip-existing"}
OFFERED: list[tuple[str, set[str]]] = [
    ("dinotui tri", {"trip", "trips"}),
    ("dinotui trip ", {"add", "edit", "delete", "merge"}),
    ("dinotui --db x.db trip e", {"edit"}),
    ("dinotui --user=Kim token r", {"revoke"}),
    ("dinotui imp", {"import"}),
    ("dinotui import ", FILES),
    ("dinotui import a.csv wi", {"with space.csv"}),
    ("dinotui import --strat", {"--strategy"}),
    ("dinotui import --strategy ", STRATEGIES),
    ("dinotui import --strategy=", STRATEGIES),
    ("dinotui import a.csv --country Korea=KR --strategy=r", {"replace"}),
    ("dinotui import --json --on-duplicate k", {"keep-both"}),
    ("dinotui import --rejects ", FILES),
    ("dinotui import --rejects=wi", {"with space.csv"}),
    ("dinotui import --sheet ", set()),
    ("dinotui import -- --st", set()),
    ("dinotui import -- b", {"b.json"}),
    ("dinotui --db ", FILES),
    ("dinotui trips --db=b", {"b.json"}),
    ("dinotui trips --dup", {"--duplicates"}),
    ("dinotui export ", set()),
    ("dinotui export -o a", {"a.csv"}),
    ("dinotui export --no-b", {"--no-bom"}),
    ("dinotui export --level ", {"1", "2", "3", "4", "5"}),
    ("dinotui export --categories trips,p", {"trips,preferences"}),
    ("dinotui export --categories=trips,n", {"trips,notifications"}),
    ("dinotui history --kind re", {"restore", "redo"}),
    ("dinotui demo --keep ", {"folder"}),
    ("dinotui preset import ", FILES),
    ("dinotui preset import a.csv ", set()),
    ("dinotui backup restore --strategy replace ", FILES),
    ("dinotui backup restore --strategy replace a.csv ", set()),
    ("dinotui settings th", {"theme="}),
    ("dinotui settings ", {f"{name}=" for name in PREFERENCE_NAMES}),
    ("dinotui completion ", set(SHELLS)),
    ("dinotui completion bash ", set()),
    ("dinotui frobnicate ", set()),
]


def _script(dino: Dino, shell: str) -> str:
    ran = dino("completion", shell)
    assert (ran.code, ran.err) == (0, "")
    return ran.out


def spelled(option: Option) -> set[str]:
    return {name for name in option.names if name.startswith("--")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "here"
    (made / "folder").mkdir(parents=True)
    for name in FILES - {"folder"}:
        (made / name).touch()
    return made


@pytest.fixture(params=SHELLS)
def asked(
    request: pytest.FixtureRequest, dino: Dino, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Asked | Fish]:
    """Each shell in turn; it may complete as much as it likes, the program itself is not to be started."""
    shell = request.param
    wanted(shell)
    program = tmp_path / "bin" / "dinotui"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/started\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    script = _script(dino, shell)
    made = Fish(script, folder, tmp_path) if shell == "fish" else Asked(shell, script, folder, tmp_path)
    yield made
    made.close()
    assert not (tmp_path / "started").exists()


def test_a_shell_offers_what_belongs_in_the_place(asked: Asked | Fish) -> None:
    for line, expected in OFFERED:
        offered = asked.offered(line)
        if line.endswith(" "):  # zsh offers the options too where nothing else is left
            offered = {word for word in offered if not word.startswith("-")}
        assert offered == expected, line


def test_a_shell_offers_every_command_and_every_option(asked: Asked | Fish) -> None:
    known = commands()
    assert asked.offered("dinotui ") == {one.name.partition(" ")[0] for one in known if one.name}
    for one in known:
        options = asked.offered(f"dinotui {one.name} --".replace("  ", " "))
        assert options == {name for option in one.options for name in spelled(option)}, one.name


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_the_key_tab_completes_the_line(dino: Dino, shell: str, folder: Path, tmp_path: Path) -> None:
    wanted(shell)
    lines = (
        ("dinotui imp", "dinotui import "),
        ("dinotui export --format=c", "dinotui export --format=csv "),
        ("dinotui import wi", r"dinotui import with\ space.csv "),
        ("dinotui import --rejects=wi", r"dinotui import --rejects=with\ space.csv "),
        ("dinotui demo --keep fo", "dinotui demo --keep folder/"),
        ("dinotui settings them", "dinotui settings theme="),
    )
    with closing(Asked(shell, _script(dino, shell), folder, tmp_path)) as asked:
        assert [asked.line_after(line, "\t") for line, _after in lines] == [after for _line, after in lines]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_is_right(dino: Dino, shell: str, tmp_path: Path) -> None:
    path = tmp_path / "script"
    path.write_text(_script(dino, shell), encoding="utf-8")
    done = subprocess.run([wanted(shell), "-n", path], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_in_another_language_is_right_too(
    dino: Dino, shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Descriptions may hold any sign; here each is full of those that mean something to a shell."""
    hostile = "a'b\"c`d $(touch hit) [e] \\f: g; #h %i\\"
    monkeypatch.setattr("dinotui.locale._catalogue", lambda: _Hostile(hostile))
    path = tmp_path / "script"
    ran = dino("completion", shell)
    path.write_text(ran.out, encoding="utf-8")
    shell_path = wanted(shell)
    before = "compdef() { :; };" if shell == "zsh" else ""
    for command in ([shell_path, "-n", path], [shell_path, "-c", f"{before} source {path}"]):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
    assert not (tmp_path / "hit").exists()


class _Hostile:
    def __init__(self, text: str) -> None:
        self._text = text

    def gettext(self, message: str) -> str:
        return message if "{" in message else self._text.replace("%", "%%")

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        return singular if count == 1 else plural


def _call(words: list[str]) -> str:
    quoted = " ".join(f"'{word}'" for word in words)
    return f"ask {quoted}"


def test_in_bash_the_function_answers_for_every_value(dino: Dino, tmp_path: Path) -> None:
    """Called as readline calls it: COMP_WORDS, COMP_CWORD, and compopt to say that a path belongs there."""
    bash = wanted("bash")
    places = [(one, option) for one in commands() for option in one.options if option.value is not None]
    (tmp_path / "script").write_text(_script(dino, "bash"), encoding="utf-8")
    ask = (
        "set -eu; source ./script\n"
        "compopt() { said=$2; }\n"
        'ask() { COMP_WORDS=("$@" \'\'); COMP_CWORD=$#; COMP_LINE="$* "; COMP_POINT=${#COMP_LINE}; said=;'
        ' _dinotui; echo "$said|${COMPREPLY[*]-}"; }\n'
    )
    lines = [_call(["dinotui", *one.name.split(), option.names[0]]) for one, option in places]
    done = subprocess.run(
        [bash, "-c", ask + "\n".join(lines)], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    for (one, option), told in zip(places, done.stdout.splitlines(), strict=True):
        assert told == _answer(one, option), (one.name, option.names)


def _answer(one: Described, option: Option) -> str:
    value = option.value
    assert value is not None
    if not one.name and not option.common:
        return "|"
    said = {"file": "default", "folder": "dirnames", "several": "nospace"}.get(value.kind, "")
    return f"{said}|{' '.join(value.names)}"


def test_an_unknown_shell_is_a_sentence(dino: Dino) -> None:
    ran = dino("completion", "tcsh")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "SHELL: There is no “tcsh”. Choose bash, zsh or fish.\n"
    assert dino("completion").code == 2
    assert dino("completion", "bash", "--json").error["where"] == "--json"
