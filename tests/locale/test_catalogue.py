"""Every text of the program is in the Korean catalogue, translated, and in a form that can be shown."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from io import BytesIO
from string import Formatter

import pytest
from babel.messages.catalog import Message

from tests.locale.catalogue import LANGUAGES, compiled, extracted, messages_of, read, source_of, written

CHOICE_OF_PARTICLE = re.compile(r"\((이|가|은|는|을|를|과|와|으|로)\)")
"""A particle written both ways: the sentence is put so that it needs none."""

PARTICLE_AFTER_PLACEHOLDER = re.compile(r"(?<!\})\}[”\"']?(이|가|은|는|을|를|과|와|으로|로)(?=[\s,.])")
"""Right only for some values, so wrong for others."""

pytestmark = pytest.mark.parametrize("language", LANGUAGES)


def _ids(message: Message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple) else (message.id,)


def _texts(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def _pairs(language: str) -> Iterator[tuple[str, str]]:
    """Return each translation with the English that it stands for: of a plural the one for many."""
    for message in messages_of(read(language)):
        for text in _texts(message):
            yield _ids(message)[-1], text


def _fields(text: str) -> set[tuple[str, str | None, str | None]]:
    return {(name, spec, how) for _, name, spec, how in Formatter().parse(text) if name is not None}


def _key(message: Message) -> tuple[str | None, str | tuple[str, ...]]:
    return message.context, message.id


def test_holds_every_text_and_none_that_is_gone(language: str) -> None:
    kept = {_key(message) for message in messages_of(read(language))}
    wanted = {_key(message) for message in messages_of(extracted())}
    assert kept == wanted, "run: python -m tests.locale.catalogue update"
    assert not read(language).obsolete


def test_every_text_is_translated(language: str) -> None:
    messages = messages_of(read(language))
    assert len(messages) > 2000
    assert not [message.id for message in messages if not all(_texts(message))]
    assert not [message.id for message in messages if message.fuzzy]


def test_placeholders_are_the_same(language: str) -> None:
    assert not [(english, text) for english, text in _pairs(language) if _fields(english) != _fields(text)]


def test_a_singular_asks_for_nothing_that_the_plural_has_not(language: str) -> None:
    """One translation serves both forms, so what the code fills in for one it fills in for the other."""
    for message in messages_of(read(language)):
        assert _fields(_ids(message)[0]) <= _fields(_ids(message)[-1])


def test_space_and_line_breaks_are_the_same(language: str) -> None:
    def edges(text: str) -> tuple[str, str, int]:
        bare = text.strip()
        return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :], bare.count("\n")

    for english, text in _pairs(language):
        assert edges(english) == edges(text), english
        assert "  " not in text or "  " in english, english
        assert not re.search(r" [.,:;?!](\s|$)", text), text
        assert not re.search("[\u00a0\u200b\u3000\ufeff]", text), text


def test_no_fragment_becomes_a_sentence(language: str) -> None:
    for english, text in _pairs(language):
        assert english.endswith((".", "?")) or not text.endswith("."), english


def test_commands_and_options_are_named_as_they_are(language: str) -> None:
    for english, text in _pairs(language):
        for word in re.findall(r"dinotui [a-z]+(?: [a-z]+)?|--[a-z-]+[a-z]", english):
            if word in ("dinotui itself", "dinotui keeps", "dinotui has") or english.startswith(word + " "):
                continue
            first = word if word.startswith("--") else " ".join(word.split()[:2])
            assert first in text or not _is_command(first), (english, text)


def _is_command(word: str) -> bool:
    from dinotui.cli.commands import COMMANDS

    return word.startswith("--") or word.split()[1] in {name.split()[0] for name in COMMANDS if name}


def test_no_particle_depends_on_a_value(language: str) -> None:
    ends_alike = ("{order}으로",)  # the orders of dates all end in the same syllable
    for _, text in _pairs(language):
        assert not CHOICE_OF_PARTICLE.search(text), text
        found = PARTICLE_AFTER_PLACEHOLDER.search(text)
        assert not found or any(known in text for known in ends_alike), text


def test_the_compiled_catalogue_is_that_of_the_source(language: str) -> None:
    bytes_kept = source_of(language).with_suffix(".mo").read_bytes()
    assert bytes_kept == compiled(read(language)), "run: python -m tests.locale.catalogue compile"
    loaded = gettext.GNUTranslations(BytesIO(bytes_kept))
    for message in messages_of(read(language)):
        if message.context is None and isinstance(message.id, str):
            assert loaded.gettext(message.id) == message.string


def test_the_source_is_kept_as_the_command_writes_it(language: str) -> None:
    assert source_of(language).read_bytes() == written(read(language)), (
        "run: python -m tests.locale.catalogue update"
    )
