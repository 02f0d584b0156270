"""Use an installed dinotui as a user would, away from the checkout; run by .ci/run with the wheel's Python."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import tempfile
import time
from importlib.resources import files
from pathlib import Path

DINOTUI = str(Path(sys.executable).with_name("dinotui"))


def run(*arguments: str, expect: int = 0) -> str:
    done = subprocess.run([DINOTUI, *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == expect, (arguments, done.returncode, done.stderr)
    return done.stdout


def screen_of(arguments: list[str], environment: dict[str, str], until: bytes) -> bytes:
    """Start the app in a terminal of its own and return what it sent until `until` was seen."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(environment)
        os.execv(DINOTUI, [DINOTUI, *arguments])
    seen = b""
    deadline = time.monotonic() + 30
    while until not in seen and time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                seen += os.read(terminal, 65_536)
            except OSError:
                break
    os.kill(child, 15)
    os.waitpid(child, 0)
    return seen


def main() -> None:
    package = files("dinotui")
    assert "site-packages" in str(package), package
    data = ("styles/app.tcss", "py.typed", "domain/data/countries.json", "formats/data/headers.json")
    for name in (*data, "locale/ko/LC_MESSAGES/dinotui.mo"):
        assert (package / name).is_file(), name
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DINOTUI_DB"] = f"{folder}/dinotui.db"
        os.environ["XDG_STATE_HOME"] = folder
        assert run("--version").startswith("dinotui ")
        manual = Path(sys.prefix, "share", "man", "man1", "dinotui.1").read_text(encoding="ascii")
        assert ".SH NAME" in manual
        for shell in ("bash", "zsh", "fish"):
            assert "skip-existing" in run("completion", shell), shell
        assert "dinotui completion SHELL" in manual
        file = Path(folder, "stays.csv")
        rows = "Country,Entry Date,Visa Type\nJapan,2024-01-02,tourist\n일본,2025-01-02,work\n"
        file.write_text(rows, encoding="utf-8")
        result = json.loads(run("import", str(file), "--json"))
        assert result["summary"]["imported"] == 2, result
        assert [trip["countryCode"] for trip in json.loads(run("trips", "--json"))] == ["JP", "JP"]
        os.environ["LC_ALL"] = "ko_KR.UTF-8"
        assert "되살리려면" in run("trip", "delete", "2")
        os.environ["LC_ALL"] = "C.UTF-8"
        run("undo")
        run("undo")
        assert json.loads(run("trips", "--json")) == []
        terminal = {"TERM": "xterm-256color", "LINES": "24", "COLUMNS": "80", "LANG": "C.UTF-8"}
        seen = screen_of([], terminal, b"help")
        assert b"help" in seen, seen[-500:]
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()
