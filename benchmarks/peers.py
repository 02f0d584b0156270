"""The programs beside which dinotui is measured, each in an environment of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

PACKAGES: Final = {
    "sqlite-utils": ("sqlite-utils==4.2.1",),
    "splink": ("splink==5.0.0",),
    "ijson": ("ijson==3.6.0",),
    "openpyxl": ("openpyxl==3.1.5",),
    "XlsxWriter": ("XlsxWriter==3.3.1",),
    "visidata": ("visidata==3.4",),
    "pandas": ("pandas==3.1.1",),
    "posting": ("posting==2.11.1",),
    "harlequin": ("harlequin==2.17.0",),
}


class Missing(Exception):
    """A peer is not there and cannot be installed."""


class Peers:
    """Installs peers into `folder` when they are first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def program(self, peer: str, name: str) -> Path:
        """Return a program of a peer's environment, which is made where it is missing."""
        place = self._folder / peer
        ready = place / "ready"
        wanted = "\n".join(PACKAGES[peer])
        if not ready.exists() or ready.read_text() != wanted:
            venv.create(place, with_pip=True, clear=True)
            command: list[str | Path] = [
                place / "bin" / "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ]
            made = subprocess.run([*command, *PACKAGES[peer]], capture_output=True, text=True, check=False)
            if made.returncode:
                raise Missing(f"{peer} cannot be installed: {made.stderr[-500:]}")
            ready.write_text(wanted)
        return place / "bin" / name

    def python(self, peer: str) -> Path:
        """Return the interpreter of a peer's environment."""
        return self.program(peer, "python")

    def sqlite3(self) -> Path:
        """Return the sqlite3 shell; raises `Missing` where the system has none."""
        found = shutil.which("sqlite3")
        if found is None:
            raise Missing("there is no sqlite3 shell: install the Debian package sqlite3")
        return Path(found)


def bare_python() -> str:
    """Return the interpreter that dinotui runs on."""
    return sys.executable
