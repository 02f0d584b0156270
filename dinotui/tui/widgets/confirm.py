"""A question before what cannot be undone: it names what goes, and its yes is not the key that asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from textual import events

from dinotui.locale import _
from dinotui.tui.cells import clean, wrap
from dinotui.tui.keys import key_name, show_key
from dinotui.tui.widgets.line import Lines, Piece

_HELP: Final = ("f1", "question_mark")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `yes` says in translated words what `key` does; Esc does nothing, as `no` says."""

    text: str
    yes: str
    no: str
    answered: Callable[[bool], None]
    key: str = "1"


class ConfirmLine(Lines):
    """Asks one question above the footer and holds the focus until it is answered."""

    can_focus = True

    def __init__(self, closed: Callable[[], None]) -> None:
        super().__init__()
        self.question: Question | None = None
        self._when_closed = closed

    def ask(self, question: Question) -> None:
        """Show `question` and take the keys."""
        self.question = question
        self.display = True
        self.refresh(layout=True)
        self.focus()

    def lines(self, width: int) -> Sequence[Sequence[Piece]]:
        """Return the question and, on its own line, its two keys."""
        if self.question is None:
            return []
        text = wrap(clean(self.question.text), width - 4, 4)
        asked: list[list[Piece]] = [
            [(" ? " if number == 0 else "   ", "warn"), (line, "strong")] for number, line in enumerate(text)
        ]
        keys: list[Piece] = [
            ("   ", ""),
            (show_key(self.question.key), "key"),
            (" " + clean(self.question.yes), ""),
        ]
        return [*asked, [*keys, ("   ", ""), (_("Esc"), "key"), (" " + clean(self.question.no), "")]]

    def check_consume_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002 - Textual's signature
        """Take every key but those of help: a shortcut must not answer."""
        return self.question is not None and key not in _HELP

    def on_key(self, event: events.Key) -> None:
        """Answer with the one key that means yes, or with Esc."""
        if self.question is None or event.key in _HELP:
            return
        event.stop()
        event.prevent_default()
        if event.key == "escape":
            self.answer(yes=False)
        elif event.key == key_name(self.question.key):
            self.answer(yes=True)

    def answer(self, *, yes: bool) -> None:
        """Close the question and hand the answer on."""
        question, self.question = self.question, None
        self.display = False
        self._when_closed()
        if question is not None:
            question.answered(yes)
