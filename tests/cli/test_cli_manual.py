"""The manual page and the examples: nothing left out, nothing that is not so."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dinotui.cli.commands import COMMANDS, asked_for, parser_of
from dinotui.cli.shells.manual import page

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "dinotui" / "cli" / "data" / "dinotui.1"
MAKE = "python -m dinotui.cli.shells.manual > dinotui/cli/data/dinotui.1"
README = ROOT / "README.md"


def _sections(text: str, macro: str) -> dict[str, str]:
    """Return the parts of the page below each heading, as they are read."""
    plain = text.replace(r"\-", "-").replace(r"\[u2026]", "…")
    _before, *parts = re.split(rf"^\.{macro} ", plain, flags=re.MULTILINE)
    return {part.partition("\n")[0].strip('"'): part.partition("\n")[2] for part in parts}


def test_the_page_in_the_checkout_is_the_present_one() -> None:
    assert PAGE.read_text(encoding="ascii") == page(), f"make it anew: {MAKE}"


def test_how_to_make_the_page_is_documented_where_it_is_needed() -> None:
    assert MAKE in PAGE.read_text(encoding="ascii")
    assert MAKE in README.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name in COMMANDS if name])
def test_every_command_and_every_option_is_documented(name: str) -> None:
    commands = _sections(_sections(PAGE.read_text(encoding="ascii"), "SH")["COMMANDS"], "SS")
    common = _sections(PAGE.read_text(encoding="ascii"), "SH")["OPTIONS"]
    (told,) = [text for heading, text in commands.items() if re.match(rf"dinotui {name}(?! [a-z])", heading)]
    for action in parser_of(name).actions():
        for option in action.option_strings:
            assert rf"\fB{option}\fR" in told + common, option
            assert action.help
    assert f"dinotui {name}" in told.partition(".EX")[2], "it needs an example of its own"


def test_the_codes_are_those_of_the_readme() -> None:
    told = re.search(r"Exit codes: (.*?)\.\n", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert told is not None
    codes = _sections(PAGE.read_text(encoding="ascii"), "SH")["EXIT STATUS"]
    assert re.findall(r"\\fB(\d+)\\fR", codes) == [part.split()[0] for part in told[1].split(" · ")]


def test_every_variable_of_our_own_is_documented() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "dinotui").rglob("*.py"))
    read = set(re.findall(r"environ(?:\.get\(|\[)\"(\w+)\"", sources)) - {"TEXTUAL_COLOR_SYSTEM"}
    documented = _sections(PAGE.read_text(encoding="ascii"), "SH")["ENVIRONMENT"]
    assert {"DINOTUI_DB", "NO_COLOR"} <= read
    assert not [name for name in read if name not in documented]


@pytest.mark.parametrize(
    "command",
    [
        ["mandoc", "-Tlint", "-Wwarning"],
        ["groff", "-man", "-Tutf8", "-ww", "-z"],
        ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z"],
    ],
    ids=["mandoc", "groff", "man"],
)
def test_programs_that_show_the_page_have_nothing_to_say(command: list[str]) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run([*command, PAGE], capture_output=True, text=True)
    told = done.stderr + (done.stdout if command[0] == "mandoc" else "")
    assert [line for line in told.splitlines() if "missing date" not in line] == []


def _invocations(line: str) -> Iterator[list[str]]:
    """Yield the words of each dinotui that a shell would start for `line`."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] | None = None
    for token in [*lexer, ";"]:
        if token.startswith("$("):
            yield from _invocations(token[2:-1])
        if token and set(token) <= set("();<>|&"):
            if words is not None:
                yield words
            words = None
        elif token == "dinotui" and words is None:
            words = []
        elif words is not None:
            words.append(token)


def _read(words: list[str]) -> str:
    """Read a command line as the program does, and return the command; nothing is carried out."""
    asked = asked_for(words)
    assert not asked.group, words
    parser_of(asked.name).read([word for word in asked.words if word != "--help"], asked.literal)
    return asked.name


def test_the_commands_in_a_line_are_found() -> None:
    line = """TOKEN=$(dinotui token list --json | jq -r '.[0].id') ; dinotui import *.csv 'a b' > out  # why dinotui"""
    assert list(_invocations(line)) == [["token", "list", "--json"], ["import", "*.csv", "a b"]]
    assert list(_invocations('eval "$(dinotui completion bash)"')) == [["completion", "bash"]]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_example_is_a_line_that_the_program_reads(name: str) -> None:
    lines = parser_of(name).lines
    read = [_read(words) for line in lines for words in _invocations(line)]
    assert name in read
    assert len(read) >= len([line for line in lines if "dinotui " in line])


def test_every_line_of_the_readme_is_one_that_the_program_reads() -> None:
    text = README.read_text(encoding="utf-8").replace("\\\n", " ")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    read = [_read(words) for block in blocks for line in block.splitlines() for words in _invocations(line)]
    assert len(read) > 30
