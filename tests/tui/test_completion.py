"""What a half-typed country is completed to."""

from __future__ import annotations

import pytest

from dinotui.tui.completion import offers_for


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("j", ()),
        ("ja", ("Japan JP", "Jamaica JM")),
        ("jap", ("Japan JP",)),
        ("일", ("Japan JP",)),
        ("united s", ("United States US",)),
        ("Jpan", ("Japan JP",)),
        ("Japan", ()),
    ],
)
def test_a_country_is_completed_by_its_beginning_then_by_nearness(
    typed: str, offered: tuple[str, ...]
) -> None:
    shown = offers_for("country", typed).shown
    assert shown[: len(offered)] == offered
    assert bool(shown) == bool(offered)
