"""Real shells that have read the completion script, each asked what it would offer for a line."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import time
from pathlib import Path
from typing import Final

import pexpect
import pytest

SETUP: Final = {
    "bash": r"""
report() { printf '%s\n' "$READLINE_LINE" >report.new; mv report.new report; READLINE_LINE=; READLINE_POINT=0; }
bind -x '"\C-xr": report'
bind '"\C-xa": insert-completions'
bind 'set bell-style none'
""",
    "zsh": r"""
zle -C all-matches complete-word _generic
zstyle ':completion:all-matches:*' insert yes
zstyle ':completion:all-matches::::' completer _all_matches _complete
report() { print -r -- "$BUFFER" >report.new; mv report.new report; BUFFER='' }
zle -N report
bindkey '^Xr' report
bindkey '^Xa' all-matches
""",
}
"""Two keys: one puts everything that is offered into the line, one writes the line into a file."""

COMMANDS: Final = {
    "bash": ("bash", "--noprofile", "--norc", "-i"),
    "zsh": ("zsh", "-f", "-i"),
}
BEFORE: Final = {"bash": "", "zsh": "autoload -Uz compinit; compinit -D -u\n"}


def wanted(name: str) -> str:
    """Return the path of a program; the test is skipped where there is none."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def plain(word: str) -> str:
    """Return what is offered without the option in front of it, and without a sign that more may follow."""
    return re.sub(r"^--[a-z-]+=(?=.)|(?<=^--)([a-z-]+)=$", r"\1", word).rstrip("/,")


class Asked:
    """A shell with a line editor, at work in a terminal of its own, in `folder`."""

    def __init__(self, shell: str, script: str, folder: Path, work: Path) -> None:
        wanted(shell)
        self._report = folder / "report"
        (work / "script").write_text(script, encoding="utf-8")
        text = f"{BEFORE[shell]}source {work}/script\n{SETUP[shell]}\n"
        (work / "rc").write_text(text, encoding="utf-8")
        command, *words = COMMANDS[shell]
        env = {**os.environ, "TERM": "dumb", "LC_ALL": "C.UTF-8"}
        self._child = pexpect.spawn(
            command, words, cwd=str(folder), env=env, encoding="utf-8", timeout=60, dimensions=(50, 200)
        )
        self._child.sendline(f"source {work}/rc; echo rea''dy")
        self._child.expect_exact("\nready")

    def line_after(self, line: str, key: str) -> str:
        """Return the line that stands there after `key` was pressed behind `line`."""
        self._report.unlink(missing_ok=True)
        self._child.send(f"{line}{key}\x18r")
        deadline = time.monotonic() + 60
        while not self._report.exists():
            assert time.monotonic() < deadline, (line, self._child.buffer)
            self._child.expect([pexpect.TIMEOUT, ".+"], timeout=0.02)
        return self._report.read_text(encoding="utf-8").rstrip("\n")

    def offered(self, line: str) -> set[str]:
        """Return all that is offered for the last word of `line`."""
        after = shlex.split(self.line_after(line, "\x18a"))
        before = shlex.split(line if line.endswith(" ") else line.rpartition(" ")[0])
        return {plain(word) for word in after[len(before) :]} - {plain(line.rpartition(" ")[2])}

    def close(self) -> None:
        """End the shell."""
        self._child.close(force=True)


class Fish:
    """Fish, which says by itself what it would offer."""

    def __init__(self, script: str, folder: Path, work: Path) -> None:
        self._fish = wanted("fish")
        self._folder = folder
        self._script = work / "script.fish"
        self._script.write_text(script, encoding="utf-8")

    def offered(self, line: str) -> set[str]:
        """Return all that is offered for the last word of `line`."""
        command = [self._fish, "-c", "source $argv[1]; complete -C $argv[2]", str(self._script), line]
        done = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, ""), done
        return {plain(told.partition("\t")[0]) for told in done.stdout.splitlines()}

    def close(self) -> None:
        """Nothing runs between two questions."""
