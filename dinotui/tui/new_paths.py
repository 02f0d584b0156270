"""The path of a file that is to be new: one to suggest, one that was typed, and what is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from dinotui.locale import _


def free_path(folder: Path, stem: str, ending: str) -> Path:
    """Return a path that is not taken: ``stem.ending``, ``stem-2.ending`` …"""
    candidate, number = folder / f"{stem}.{ending}", 2
    while os.path.lexists(candidate):
        candidate, number = folder / f"{stem}-{number}.{ending}", number + 1
    return candidate


def typed_path(values: Mapping[str, str]) -> Path:
    """Return the path that was typed into the field ``path``."""
    return Path(os.path.expanduser(values["path"].strip())).absolute()


def new_file_faults(values: Mapping[str, str]) -> dict[str, str]:
    """Return what keeps the typed path from being a new file, under the field's name; nothing where all is well."""
    path = typed_path(values)
    if not values["path"].strip() or path.is_dir():
        return {"path": _("Name a file.")}
    if not path.parent.is_dir():
        return {"path": _("There is no folder {folder}.").format(folder=path.parent)}
    if os.path.lexists(path):
        return {"path": _("This file exists already. Choose another name, so that nothing in it is lost.")}
    return {}
