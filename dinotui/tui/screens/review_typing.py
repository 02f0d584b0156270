"""Typing a value of one's own for a field of the conflict in sight, checked before it is taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dinotui.engine.importing import deciding
from dinotui.locale import N_, _
from dinotui.tui.review_choices import result_text, value_of
from dinotui.tui.rows import FIELD_LABELS, field_label
from dinotui.tui.screens.import_choice import AskScreen
from dinotui.tui.widgets.form import Field

if TYPE_CHECKING:
    from dinotui.tui.screens.review import ReviewScreen


def ask_value(screen: ReviewScreen) -> None:
    """Ask for the value of the field under the cursor, beginning with what RESULT shows, else the incoming one."""
    review = screen.review
    conflict = review.conflict if review else None
    if review is None or conflict is None or not review.cursor:
        return
    name = review.cursor
    choice = review.chosen.choices.get(name)
    if choice is None:
        begun = value_of(conflict.incoming, name) or value_of(conflict.existing, name)
    else:
        begun = result_text(conflict, name, choice)

    def check(values: Mapping[str, str]) -> dict[str, str]:
        _result, errors = deciding.outcome_of(conflict, "merge", {name: {"text": values["value"]}})
        fault = next((problem.message for problem in errors if problem.field == name), "")
        return {"value": fault} if fault else {}

    def typed(values: Mapping[str, str] | None) -> None:
        if values is not None:
            screen.choose({"text": values["value"]})

    text = N_("The value that the trip gets for this field:")
    field = Field("value", FIELD_LABELS.get(name, name), begun)
    screen.dino.push_screen(AskScreen(lambda: field_label(name), lambda: _(text), [field], check), typed)
