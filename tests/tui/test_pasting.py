"""What a paste means: paths in every form terminals give them, and bursts of keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from dinotui.tui.paste import Burst, dropped_paths

HERE = {"/t/a.csv", "/t/b c.csv", "/t/가 나.json", "notes.csv"}


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("/t/a.csv", ["/t/a.csv"]),
        ("/t/a.csv \r\n", ["/t/a.csv"]),
        ("'/t/b c.csv'", ["/t/b c.csv"]),
        ('"/t/b c.csv" ', ["/t/b c.csv"]),
        (r"/t/b\ c.csv", ["/t/b c.csv"]),
        ("/t/b c.csv", ["/t/b c.csv"]),
        ("file:///t/b%20c.csv", ["/t/b c.csv"]),
        ("file://localhost/t/%EA%B0%80%20%EB%82%98.json\n", ["/t/가 나.json"]),
        ("/t/a.csv '/t/b c.csv'", ["/t/a.csv", "/t/b c.csv"]),
        ("/t/a.csv\n/t/b c.csv\n", ["/t/a.csv", "/t/b c.csv"]),
        ("/t/a.csv /t/a.csv", ["/t/a.csv"]),
        ("notes.csv", ["notes.csv"]),
        ("/not/there.csv", ["/not/there.csv"]),
        ("", []),
        ("quit", []),
        ("/", []),
        ("/jap", []),
        ("/trips.csv", ["/trips.csv"]),
        ("Tokyo / Osaka", []),
        ("it's a trip", []),
        ("first line\n/t/a.csv", []),
        ("x" * 70_000, []),
    ],
)
def test_paths_are_found_in_what_terminals_paste(
    text: str, paths: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.path.isfile", lambda path: path in HERE)
    assert dropped_paths(text, exists=lambda path: path in HERE) == tuple(map(Path, paths))


def test_a_path_that_may_be_meant_as_text_counts_only_when_it_is_there() -> None:
    assert dropped_paths("/not/there.csv", certain=False, exists=lambda _path: False) == ()
    assert dropped_paths("/t/a.csv", certain=False, exists=lambda _path: True) == (Path("/t/a.csv"),)
    assert dropped_paths("notes", certain=False, exists=lambda path: path == "notes") == ()


def pressed(burst: Burst, text: str, gap: float, start: float = 0.0) -> list[tuple[list[object], str]]:
    """Press the keys of `text` with `gap` seconds between them; return what was let go."""
    released = []
    now = start
    for sign in text:
        if burst.due(now):
            released.append(burst.release())
        burst.key(sign, sign, now)
        now += gap
    if burst.due(now + burst.window):
        released.append(burst.release())
    return released


def test_what_comes_at_once_is_a_paste_and_what_is_typed_is_keys() -> None:
    assert pressed(Burst(), "quit\rdel", 0.001) == [([], "quit\ndel")]
    assert pressed(Burst(), "quit", 0.05) == [([sign], "") for sign in "quit"]
    assert pressed(Burst(), "ab", 0.001) == [(["a", "b"], "")], "two keys in one packet are keys"
    assert pressed(Burst(), "jjjj", 0.001) == [(list("jjjj"), "")], "a key held down on a slow line"


def test_a_repeating_key_is_let_go_in_time() -> None:
    released = pressed(Burst(), "j" * 100, 0.01)
    assert sum(len(keys) for keys, _text in released) == 100
    assert max(len(keys) for keys, _text in released) < 12
