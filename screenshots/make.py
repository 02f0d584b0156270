"""Make the pictures of the README from the real app: ``python screenshots/make.py``."""

from __future__ import annotations

import asyncio
import datetime as dt
import html
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dinotui.tui.screens.base import DinoScreen

HERE = Path(__file__).parent
SIZE = (100, 28)
CELL = 12.2  # width of a character cell in Rich's SVG
os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
os.environ.pop("NO_COLOR", None)


WIDE = r"\u1100-\u115f\u2e80-\ud7af\uf900-\ufaff\uff00-\uff60"
RUNS = re.compile(f"[{WIDE}]+|[^{WIDE}]+")
TEXT = re.compile(
    r'<text (?P<style>class="[^"]*") x="(?P<x>[^"]*)" (?P<y>y="[^"]*") textLength="[^"]*" '
    r"(?P<clip>[^>]*)>(?P<text>[^<]*)</text>"
)


def corrected(svg: str) -> str:
    """Give every text the width of its cells (wide characters count two) and load no font from elsewhere."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"terminal-\d+", "terminal-1", svg)
    return TEXT.sub(pieces, svg)


def pieces(match: re.Match[str]) -> str:
    """Place runs of narrow and of wide characters one by one, so that none stretches the other."""
    from rich.cells import cell_len

    at, found = float(match["x"]), []
    for run in RUNS.findall(html.unescape(match["text"])):
        width = cell_len(run) * CELL
        text = html.escape(run).replace(" ", "&#160;")
        place = f'x="{at:.1f}" {match["y"]} textLength="{width:.1f}" lengthAdjust="spacingAndGlyphs"'
        found.append(f"<text {match['style']} {place} {match['clip']}>{text}</text>")
        at += width
    return "".join(found)


async def shoot(
    database: Path, user: str, steps: list[tuple[str, tuple[str, ...]]], file: Path | None = None
) -> None:
    """Open the app (on an import of `file`), press the keys of each step, and save its picture."""
    import dinotui.tui  # noqa: F401 - sets the terminal up before Textual is loaded
    from dinotui.storage.store import Store
    from dinotui.tui import doors
    from dinotui.tui.start import make_app

    def opening(home: DinoScreen) -> None:
        if file is not None:
            doors.open_import(home, [file])

    with Store(database, user) as store:
        app = make_app(store, opening=opening)
        async with app.run_test(size=SIZE) as pilot:
            for name, keys in (("", ()), *steps):
                for key in keys:
                    await pilot.press(key)
                    await settle(pilot)
                await settle(pilot)
                if name:
                    (HERE / f"{name}.svg").write_text(corrected(app.export_screenshot()), encoding="utf-8")


async def settle(pilot: object) -> None:
    """Wait until no job runs and the screen is drawn."""
    for _look in range(300):
        await pilot.pause(0.02)  # type: ignore[attr-defined]
        if not pilot.app.jobs.all:  # type: ignore[attr-defined]
            break
    await pilot.pause(0.1)  # type: ignore[attr-defined]


async def main() -> None:
    """Make every picture."""
    from dinotui.engine.demo import AGENCY_FILE, build_demo

    with tempfile.TemporaryDirectory() as folder:
        demo = build_demo(Path(folder), dt.datetime.now(dt.UTC).date())
        file = demo.files / AGENCY_FILE
        await shoot(demo.database, demo.user, [("home", ()), ("trips", ("1",))])
        await shoot(
            demo.database, demo.user, [("countries", ()), ("import-plan", ("n",)), ("review", ("n",))], file
        )


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))
    asyncio.run(main())
