"""Sentences that are kept, told again in the language of now."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dinotui.domain.problems import CORRECTIONS, PROBLEMS, make_correction, make_problem
from dinotui.engine.importing.wording import problem_text
from dinotui.locale import N_, _, retold, use_language

ROWS = N_("{count:,} record of {source} was rejected and left out: {reason}")


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    use_language("en")


def _kept(language: str) -> list[tuple[str, dict[str, object]]]:
    """Return one of each problem and correction as it is kept, made in `language`."""
    use_language(language)
    details = {"limit": 90, "exit": "2024-01-01", "entry": "2024-01-02", "year": 1950, "days": 91}
    more = {"country": "일본 {x}", "row": "7", "first": "KR", "second": "KP"}
    found = [(code, make_problem(code, "notes", "“x” ([.", **details, **more)._asdict()) for code in PROBLEMS]
    return [*found, *((code, make_correction(code, "notes", "a", "b")._asdict()) for code in CORRECTIONS)]


@pytest.mark.parametrize(("then", "now"), [("en", "ko"), ("ko", "en"), ("ko", "ko")])
def test_every_problem_is_told_as_if_it_were_made_now(then: str, now: str) -> None:
    kept, wanted = _kept(then), _kept(now)
    use_language(now)
    for (code, problem), (_code, other) in zip(kept, wanted, strict=True):
        assert problem_text(problem) == other["message"], code


def test_a_text_without_values_needs_no_message() -> None:
    use_language("ko")
    korean = _("the header")
    assert korean != "the header"
    assert retold("the header") == korean
    assert retold(korean) == korean
    use_language("en")
    assert retold(korean) == "the header"


def test_what_is_recognised_as_nothing_stays_as_it_is() -> None:
    for language in ("ko", "en"):
        use_language(language)
        for text in ("", "내가 쓴 말", "words of my own", "90% (the header"):
            assert retold(text, ROWS, "The exit ({exit}) is before the entry ({entry}).") == text
