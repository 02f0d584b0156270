"""Deciding all conflicts like the one in sight in the same way: asked with count and preview, taken back as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from dinotui.engine.importing import deciding, preview, rules
from dinotui.engine.importing.deciding import Conflict, DecisionAction
from dinotui.engine.importing.rules import Rule
from dinotui.engine.progress import Report, Stop
from dinotui.locale import _, ngettext
from dinotui.storage.store import Store
from dinotui.tui.glyphs import glyphs
from dinotui.tui.review_words import action_text
from dinotui.tui.rows import field_label
from dinotui.tui.widgets.confirm import Question

if TYPE_CHECKING:
    from dinotui.tui.screens.review import ReviewScreen

_NAMED: Final = 3


def ask_alike(screen: ReviewScreen, rule: Rule = "fields") -> None:
    """Ask whether to decide all conflicts that are like this one by a rule in the same way, and do it."""
    review = screen.review
    assert review is not None
    conflict = review.conflict
    assert conflict is not None
    if review.whole is None and review.open_fields:
        screen.say(_("First choose for every field here; then a takes the same for all like it."), "warn")
        return
    action = review.whole or review.decision()
    choices = review.choices(action)
    if any(not isinstance(choice, str) for choice in choices.values()):
        screen.say(_("A text of your own holds for this record only."), "warn")
        return
    others = rules.like(screen.session.held, conflict, rule)
    if rule != "fields" and action == "merge":
        screen.say(_("Where other fields differ, take one side for all: 1 or 2 for every field."), "warn")
        return
    if not others:
        screen.say(_("No other undecided conflict differs in the same fields and is as likely."), "warn")
        return
    text = alike_text(screen, conflict, action, choices, others, rule)
    yes = ngettext("decide {count:,}", "decide {count:,}", len(others) + 1).format(count=len(others) + 1)

    def answered(said: bool) -> None:
        if said:
            _decide(screen, conflict, others, action, choices)

    screen.ask(Question(text, yes, _("only look"), answered, key="enter"))


def alike_text(
    screen: ReviewScreen,
    conflict: Conflict,
    action: DecisionAction,
    choices: Mapping[str, Any],
    others: Sequence[int],
    rule: Rule = "fields",
) -> str:
    """Return the question: what is decided, for how many, and the first of them by name."""
    names = sample_text(screen, others)
    if rule != "fields":
        text = ngettext(
            "{what} for this and {count:,} other ({names})?",
            "{what} for this and {count:,} others ({names})?",
            len(others),
        )
        return text.format(what=action_text(action, choices), count=len(others), names=names)
    fields = ", ".join(field_label(name).lower() for name in conflict.differs)
    text = ngettext(
        "{what} for this and {count:,} other that differs in {fields}, as likely as this ({names})?",
        "{what} for this and {count:,} others that differ in {fields}, as likely as this ({names})?",
        len(others),
    )
    return text.format(what=action_text(action, choices), count=len(others), fields=fields, names=names)


def sample_text(screen: ReviewScreen, numbers: Sequence[int]) -> str:
    """Return the first of several conflicts by name."""
    names = []
    for number in numbers[:_NAMED]:
        row = preview.record(screen.session.held, number)
        if row is not None:
            names.append(f"{row.country} {row.entry}")
    if len(numbers) > _NAMED:
        names.append(glyphs().more)
    return ", ".join(names)


def _decide(
    screen: ReviewScreen,
    conflict: Conflict,
    others: Sequence[int],
    action: DecisionAction,
    choices: Mapping[str, Any],
) -> None:
    def do(store: Store, report: Report, cancelled: Stop) -> int:
        held = screen.session.held
        return deciding.decide_alike(
            held, store, conflict, others, action, choices, report=report, cancelled=cancelled
        )

    screen.work(_("Deciding"), do, screen.decided_many)
