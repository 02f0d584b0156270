"""Where the style sheets are: in a checkout beside the package, in an installation inside it."""

from __future__ import annotations

from pathlib import Path

import dinotui


def styles_folder() -> Path:
    """Return the folder of the style sheets.

    The checkout's own folder wins: an editable installation can leave a stale copy in site-packages.
    """
    package = Path(dinotui.__file__).resolve().parent
    checkout = package.parent / "styles"
    if (checkout / "app.tcss").is_file() and (package.parent / "pyproject.toml").is_file():
        return checkout
    return package / "styles"


def style_sheets() -> list[Path]:
    """Return every style sheet, ``app.tcss`` (the shared rules) first."""
    folder = styles_folder()
    first = folder / "app.tcss"
    return [first, *sorted(path for path in folder.glob("*.tcss") if path != first)]
